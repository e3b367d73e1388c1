// HTML from the clipboard as Markdown. It is read as a document that shows
// nothing, runs nothing and loads nothing.
const dropped = /^(STYLE|SCRIPT|TITLE|META|LINK|XML|NOSCRIPT|TEMPLATE|SVG|OBJECT|IFRAME|BUTTON|SELECT|TEXTAREA|INPUT|COL|COLGROUP|VIDEO|AUDIO|CANVAS|MATH)$/i;
const blocky = /^(P|DIV|H[1-6]|UL|OL|LI|TABLE|BLOCKQUOTE|PRE|HR|SECTION|ARTICLE|HEADER|FOOTER|MAIN|NAV|ASIDE|FIGURE|FIGCAPTION|DL|DT|DD|ADDRESS|CENTER|FORM|FIELDSET|LEGEND|DETAILS|SUMMARY|CAPTION|TR|TD|TH|TBODY|THEAD|TFOOT|BODY|HTML)$/;
const raised = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹", "+": "⁺", "-": "⁻", "−": "⁻", n: "ⁿ" };
const lowered = { 0: "₀", 1: "₁", 2: "₂", 3: "₃", 4: "₄", 5: "₅", 6: "₆", 7: "₇", 8: "₈", 9: "₉", "+": "₊", "-": "₋", "−": "₋" };

// spaces makes white space plain. A space that holds a number and its unit
// together stays; others of its kind are Word's way to draw.
const spaces = (t) => t.replace(/[\u00AD\u200B\u2060\uFEFF\uFFFC]/g, "").replace(/[\t\n\f\r ]+/g, " ").replace(/[ \u00A0\u2007\u202F]*[\u00A0\u2007\u202F][ \u00A0\u2007\u202F]*/g, (c, at, all) => {
  const before = all[at - 1] || " ", after = all[at + c.length] || " ";
  return c.length === 1 && (/\d/.test(before) && /[\p{L}\p{N}%°]/u.test(after) || /[\p{L}.]/u.test(before) && /\d/.test(after)) ? "\u00A0" : " ";
});

// toMarkdown gives the Markdown of a piece of HTML, whether it is more than
// words within a line, and how many pictures were left out.
const toMarkdown = (html) => {
  // The page's policy would complain of each style and handler it leaves alone.
  const calm = (tag) => tag.replace(/\sstyle\s*=/gi, " data-look=").replace(/\s(?=on\w+\s*=)/gi, " data-");
  const doc = new DOMParser().parseFromString(html.replace(/<style\b[^]*?<\/style>/gi, "").replace(/<[a-z][^>]*>/gi, calm), "text/html");
  const word = /urn:schemas-microsoft-com|class=["']?Mso/i.test(html);
  let left = 0;

  const look = (node) => node.getAttribute("data-look") || "";
  const unseen = (node) => dropped.test(node.nodeName) || node.hidden || /display:\s*none|mso-hide:\s*all|mso-element:\s*comment/i.test(look(node))
    || /MsoComment/.test(node.className) || word && node.nodeName === "DEL";
  const exists = (name) => doc.getElementById(name) || doc.getElementsByName(name)[0];

  // read gives the blocks of what is in a node: {kind, t, ...}.
  const read = (root, base = {}) => {
    const blocks = [];
    let runs = [], item = null; // of the paragraph, and the list's item it stands in

    const flush = (more = { kind: "p" }) => {
      const t = written(runs).split("\n").map((line) => line.trim()).join("\n").trim();
      runs = [];
      if (!t) return;
      if (!item) blocks.push({ ...more, t });
      else if (item.t) item.t += "\n" + t;
      else {
        item.t = t;
        blocks.push(item);
      }
    };
    const push = (t, looks) => {
      const last = runs.at(-1);
      if (!last || /\s$/.test(last.t)) t = t.replace(/^ +/, "");
      if (!t) return;
      const same = last && !last.raw && !looks.raw && ["bold", "italic", "strike", "to"].every((key) => last[key] === looks[key]);
      if (same) last.t += t;
      else runs.push({ ...looks, t });
    };
    const lineBreak = (looks) => {
      const last = runs.at(-1);
      if (last?.t.endsWith("\n")) flush(); // two of them part paragraphs
      else if (last) push("\n", { ...looks, to: last.to });
      else blocks.push({ kind: "gap" });
    };

    const inside = (node, looks) => node.childNodes.forEach((child) => walk(child, looks));
    const apart = (node, looks, more) => {
      flush();
      inside(node, looks);
      flush(more);
    };

    const picture = (node, looks) => {
      const alt = spaces(node.getAttribute("alt") || "").trim();
      const at = URL.parse?.(node.getAttribute("src") || "", location.href); // a browser without it leaves the picture out
      const own = at?.origin === location.origin && /^(\/pictures\/[\w-]+)(\/\d+)?$/.exec(at.pathname); // in some size
      if (own) push("\uFFFC", { ...looks, raw: "![" + alt.replace(/[[\]\\]/g, "") + "](" + own[1] + ")" });
      else if (/^\p{Extended_Pictographic}/u.test(alt)) push(alt, looks);
      else if (node.getAttribute("width") !== "1") left++;
    };

    const anchor = (node, looks) => {
      const to = node.getAttribute("href") || "";
      if (/^#.*(ftn|footnote|edn|endnote|cite|sdfoot|sdend)/i.test(to)) { // a note's mark, if the note is here
        const t = node.textContent.replace(/[[\]\s]/g, "");
        if (exists(to.slice(1)) && t) push("[" + t + "]" + (runs.length ? "" : " "), looks);
        return;
      }
      let full = "";
      if (/^(https?:|mailto:|tel:)/i.test(to)) full = to;
      inside(node, full ? { ...looks, to: full } : looks);
    };

    const small = (node, looks, signs) => {
      const t = node.textContent.trim();
      if (node.querySelector("a, img")) inside(node, looks);
      else if (t && [...t].every((c) => signs[c])) push([...t].map((c) => signs[c]).join(""), looks);
      else if (t && signs === raised && !/^(st|nd|rd|th|®|™|©)$/i.test(t)) push("^(" + t + ")", looks);
      else inside(node, looks);
    };

    // Word's lists are paragraphs that say so in their style; what is counted
    // stands in the text.
    const listed = (node, looks) => {
      const level = /mso-list:[^;]*\blevel(\d)/i.exec(look(node));
      if (!level || /^H\d/.test(node.nodeName)) return false;
      const sign = node.querySelector('[data-look*="mso-list:Ignore" i]');
      const t = sign ? sign.textContent.replace(/\s/g, "") : "";
      sign?.remove();
      flush();
      const was = item;
      item = { kind: "li", depth: level[1] - 1, counted: /\d|^\(?[a-z]{1,5}[.)]$/i.test(t), n: +(/(\d+)[.)\]]*$/.exec(t)?.[1] || 0), t: "" };
      inside(node, looks);
      flush();
      item = was;
      return true;
    };

    const list = (node, looks) => {
      flush();
      const was = item, counted = node.nodeName === "OL";
      let n = counted ? +(node.getAttribute("start") || 1) : 0;
      for (const child of node.childNodes) {
        if (child.nodeName !== "LI") {
          walk(child, { ...looks, depth: (looks.depth || 0) + 1 }); // a list within a list, as Google Docs writes it
          continue;
        }
        if (unseen(child)) continue;
        const level = +(child.getAttribute("data-aria-level") || child.getAttribute("aria-level") || 0);
        n = counted ? +(child.getAttribute("value") || n) : 0;
        item = { kind: "li", depth: level ? level - 1 : looks.depth || 0, counted, n, t: "" };
        inside(child, { ...looks, depth: (level || (looks.depth || 0) + 1) });
        flush();
        if (counted) n++;
      }
      item = was;
    };

    const table = (node, looks) => {
      flush();
      const rows = [...node.rows].filter((row) => row.closest("table") === node && !unseen(row) && !(row.parentNode !== node && unseen(row.parentNode)));
      const wide = Math.max(0, ...rows.map((row) => [...row.cells].reduce((sum, cell) => sum + Math.min(cell.colSpan, 100), 0)));
      const caption = node.caption;
      if (caption) apart(caption, looks);
      if (wide < 2 || node.querySelector("table")) { // made for looks
        rows.forEach((row) => [...row.cells].forEach((cell) => apart(cell, looks, { kind: "p", line: true })));
        return;
      }
      const { above, t } = tabled(grid(rows));
      above.forEach((line) => blocks.push({ kind: "p", t: line }));
      if (t) blocks.push({ kind: "raw", t });
      item = null;
    };

    // sideOf is where the words of a cell stand.
    const sideOf = (cell) => {
      for (const node of [cell, cell.querySelector('[align], [data-look*="text-align"]')]) {
        const side = node && (node.getAttribute("align") || /text-align:\s*(\w+)/i.exec(look(node))?.[1]);
        if (/^(right|center)$/i.test(side)) return side.toLowerCase();
      }
    };

    // grid puts each cell where it is seen: one over several rows says the same
    // in each, one over several columns in the first, a heading in all.
    const grid = (rows) => {
      const cells = rows.map(() => []);
      rows.forEach((row, y) => {
        let x = 0;
        for (const cell of row.cells) {
          while (cells[y][x]) x++;
          const t = flat(read(cell, { flat: true })), side = sideOf(cell);
          const wide = Math.min(cell.colSpan, 100), high = Math.min(cell.rowSpan || rows.length, rows.length - y);
          for (let down = 0; down < high; down++) {
            for (let on = 0; on < wide; on++) cells[y + down][x + on] = { t: on && y ? "" : t, side, wide };
          }
        }
      });
      return cells;
    };

    const walk = (node, looks) => {
      if (node.nodeType === Node.TEXT_NODE) {
        push(spaces(node.data), looks);
        return;
      }
      if (node.nodeType !== Node.ELEMENT_NODE || unseen(node)) return;
      const name = node.nodeName, style = look(node), now = { ...looks };
      if (/^(B|STRONG)$/.test(name) || /(^|[;\s])font-weight:\s*(bold|[6-9]00)/i.test(style)) now.bold = true;
      if (/(^|[;\s])font-weight:\s*(normal|[1-5]00)/i.test(style)) now.bold = false;
      if (/^(I|EM|CITE)$/.test(name) || /(^|[;\s])font-style:\s*italic/i.test(style)) now.italic = true;
      if (/(^|[;\s])font-style:\s*normal/i.test(style)) now.italic = false;
      if (/^(S|STRIKE|DEL)$/.test(name) || /(^|[;\s])text-decoration[^;]*line-through/i.test(style)) now.strike = true;
      if (now.calm) now.bold = now.italic = false;
      for (const key of ["bold", "italic", "strike"]) now[key] ||= false;

      const level = /^H([1-6])$/.exec(name)?.[1] || (/^MsoTitle$/.test(node.className) ? 1 : 0);
      if (name === "BR") lineBreak(now);
      else if (name === "IMG") picture(node, now);
      else if (name === "A") anchor(node, now);
      else if (name === "SUP") small(node, now, raised);
      else if (name === "SUB") small(node, now, lowered);
      else if (name === "UL" || name === "OL") list(node, now);
      else if (name === "TABLE") table(node, now);
      else if (listed(node, now)) return;
      else if (level && !item && !base.flat) apart(node, { ...now, bold: false, italic: false, calm: true }, { kind: "h", level: +level });
      else if (name === "HR") {
        flush();
        if (!word && !base.flat) blocks.push({ kind: "raw", t: "---" });
      } else if (name === "PRE" && !base.flat) {
        flush();
        if (node.textContent.trim()) blocks.push({ kind: "raw", t: "```\n" + node.textContent.replace(/\n+$/, "").replaceAll("```", "'''") + "\n```" });
      } else if (name === "BLOCKQUOTE" && !base.flat) {
        flush();
        const t = render(read(node));
        if (t) blocks.push({ kind: "raw", t: t.replace(/^/gm, "> ").replace(/^> $/gm, ">") });
      } else if (name === "DIV" && !node.textContent.trim() && !node.querySelector("img")) {
        flush();
        blocks.push({ kind: "gap" });
      } else if (blocky.test(name)) apart(node, now, { kind: "p", line: name === "DIV" });
      else inside(node, now);
    };

    inside(root, { bold: false, italic: false, strike: false, to: undefined });
    flush();
    return blocks;
  };

  const blocks = read(doc.body);
  return { markdown: render(blocks), block: blocks.some((block) => !/^(p|gap)$/.test(block.kind)) || blocks.filter((block) => block.t).length > 1, left };
};

// flat writes blocks into one cell of a table.
const flat = (blocks) => blocks.filter((block) => block.t).flatMap((block) => ((block.counted && block.n ? block.n + ". " : "") + block.t).split("\n")).map((line) => line.trim()).filter(Boolean)
  .reduce((all, line) => all + (!all ? "" : /[.,;:!?]$/.test(all) ? " " : "; ") + line, "").replace(/\|/g, "\\|");

// tabled writes a grid as a table. What stands alone over its whole width, as a
// title does, comes above it; empty rows and columns go.
const tabled = (cells) => {
  const above = [];
  cells = cells.filter((row) => row.some((cell) => cell?.t));
  let wide = Math.max(0, ...cells.map((row) => row.length));
  while (cells.length > 1 && cells[0][0]?.t && cells[0][0].wide >= wide) above.push(cells.shift()[0].t);
  const used = [...Array(wide).keys()].filter((x) => cells.some((row) => row[x]?.t));
  if (!cells.length) return { above, t: "" };
  if (used.length < 2) return { above: [...above, cells.map((row) => row[used[0]].t).join("\n")], t: "" };
  const sides = used.map((x) => {
    const seen = new Set(cells.slice(1).filter((row) => row[x]?.t).map((row) => row[x].side));
    const [side] = seen;
    return seen.size === 1 && side ? (side === "right" ? "--:" : ":-:") : "---";
  });
  const rows = cells.map((row, y) => used.map((x) => y ? row[x]?.t || "" : (row[x]?.t || "").replace(/^\*\*((?:[^*\\]|\\.)*)\*\*$/, "$1")));
  return { above, t: tableOf(rows, sides) };
};

// render writes blocks one under the other.
const render = (blocks) => {
  let out = "", lists = [], last = null;
  for (const block of blocks) {
    if (block.kind === "gap") {
      if (last?.line) last = { ...last, line: false };
      continue;
    }
    let t = block.t, tight = false;
    if (block.kind === "li") {
      const depth = Math.min(block.depth, lists.length), was = lists[depth];
      const on = was && was.counted === block.counted && (!block.n || block.n === was.n + 1);
      const now = { counted: block.counted, n: block.n || (on ? was.n + 1 : 1), end: was && was.counted === block.counted && !on ? (was.end === "." ? ")" : ".") : was?.end || "." };
      const indent = depth ? lists[depth - 1].indent : 0, sign = block.counted ? now.n + now.end + " " : "- ";
      now.indent = indent + sign.length;
      tight = last?.kind === "li" && (depth > 0 || on) && !(block.counted && now.n !== 1 && depth >= lists.length);
      lists = [...lists.slice(0, depth), now];
      t = " ".repeat(indent) + sign + t.split("\n").map(escapeStart).join("\n" + " ".repeat(now.indent));
    } else {
      lists = [];
      tight = block.line && last?.line;
      if (block.kind === "h") t = "#".repeat(Math.min(6, block.level + 1)) + " " + t.replace(/\n/g, " ");
      else if (block.kind === "p") t = t.split("\n").map(escapeStart).join("\n");
    }
    out += (out ? (tight ? "\n" : "\n\n") : "") + t;
    last = block;
  }
  return out;
};
