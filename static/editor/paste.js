// Paste from Word, a sheet or a web page becomes Markdown. What is pasted as
// plain text (Ctrl+Shift+V) comes without HTML and stays as it is.
if (text) text.addEventListener("paste", (e) => {
  const html = e.clipboardData.getData("text/html");
  const files = e.clipboardData.files.length;
  if (!html && !files || html.length > 3e6) return;
  e.preventDefault();
  const { markdown, block, left } = html ? toMarkdown(html) : { markdown: "", left: files };
  if (markdown) {
    if (block) replaceBlock(markdown);
    else replace(text.selectionStart, text.selectionEnd, markdown);
  }
  say(!left ? "" : (left === 1 ? "1 picture was left out; add it" : left + " pictures were left out; add them") + " under “Files and pictures”.");
});
