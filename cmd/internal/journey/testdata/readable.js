() => {
	const problems = [];
	const say = (text, node) => problems.push(text + ": " + (node.textContent || "").trim().slice(0, 60));
	const wide = document.documentElement.scrollWidth - innerWidth;
	if (wide > 0) problems.push(`the page is ${wide} pixels too wide`);

	const hidden = (e) => e.closest(".sr, .scroll") || getComputedStyle(e).visibility === "hidden";
	const texts = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const node = walk.currentNode, e = node.parentElement;
		if (!node.data.trim() || hidden(e)) continue;
		const range = document.createRange();
		range.selectNodeContents(node);
		const boxes = [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
		if (!boxes.length) continue;
		texts.push({ node, e, boxes });
		if (parseFloat(getComputedStyle(e).fontSize) < 14) say("text smaller than 14 pixels", node);
		if (!e.matches(".skip") && boxes.some((r) => r.left < 4 || r.right > innerWidth - 4)) say("text at the window's edge", node);
	}
	for (let i = 0; i < texts.length; i++) {
		for (let j = i + 1; j < texts.length; j++) {
			const over = texts[i].boxes.some((a) => texts[j].boxes.some((b) =>
				Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4));
			if (over) say("it lies over “" + texts[i].node.data.trim().slice(0, 40) + "”", texts[j].node);
		}
		const first = texts[i].boxes[0], before = i && texts[i - 1].boxes[0];
		if (before && first.bottom < before.top) say("it stands above what comes before it", texts[i].node);
	}
	for (const section of document.querySelectorAll("main section")) {
		const before = section.previousElementSibling;
		if (before && section.getBoundingClientRect().top - before.getBoundingClientRect().bottom < 16) say("no room before this section", section);
	}
	for (const link of document.querySelectorAll("main a[href]")) {
		if (!link.textContent.trim() || hidden(link)) continue;
		const own = getComputedStyle(link), around = getComputedStyle(link.parentElement);
		if (!own.textDecorationLine.includes("underline") && own.color === around.color && own.borderStyle === "none") say("a link like its text", link);
	}
	return problems;
}
