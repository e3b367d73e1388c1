(target) => {
	const shown = (e) => [...e.getClientRects()].some((r) => r.width > 0 && r.height > 0)
		&& getComputedStyle(e).visibility !== "hidden";
	const plain = (s) => (s || "").replace(/\s+/g, " ").trim();
	const says = (e) => [e.innerText, e.value, e.getAttribute("aria-label")].map(plain);

	let found = [];
	try {
		found = [...document.querySelectorAll(target)];
	} catch {
		// Not a selector: a text.
	}
	const hidden = found.length > 0;
	if (!found.some(shown)) {
		const parts = [...document.querySelectorAll("a, button, summary, label, input[type=submit], [role=button], [role=tab]")];
		found = parts.filter((e) => says(e).includes(plain(target)));
		if (!found.some(shown)) found = parts.filter((e) => says(e).some((s) => s.includes(plain(target))));
	}
	const e = found.find(shown);
	if (!e) return { Problem: hidden || found.length ? "it is not visible" : "it is not on the page" };

	e.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
	const r = [...e.getClientRects()].find((r) => r.width > 0 && r.height > 0);
	const x = r.x + r.width / 2, y = r.y + r.height / 2;
	const hit = document.elementFromPoint(x, y);
	if (!hit) return { Problem: "it cannot be scrolled into the window" };
	if (!e.contains(hit) && !hit.contains(e) && !(e.labels && [...e.labels].some((l) => l.contains(hit))))
		return { Problem: "it is covered by " + hit.outerHTML.slice(0, 120) };
	return { X: x, Y: y, Problem: "" };
}
