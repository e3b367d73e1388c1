// Words as Markdown: what would mean something else is escaped; bold, italic,
// struck through and links become marks. A run is a piece of text with its
// looks: {t, bold, italic, strike, to}, or {raw}, which is Markdown already.
const written = (runs) => {
  let all = "";
  const owner = []; // the run of each sign
  for (const run of runs) {
    const t = run.raw ? "\uFFFC" : run.t;
    all += t;
    for (let n = t.length; n; n--) owner.push(run);
  }
  const out = escaped(all, owner);
  let text = "";
  for (let from = 0, to = 0; from < all.length; from = to) {
    const { to: address } = owner[from];
    while (to < all.length && owner[to].to === address) to++;
    style(all, owner, out, from, to);
    const [, before, label, after] = /^(\s*)([^]*?)(\s*)$/.exec(out.slice(from, to).join(""));
    const plain = all.slice(from, to).trim();
    if (!address || !label) text += before + label + after;
    else if (itself(plain, address) && /(^|[\s(])$/.test(text + before)) text += before + plain + after;
    else text += before.replace(/^$/, () => text.endsWith("!") ? "\u2060" : "") + "[" + label.replace(/\n/g, " ") + "](" + inLink(address) + ")" + after;
  }
  return text.replace(/!\u2060/g, "\\!"); // with a link it would be a picture
};

// An address by itself is a link without marks.
const web = /(?:https?:\/\/|www\.)[-\w@:%.+~#=]+\.[a-z]+(?::\d+)?(?:[/#?][-\w@:%+.~#$!?&/=(),'^{}]*)?/g;
const itself = (plain, to) => (plain === to || plain + "/" === to) && new RegExp("^" + web.source + "$").test(plain) && /[\w/]$/.test(plain) || "mailto:" + plain === to && /^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(plain);
const inLink = (to) => to.replace(/[\s()<>\\|]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

// escaped gives each sign, with a backslash where it would mean something.
const escaped = (all, owner) => {
  const out = all.split("").map((c, at) => owner[at].raw || c);
  const put = (signs, means) => {
    for (const { index: at } of all.matchAll(signs)) if (means(all[at - 1] || "", all[at + 1] || "", owner[at])) out[at] = "\\" + all[at];
  };
  const inWord = /[\p{L}\p{N}]/u;
  put(/[*`~]/g, (before, after) => before !== " " || after !== " ");
  put(/_/g, (before, after) => !inWord.test(before) || !inWord.test(after));
  put(/\\/g, () => true);
  put(/[[\]]/g, (_, after, run) => run.to);
  put(/\]/g, (_, after) => /[[(:]/.test(after));
  put(/</g, (_, after) => /[a-z/!?]/i.test(after));
  put(/&(?=#?\w+;)/g, () => true);
  for (const { index: at, 0: found } of all.matchAll(web)) {
    const length = found.replace(/[?!.,:_~)]+$/, "").length;
    if (owner[at].to || !/^[\s(]?$/.test(all[at - 1] || "")) continue;
    for (let n = at; n < at + length; n++) out[n] = all[n]; // its signs mean nothing else
  }
  return out;
};

// style puts marks around words. A word has one look, that of its first letter:
// marks within a word, or between a word and a sign, often do not work.
const style = (all, owner, out, from, to) => {
  const marks = (at) => [owner[at].strike && "~~", owner[at].bold && "**", owner[at].italic && "*"].filter(Boolean);
  const open = [];
  let end; // where what closes stands
  const close = (keep) => {
    while (open.length > keep) out[end - 1] += open.pop();
  };
  for (const { index, 0: word } of all.slice(from, to).matchAll(/\S+/g)) {
    const [, lead, core, trail] = /^([\p{P}\p{S}]*)(.*?)([\p{P}\p{S}]*)$/su.exec(word);
    if (!core) continue;
    const at = from + index, start = at + lead.length, last = at + word.length;
    const want = marks(start), alike = (n) => marks(n).join() === want.join();
    let same = 0;
    while (same < open.length && open[same] === want[same]) same++;
    close(same);
    const first = lead && alike(at) ? at : start;
    out[first] = want.slice(same).join("") + out[first];
    open.push(...want.slice(same));
    end = trail && alike(last - 1) ? last : last - trail.length;
  }
  close(0);
};

// escapeStart escapes what means something at the start of a line.
const escapeStart = (line) => line
  .replace(/^(?=#{1,6}(\s|$)|>|[-+](\s|$)|[-=]+\s*$|\||:-)/, "\\")
  .replace(/^(\d{1,9})(?=[.)](\s|$))/, "$1\\");
