() => {
	const problems = [];
	const say = (text, e) => problems.push(text + ": " + e.textContent.trim().slice(0, 60));
	// linesOf counts the characters of each line of a block of text.
	const linesOf = (block) => {
		const lines = [], range = document.createRange();
		const walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
		let last = null;
		while (walk.nextNode()) {
			const node = walk.currentNode;
			if (!node.parentElement.checkVisibility() || node.parentElement.closest(".sr")) continue;
			for (const word of node.data.matchAll(/\S+/g)) {
				range.setStart(node, word.index);
				range.setEnd(node, word.index + word[0].length);
				const box = range.getClientRects()[0];
				if (!box || box.width < 1) continue;
				if (last && box.left > last.left && Math.abs(box.bottom - last.bottom) < box.height) lines[lines.length - 1] += 1 + word[0].length;
				else lines.push(word[0].length);
				last = box;
			}
		}
		return lines;
	};
	for (const e of document.querySelectorAll("main :is(p, li, dd, blockquote, figcaption)")) {
		if (e.querySelector("p, ul, ol, dl, div, table, form") || e.closest(".scroll, .sr, table") || !e.checkVisibility()) continue;
		const lines = linesOf(e), longest = Math.max(0, ...lines);
		if (longest > 80) say(`a line of ${longest} characters`, e);
		const full = lines.slice(0, -1);
		if (full.length > 1 && e.parentElement.matches(".prose")) {
			const mean = full.reduce((sum, n) => sum + n, 0) / full.length;
			if (mean < 45 || mean > 75) say(`lines of ${Math.round(mean)} characters on average`, e);
		}
	}
	return problems;
}
