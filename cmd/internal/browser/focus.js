() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return { Text: "" };
	const plain = (s) => (s || "").replace(/\s+/g, " ").trim();
	const label = e.labels && e.labels[0] && e.labels[0].textContent;
	const text = plain(e.innerText || label || e.getAttribute("aria-label") || e.value || e.name || e.id || e.tagName);
	const style = getComputedStyle(e);
	const within = !e.matches(":focus") && e.matches(":focus-within"); // on a part of the browser's own, such as a calendar's button, around which it draws a ring
	const drawn = within || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
		&& !/^(transparent|rgba\(.*, 0\))$/.test(style.outlineColor);
	const r = [...e.getClientRects()].find((r) => r.width > 0 && r.height > 0);
	const spot = { Text: text, Tag: e.localName, Ring: drawn, Over: "" };
	if (!r) return { ...spot, Over: "it has no size" };
	const x = r.x + r.width / 2, y = r.y + r.height / 2;
	const hit = document.elementFromPoint(x, y);
	if (!hit) spot.Over = `it is outside the window, at ${Math.round(x)}, ${Math.round(y)}`;
	else if (hit !== e && !e.contains(hit)) spot.Over = hit.outerHTML.slice(0, 120);
	return spot;
}
