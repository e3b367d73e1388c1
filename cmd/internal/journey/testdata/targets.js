() => {
	const problems = [];
	const wide = document.documentElement.scrollWidth - innerWidth;
	if (wide > 0) problems.push(`the page is ${wide} pixels too wide`);
	const block = (e) => { while (getComputedStyle(e).display.startsWith("inline") && getComputedStyle(e).display === "inline") e = e.parentElement; return e };
	for (const e of document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")) {
		const style = getComputedStyle(e);
		let boxes = [...e.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
		if (!boxes.length || style.visibility === "hidden" || e.matches(".skip")) continue;
		const around = e.localName === "a" && style.display === "inline" ? block(e.parentElement) : null;
		if (around && around.textContent.trim().length > e.textContent.trim().length) continue; // inside a sentence
		for (const label of e.labels || []) if (e.matches("[type=checkbox], [type=radio]")) boxes = boxes.concat([...label.getClientRects()]);
		const high = Math.max(...boxes.map((r) => r.bottom)) - Math.min(...boxes.map((r) => r.top));
		const broad = Math.max(...boxes.map((r) => r.right)) - Math.min(...boxes.map((r) => r.left));
		if (high < 43.5 || broad < 43.5) problems.push(`${Math.round(broad)} by ${Math.round(high)} pixels: ${e.outerHTML.slice(0, 90)}`);
	}
	const broad = (e) => e.getBoundingClientRect().width;
	for (const row of document.querySelectorAll("main .list li")) {
		const title = row.querySelector(":scope > .t");
		if (title && title.checkVisibility() && broad(title) < 0.7 * broad(row)) problems.push(`a title of ${Math.round(broad(title))} pixels in a row of ${Math.round(broad(row))}: ${title.textContent.trim().slice(0, 60)}`);
	}
	return problems;
}
