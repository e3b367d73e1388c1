// The editor's script improves a form that works without it: buttons that shape
// the text, paste from Word and the web, drafts kept on the way, and the
// audience counted as it is chosen. This part is what the others stand on: the
// form, its text, and a way to change it that Ctrl+Z takes back.
const form = document.querySelector("form[data-editor]");
if (!form) return;
const text = document.getElementById("body"); // a quick link has none
const said = document.getElementById("said");
const say = (words) => {
  if (said) said.textContent = words;
};

// ask posts fields to the form's own address and wants to be told in JSON.
const ask = async (fields, signal) => {
  const body = new URLSearchParams(fields);
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST", body, signal, headers: { Accept: "application/json" }, keepalive: body.toString().length < 60000,
  });
  const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
  return { status: answer.status, told };
};

// filled are the form's fields as they would be sent, but for files.
const filled = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");

// replace puts words where the text from one place to another was, as if they
// were typed, and selects part of them.
const replace = (from, to, words, start = words.length, end = start) => {
  text.focus();
  text.setSelectionRange(from, to);
  if (text.value.slice(from, to) !== words && !document.execCommand(words ? "insertText" : "delete", false, words)) {
    text.setRangeText(words, from, to, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  text.setSelectionRange(from + start, from + end);
};

// replaceBlock puts a block of Markdown at the selection, with the empty lines
// that it needs; start and end count within the block.
const replaceBlock = (block, start = block.length, end = start) => {
  const before = text.value.slice(0, text.selectionStart), after = text.value.slice(text.selectionEnd);
  const above = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = !after || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  replace(before.length, text.selectionEnd, above + block + below, above.length + start, above.length + end);
};

// tableOf writes rows as a table of Markdown; the first one is its head.
const tableOf = ([head, ...rows], sides = []) => {
  const row = (cells) => "| " + cells.join(" | ") + " |";
  return [row(head), "|" + head.map((_, i) => sides[i] || "---").join("|") + "|", ...rows.map(row)].join("\n");
};
