// The audience is counted anew when a tick changes, a moment after the last.
const audience = document.getElementById("audience"), counted = document.getElementById("counted");
let soon, counting;
const paragraph = (name, words) => {
  const p = document.createElement("p");
  p.className = name;
  p.textContent = words;
  return p;
};
const count = async () => {
  counting?.abort();
  const mine = counting = new AbortController();
  const fields = filled().filter(([name]) => /^(tag|to|groups|group-.*)$/.test(name));
  try {
    const { told } = await ask([...fields, ["do", "count"]], mine.signal);
    const words = [told.count && paragraph("strong", told.count), told.lacking && paragraph("meta", told.lacking), told.error && paragraph("meta", told.error)];
    if (mine === counting) counted.replaceChildren(...words.filter(Boolean));
  } catch {
    if (mine === counting) counted.replaceChildren(); // the button still counts
  }
};
if (counted) audience.addEventListener("change", () => {
  clearTimeout(soon);
  soon = setTimeout(count, 500);
});
