// The buttons above the text, and its shortcuts.
const marker = /^(\s*)((?:[-*+]|\d+[.)]|#{1,6}) +)?(.*)$/; // indent, what makes it a list or a heading, the rest

const lineStart = (at) => at ? text.value.lastIndexOf("\n", at - 1) + 1 : 0;

// lines are where the lines of the selection begin and end.
const lines = () => {
  const all = text.value;
  let { selectionStart: from, selectionEnd: to } = text;
  if (to > from && all[to - 1] === "\n") to--;
  const end = all.indexOf("\n", to);
  return [lineStart(from), end < 0 ? all.length : end];
};

// bold makes the selection, or the word at the caret, bold, or plain again.
const bold = () => {
  const all = text.value, word = /[\p{L}\p{M}\p{N}'’-]/u;
  let { selectionStart: from, selectionEnd: to } = text;
  while (from < to && /\s/.test(all[from])) from++;
  while (to > from && /\s/.test(all[to - 1])) to--;
  if (from === to) {
    while (from && word.test(all[from - 1])) from--;
    while (to < all.length && word.test(all[to])) to++;
  }
  if (all.slice(0, from).endsWith("**") && all.startsWith("**", to)) {
    replace(from - 2, to + 2, all.slice(from, to), 0, to - from);
    return;
  }
  if (from === to) {
    replace(from, to, "****", 2);
    return;
  }
  const parts = all.slice(from, to).split("\n").map((line) => marker.exec(line));
  const full = parts.filter((part) => part[3].trim());
  const was = full.every((part) => /^\*\*.+\*\*$/.test(part[3].trim()));
  const words = parts.map(([line, indent, mark = "", rest]) => {
    const core = rest.trim().replaceAll("**", "");
    return core ? indent + mark + (was ? core : "**" + core + "**") : line;
  }).join("\n");
  replace(from, to, words, 0, words.length);
};

// mark gives each line of the selection its mark, which the given function
// finds; a second time takes it away. A list is parted from what follows.
const mark = (isOn, next, parted = true) => {
  const [from, to] = lines();
  const parts = text.value.slice(from, to).split("\n").map((line) => marker.exec(line));
  const some = parts.length === 1 ? parts : parts.filter((part) => part[3]);
  const off = some.every((part) => isOn(part[2] || ""));
  let n = 0;
  let words = parts.map((part) => some.includes(part) ? part[1] + (off ? next("", part[2]) : next(++n, part[2])) + part[3] : part[0]).join("\n");
  const end = words.length;
  if (!off && parted && /^\n[^\n]/.test(text.value.slice(to)) && !marker.exec(text.value.slice(to + 1).split("\n")[0])[2]) words += "\n"; // or the next line would belong to it
  replace(from, to, words, parts.length === 1 ? end : 0, end);
};

const heading = () => mark((m) => m === "### ", (on, was = "") => !on ? "" : was === "## " ? "### " : "## ", false);
const bullets = () => mark((m) => /^[-*+]/.test(m), (on) => on ? "- " : "");
const numbers = () => mark((m) => /^\d/.test(m), (n) => n ? n + ". " : "");

// table makes a table of what is selected, if its cells are parted by tabs, or
// an empty one.
const table = () => {
  const picked = text.value.slice(text.selectionStart, text.selectionEnd);
  if (picked.includes("\t")) {
    const rows = picked.split("\n").filter((line) => line.trim()).map((line) => line.replaceAll("|", "\\|").split("\t"));
    const wide = Math.max(...rows.map((row) => row.length));
    replaceBlock(tableOf(rows.map((row) => [...row, ...Array(wide - row.length).fill("")])));
    return;
  }
  text.setSelectionRange(text.selectionEnd, text.selectionEnd);
  replaceBlock(tableOf([["Heading", "Heading"], ["", ""], ["", ""]]), 2, 9);
};

// The address of a link is asked for in a small form of its own, between the
// buttons and the text.
const linking = document.getElementById("linking");
const [words, address] = linking ? linking.querySelectorAll("input") : [];
let spot; // where the link is to stand

const link = () => {
  let { selectionStart: from, selectionEnd: to, value: all } = text;
  const before = lineStart(from);
  words.value = all.slice(from, to).replace(/\s+/g, " ").trim();
  address.value = "";
  for (const found of all.slice(before).split("\n")[0].matchAll(/\[((?:[^\][\\]|\\.)*)\]\(([^()\s]*)\)/g)) {
    const start = before + found.index, end = start + found[0].length;
    if (start > from || end < to || all[start - 1] === "!") continue;
    [from, to, words.value, address.value] = [start, end, found[1].replace(/\\([[\]])/g, "$1"), found[2]]; // the caret is in this link
  }
  if (!address.value && /^(https?:\/\/|www\.)\S+$|^\S+@\S+\.\S+$/.test(words.value)) address.value = words.value;
  spot = [from, to];
  linking.hidden = false;
  (words.value ? address : words).focus();
};

const leaveLink = () => {
  linking.hidden = true;
  text.focus();
  text.setSelectionRange(...spot);
};

const putLink = () => {
  let to = address.value.trim();
  if (/^[^\s@/:]+@[^\s@/]+$/.test(to)) to = "mailto:" + to;
  else if (/^[^\s/:]+\.[^\s]+$/.test(to)) to = "https://" + to;
  to = to.replace(/[\s()<>\\]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  const shown = (words.value.trim() || address.value.trim()).replace(/[[\]]/g, "\\$&");
  linking.hidden = true;
  replace(...spot, to ? "[" + shown + "](" + to + ")" : words.value.trim());
};

// Pictures and files stand in a section of their own on the page, each with
// what puts it into the text.
const insertable = () => document.querySelector("[data-insert] [data-put], input[type=file]");
const picture = () => {
  const first = insertable();
  say(first ? "" : "There are no pictures yet. Save a draft first, then add them under “Files and pictures”.");
  first?.focus();
};
for (const row of text ? document.querySelectorAll("[data-insert]") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.dataset.put = "";
  button.append("Put into text");
  const name = /^!?\[(.*?)\]/.exec(row.dataset.insert)?.[1];
  if (name) button.setAttribute("aria-label", "Put into text: " + name);
  button.addEventListener("click", () => row.dataset.insert.startsWith("!") ? replaceBlock(row.dataset.insert) : replace(text.selectionStart, text.selectionEnd, row.dataset.insert));
  row.append(button);
}

// Enter goes on with a list; on an empty line of it, it ends the list.
const goOn = (e) => {
  const { selectionStart: at, selectionEnd, value: all } = text;
  const from = lineStart(at);
  const [, indent, list, rest] = marker.exec(all.slice(from, at)) || [];
  if (at !== selectionEnd || !list || list[0] === "#") return;
  e.preventDefault();
  if (!rest && /^(\n|$)/.test(all.slice(at))) replace(from, at, "");
  else replace(at, at, "\n" + indent + list.replace(/\d+/, (n) => +n + 1));
};

const tools = { bold, heading, bullets, numbers, link, table, picture };
const bar = document.getElementById("tools");
if (text && bar) {
  const buttons = [...bar.querySelectorAll("button")];
  const rove = (to) => buttons.forEach((button) => button.tabIndex = button === to ? 0 : -1);
  rove(buttons[0]);
  bar.classList.add("on");
  bar.addEventListener("focusin", (e) => rove(e.target));
  bar.addEventListener("click", (e) => tools[e.target.closest("button")?.value]?.());
  bar.addEventListener("keydown", (e) => {
    const at = buttons.indexOf(e.target), last = buttons.length - 1;
    const to = { ArrowRight: at < last ? at + 1 : 0, ArrowLeft: at > 0 ? at - 1 : last, Home: 0, End: last }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    buttons[to].focus();
  });
  text.addEventListener("keydown", (e) => {
    const plain = !e.altKey && !e.shiftKey && !e.isComposing;
    const tool = plain && (e.ctrlKey || e.metaKey) && { b: bold, k: link }[e.key.toLowerCase()];
    if (tool) {
      e.preventDefault();
      tool();
    } else if (plain && e.key === "Enter" && !e.ctrlKey && !e.metaKey) goOn(e);
  });
  linking.addEventListener("keydown", (e) => {
    if (e.key === "Escape") leaveLink();
    if (e.key !== "Enter" || e.target.tagName !== "INPUT") return;
    e.preventDefault(); // it would send the whole form
    putLink();
  });
  linking.addEventListener("click", (e) => ({ put: putLink, leave: leaveLink })[e.target.value]?.());
}
