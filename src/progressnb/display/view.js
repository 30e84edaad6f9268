// The panel of a run: draws the tree of folds/tree.py, and takes patches of it. No dependency, no build step, no markup
// from text. display/html.py draws the same elements, classes and texts without a script.

export const VERSION = "1";

// ---------------------------------------------------------------- patches

/** Returns the tree after these operations of folds/patch.py; what did not change is shared with the old tree. */
export function applyPatch(tree, ops) {
  return ops.reduce((whole, op) => change(whole, op[1], 0, op), tree);
}

function change(value, path, depth, op) {
  if (depth === path.length) return changed(value, op);
  const name = path[depth];
  if (!Object.hasOwn(value, name) && !(op[0] === "=" && depth === path.length - 1))
    throw new Error(`no ${path.join("/")} to patch`);
  if (op[0] === "-" && depth === path.length - 1) {
    const rest = { ...value };
    delete rest[name];
    return rest;
  }
  const copy = Array.isArray(value) ? value.slice() : { ...value };
  const item = change(Object.hasOwn(value, name) ? value[name] : undefined, path, depth + 1, op);
  // A plain assignment to "__proto__" would change the prototype.
  Object.defineProperty(copy, name, { value: item, writable: true, enumerable: true, configurable: true });
  return copy;
}

function changed(value, [kind, , first, remove, items]) {
  if (kind === "=") return first;
  if (kind === "+") return value + first;
  if (kind === "~") return value.toSpliced(first, remove, ...items);
  throw new Error(`unknown operation ${kind}`);
}

// ---------------------------------------------------------------- elements

// Controls, and bidirectional and invisible characters, which deceive a reader; `$` and `\`, which MathJax looks for.
/* eslint-disable no-control-regex */
const SPECIAL =
  /[$\\]|[\0-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\u{e0000}-\u{e0fff}]/gu;
const LINE_END = /\r\n|[\r\x0b\x0c\x85\u2028\u2029]/g;
/* eslint-enable no-control-regex */
const PROPERTIES = new Set(["style", "key", "same", "open", "force", "id"]);

/** Describes an element: its tag, classes, attributes (also `style`, `key`, `open`) and children, texts among them. */
const h = (tag, classes, properties, ...children) => ({ tag, classes, properties: properties ?? {}, children });

const text = (value) => (value == null ? "" : String(value));

/** Splits children into elements and runs of plain text; characters that deceive become signs, `$` is apart. */
function flat(children, into = []) {
  for (const child of children) {
    if (Array.isArray(child)) flat(child, into);
    else if (child && typeof child === "object") into.push(child);
    else if (child || child === 0) pieces(String(child).replace(LINE_END, "\n"), into);
  }
  return into;
}

function pieces(string, into) {
  const add = (piece) => {
    if (piece && typeof into.at(-1) === "string") into.push(into.pop() + piece);
    else if (piece) into.push(piece);
  };
  let last = 0;
  for (const { 0: found, index } of string.matchAll(SPECIAL)) {
    add(string.slice(last, index));
    const code = `U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    into.push(
      found === "$" || found === "\\" ? { tag: "span", raw: found } : { tag: "span", classes: "ctl", raw: code },
    );
    last = index + found.length;
  }
  add(string.slice(last));
}

/** What was drawn last, by element. */
const drawn = new WeakMap();

function fits(node, wanted) {
  if (!node) return false;
  if (typeof wanted === "string") return node.nodeType === 3;
  const old = drawn.get(node);
  return Boolean(old) && old.tag === wanted.tag && old.properties?.key === wanted.properties?.key;
}

function make(wanted, memory) {
  if (typeof wanted === "string") return document.createTextNode(wanted);
  const element = document.createElement(wanted.tag);
  update(element, wanted, memory);
  return element;
}

/** Makes an element what is wanted, in place: what stays the same is not touched. */
function update(node, wanted, memory) {
  if (typeof wanted === "string") return setText(node, wanted);
  const old = drawn.get(node);
  if (old && wanted.properties?.same !== undefined && old.properties.same === wanted.properties.same) return undefined;
  if (!wanted.classes) node.removeAttribute("class");
  else if (old?.classes !== wanted.classes) node.setAttribute("class", wanted.classes);
  if (wanted.raw !== undefined) {
    if (old?.raw !== wanted.raw) node.textContent = wanted.raw;
  } else {
    setAttributes(node, old?.properties ?? {}, wanted.properties, memory);
    setChildren(node, wanted.children, memory);
  }
  drawn.set(node, wanted);
  return undefined;
}

function setText(node, wanted) {
  const had = node.data;
  if (had === wanted) return;
  if (wanted.startsWith(had)) return void node.appendData(wanted.slice(had.length));
  let common = 0;
  while (common < had.length && had[common] === wanted[common]) common += 1;
  node.replaceData(common, had.length - common, wanted.slice(common));
}

function setAttributes(node, old, wanted, memory) {
  for (const name of Object.keys(old)) if (!PROPERTIES.has(name) && wanted[name] == null) node.removeAttribute(name);
  for (const [name, value] of Object.entries(wanted)) {
    if (!PROPERTIES.has(name) && value != null && value !== old[name]) node.setAttribute(name, value);
  }
  for (const [name, value] of Object.entries(wanted.style ?? {})) {
    if (value !== old.style?.[name]) node.style.setProperty(name, value);
  }
  if (node.tagName === "DETAILS") memory.settle(node, wanted, old);
}

function setChildren(parent, children, memory) {
  const wanted = flat(children);
  const keys = new Set(wanted.map((child) => child.properties?.key));
  const kept = new Map();
  for (const node of [...parent.childNodes]) {
    const key = drawn.get(node)?.properties?.key;
    if (key === undefined) continue;
    if (keys.has(key)) kept.set(key, node);
    else node.remove();
  }
  let cursor = parent.firstChild;
  for (const child of wanted) {
    const key = child.properties?.key;
    let node = key === undefined ? cursor : kept.get(key);
    if (fits(node, child)) update(node, child, memory);
    else node = make(child, memory);
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

/** What a reader opened, closed and scrolled, by panel: it outlives the elements, also where the end is other HTML. */
const memories = new Map();

class Memory {
  open = new Map(); // by id: rows and folds that the reader opened or closed
  expected = new WeakMap(); // by element: what the tree made of it
  ids = new WeakMap();
  whole = new Set(); // runs whose answer is shown whole
  scrolled = new Map();
  tails = new Set(); // boxes whose reader followed the text to its end
  heights = new Map(); // of boxes that were seen at work: they keep them while they are looked at
  had = new Map(); // by run: what could be done with it until now
  guarded = new Set(); // runs that ended under a pointer that was on their buttons
  moved = false; // whether a pointer was moved on the panel: one that merely lies there is nobody's hand
  untouched = new Map(); // runs that have ended, and when, whose panel nobody has touched since
  ended = new Map(); // runs that have ended, and when, whose box has the height that it had while it was written
  room = 0; // pixels that the rows of a loop have had
  unfolds = false; // whether a run among many was open
  spare = null; // since when they have needed less
  fold = null; // how tall the panel was before its trace folded, and until when it glides
  focus = null;

  static of(key) {
    if (!memories.has(key)) memories.set(key, new Memory());
    return memories.get(key);
  }

  acts(key) {
    if (!this.had.has(key)) this.had.set(key, new Set());
    return this.had.get(key);
  }

  /** Opens or closes as the tree says, unless the reader did otherwise; `force` is for what must be seen. */
  settle(node, wanted, old) {
    this.ids.set(node, wanted.id);
    if (wanted.open === old.open && wanted.force === old.force) return;
    if (wanted.force && !old.force) node.open = true;
    else if (this.open.has(wanted.id)) node.open = this.open.get(wanted.id);
    else if (wanted.open || !this.holds(node)) node.open = Boolean(wanted.open);
    // What a reader holds open stays open in the HTML that takes its place, too.
    else if (wanted.id !== undefined) this.open.set(wanted.id, true);
    this.expected.set(node, node.open);
  }

  /** Remembers what the reader did, and says whether it was the reader. */
  toggled(node) {
    if (this.expected.get(node) === node.open) return false;
    this.expected.set(node, node.open);
    if (this.ids.has(node)) this.open.set(this.ids.get(node), node.open);
    return true;
  }

  /** Says whether a reader is at work inside: it has the focus, the pointer, or a row that was opened by hand. */
  holds(node) {
    if (!node.isConnected) return false;
    if (node.open && node.matches(".gantt:hover")) return true;
    const focus = node.getRootNode().activeElement;
    if (focus && node.contains(focus) && focus !== node && focus.parentNode !== node) return true;
    return [...node.querySelectorAll("details[open]")].some((each) => this.open.get(this.ids.get(each)));
  }
}

// ---------------------------------------------------------------- blocks of an answer

const HEADING = /^h[1-6]$/;
const TAGS = new Set("p ul ol li blockquote pre code em strong s a br hr table thead tbody tr th td mark".split(" "));
const TONES = { good: "✓", bad: "✗", warning: "⚠" };

/** Describes a node of Markdown; a tag that is not known is text. */
function markup(node) {
  if (typeof node === "string") return node;
  const [tag, ...rest] = node;
  const attributes =
    rest.length && rest[0] && typeof rest[0] === "object" && !Array.isArray(rest[0]) ? rest.shift() : {};
  const children = rest.map(markup);
  if (HEADING.test(tag)) return h("h4", tag, {}, ...children);
  if (!TAGS.has(tag)) return children;
  const properties = {};
  if (tag === "a") Object.assign(properties, target(attributes.href));
  if (tag === "ol" && /^\d{1,9}$/.test(attributes.start)) properties.start = attributes.start;
  const align =
    (tag === "td" || tag === "th") && /^(right|center)$/.test(attributes.align) ? attributes.align : undefined;
  return h(tag, align, properties, ...children);
}

const target = (href) =>
  /^https?:\/\//i.test(href ?? "") ? { href, target: "_blank", rel: "noopener noreferrer" } : {};

const tone = (block) => (block.tone ? h("span", "tone", { key: "tone" }, `${TONES[block.tone]} `) : "");
const classes = (...names) => names.filter(Boolean).join(" ") || undefined;

const BLOCKS = {
  md: (b) => h("div", classes("md", b.open && "open"), { dir: "auto" }, ...(b.nodes ?? []).map(markup)),
  text: (b) => h("p", classes("text", b.tone, b.open && "open"), { dir: "auto" }, tone(b), text(b.text)),
  headline: (b) =>
    h(
      "p",
      "headline",
      { dir: "auto" },
      h("strong", undefined, {}, text(b.text)),
      b.verdict ? [" ", h("span", classes("verdict", b.tone), {}, tone(b), b.verdict)] : "",
    ),
  fields: (b, id) => h("dl", "fields", {}, ...(b.items ?? []).map((item) => field(item.label, [item], id, item.key))),
  list: (b, id) =>
    h(
      "ul",
      classes("list", b.bullets === false && "plain"),
      {},
      ...(b.items ?? []).map((item) =>
        h(
          "li",
          undefined,
          { key: item.key, same: item },
          item.label ? [h("bdi", "term", {}, item.label), " "] : "",
          block(item, id),
        ),
      ),
    ),
  table: (b) => {
    const side = (index) => (b.numeric?.[index] ? "num" : undefined);
    return h(
      "table",
      "grid",
      {},
      h(
        "thead",
        undefined,
        {},
        h(
          "tr",
          undefined,
          {},
          ...(b.columns ?? []).map((name, index) => h("th", side(index), { scope: "col", dir: "auto" }, text(name))),
        ),
      ),
      h(
        "tbody",
        undefined,
        {},
        ...(b.rows ?? []).map((row) =>
          h(
            "tr",
            undefined,
            { key: row.key, same: row },
            ...row.cells.map((cell, index) => h("td", side(index), { dir: "auto" }, text(cell))),
          ),
        ),
      ),
    );
  },
  section: (b, id) =>
    h(
      "details",
      "section",
      { open: false, id: `${id}//${b.key}`, "data-key": b.key },
      h("summary", undefined, {}, h("bdi", undefined, {}, text(b.title))),
      blocks(b.items, id),
    ),
  comparison: (b) =>
    h(
      "div",
      "comparison",
      {},
      b.title ? h("h4", "h4", { key: "title" }, b.title) : "",
      h("div", "before", { dir: "auto", key: "before" }, ...(b.before ?? []).map(markup)),
      h("div", "after", { dir: "auto", key: "after" }, ...(b.after ?? []).map(markup)),
    ),
};

/** Describes a block of an answer, with its stable key. */
function block(b, id) {
  const made = (Object.hasOwn(BLOCKS, b.type) ? BLOCKS[b.type] : BLOCKS.text)(b, id);
  made.properties.key = b.key;
  made.properties.same = b;
  return made;
}

const blocks = (items, id) => h("div", "blocks", { key: "blocks" }, ...(items ?? []).map((b) => block(b, id)));

const field = (label, items, id, key) =>
  h(
    "div",
    "field",
    { key },
    h("dt", undefined, { dir: "auto" }, text(label)),
    h("dd", undefined, {}, ...items.map((b) => block(b, id))),
  );

// ---------------------------------------------------------------- a run

const share = (part, whole) => `${whole > 0 ? +Math.min(100, Math.max(0, (100 * part) / whole)).toFixed(2) : 0}%`;
/** Returns the key of a bar: one that becomes known is another one, and does not glide back from the whole width. */
const barKey = (percent) => (percent == null ? "unknown" : "known");
const sign = (of) => h("span", "sign", { role: "img", "aria-label": of.status }, of.sign);
const button = (act, label, properties) =>
  h("button", act, { key: act, type: "button", "data-act": act, ...properties }, label);
const named = (of) => (of.subject ? `${of.title} · ${of.subject}` : of.title);

function progressbar(label, percent, valuetext, segments) {
  const known = percent != null;
  return h(
    "div",
    "bar",
    {
      key: "bar",
      role: "progressbar",
      "aria-label": `Progress of ${label}`,
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      "aria-valuenow": known ? String(Math.floor(percent)) : undefined,
      "aria-valuetext": known ? valuetext : undefined,
    },
    ...segments.map((s) =>
      h(
        "i",
        classes("seg", s.status, s.percent == null && RUNNING.has(s.status) && "unknown"),
        { key: s.key, style: { width: share(s.share, 1) } },
        s.percent || RUNNING.has(s.status)
          ? h("b", undefined, { key: barKey(s.percent), style: { width: share(s.percent ?? 0, 100) } })
          : "",
      ),
    ),
  );
}

const RUNNING = new Set(["running", "retrying", "fallback", "waiting"]);
const ENDED = new Set(["finished", "failed", "cancelled"]);

/** Describes a field for words to an agent, with its label. */
const wordField = (label, hint) =>
  h(
    "label",
    "to",
    { key: "to" },
    h("bdi", undefined, {}, label),
    h("input", "word", { key: "word", type: "text", name: "word", maxlength: "2000", autocomplete: "off", ...hint }),
  );

function head(of, facts, ends, link) {
  return h(
    "div",
    "head",
    { key: "head" },
    sign(of),
    h(
      "span",
      "name",
      { role: "heading", "aria-level": "3" },
      h("strong", "title", { dir: "auto" }, text(of.title)),
      of.subject && !of.asks ? [" · ", h("bdi", "subject", {}, of.subject)] : "",
      of.ended ? [" · ", h("span", "ended", {}, of.ended)] : "",
      of.doing ? h("span", "doing", { key: "doing" }, " · ", h("bdi", undefined, {}, of.doing)) : "",
    ),
    of.asks ? h("bdi", "asks", { key: "asks" }, of.asks) : "",
    of.trouble ? h("bdi", "trouble", { key: "trouble" }, of.trouble) : "",
    link && target(link).href
      ? h("a", "link", { key: "link", ...target(link), "aria-label": `Open the page of ${named(of)}` }, "↗")
      : "",
    h(
      "span",
      "more",
      { key: "more" },
      h("span", "left", { key: "left" }, text(of.left)),
      " ",
      h("span", "facts", { key: "facts" }, facts),
    ),
    h("span", "percent", { key: "percent" }, text(of.percent_text)),
    h("span", "elapsed", { key: "elapsed" }, text(of.elapsed)),
    ends,
  );
}

/** Describes the buttons at the right end: each has its place, whichever of the others are there. */
function controls(tree, ctx) {
  if (!ctx.live || !tree.controls.length) return "";
  // One that can't be pressed for a while keeps its place: nothing comes and goes beside a pointer.
  const had = ctx.memory.acts(tree.key);
  for (const name of tree.controls) had.add(name);
  const has = (name) => had.has(name);
  const isOff = (name) => !tree.controls.includes(name) || ctx.sent.has(`${name} ${tree.key}`);
  const sent = (name, title) => ({ title, "aria-disabled": isOff(name) ? "true" : undefined });
  const isAll = tree.agent === undefined || Boolean(tree.batch);
  const whom = isAll ? "all runs" : "this run";
  return h(
    "span",
    "controls",
    { key: "controls" },
    has("enough")
      ? button("enough", ["Finish", h("span", "now", {}, " now")], {
          "aria-label": "Finish now: it is enough",
          ...sent("enough", "End the answer here and keep what is complete: it is enough"),
        })
      : "",
    has("say")
      ? button("say", "Say…", {
          "aria-expanded": String(ctx.saying.has(tree.key)),
          ...sent("say", `Write a word to ${flatText(tree.agent)}: it goes with the next request, or makes one more`),
        })
      : "",
    has("stop")
      ? button("stop", isAll ? "Stop all" : "Stop", sent("stop", `Stop ${whom} now; what is written so far stays`))
      : "",
  );
}

const saying = (tree, ctx) =>
  ctx.live && ctx.saying.has(tree.key) && tree.controls.includes("say")
    ? h(
        "form",
        "say",
        { key: "say" },
        wordField(`To ${tree.agent}:`, {
          placeholder: "shorter, please (while it writes its answer: one more request)",
        }),
        button("send", "Send", { type: "submit" }),
      )
    : "";

function answer(tree, ctx) {
  const a = tree.answer;
  if (!a || a.height === "none") return "";
  const id = tree.key;
  const whole = ctx.memory.whole.has(id);
  return h(
    "div",
    classes("answer", a.height, a.open && "open", whole && "whole"),
    { key: "answer" },
    h(
      "div",
      "box",
      { key: "box", tabindex: "0", role: "group", "aria-label": `Answer of ${named(tree.header)}` },
      a.by ? h("p", "by", { key: "by" }, h("bdi", undefined, {}, a.by)) : "",
      a.above ? h("p", "cut", { key: "above" }, a.above) : "",
      blocks(a.blocks, id),
      a.below ? h("p", "cut", { key: "below" }, a.below) : "",
    ),
    ctx.live ? tools(whole) : "",
  );
}

/** Describes what may be done with an answer, or with those of all runs. */
const taking = (what) =>
  h(
    "span",
    "tools",
    { key: "tools" },
    said(),
    button("copy", "Copy", { title: `Copy ${what} as text` }),
    button("json", "JSON", { "aria-label": "Copy as JSON", title: `Copy ${what} as JSON` }),
    button("download", "Download", { title: `Save ${what} as a file` }),
  );

/** Describes what the answer's reader may do with it; the foot below the box hides nothing of it. */
const tools = (whole) => [
  taking("the answer"),
  h(
    "div",
    "foot",
    { key: "foot" },
    button("top", "", { same: 1, title: "Go to the beginning of the answer" }),
    button("bottom", "", { same: 1, title: "Go to the end of the answer" }),
    button("whole", whole ? "Show less" : "Show all", { "aria-expanded": String(whole) }),
  ),
];

const said = () => h("span", "said", { key: "said", role: "status", same: 1 });

/** Describes what copies the error, which nobody has to select by hand then. */
const copying = () =>
  h("span", "of", { key: "of" }, said(), button("error", "Copy error", { title: "Copy the error and its stage" }));

const failure = (f, ctx) =>
  f
    ? h(
        "div",
        "fail",
        { key: "fail", role: "alert" },
        h(
          "p",
          "what",
          {},
          f.stage ? [h("bdi", "where", { key: "where" }, f.stage), ": "] : "",
          h("bdi", undefined, { key: "what" }, text(f.text)),
        ),
        f.advice ? h("p", "advice", { key: "advice" }, h("bdi", undefined, {}, f.advice)) : "",
        ctx.live ? copying() : "",
      )
    : "";

// ---------------------------------------------------------------- the trace

const place = (row, tree, span) => {
  const end = Math.max(row.start, row.end ?? Math.min(tree.now, span));
  return { left: share(row.start, span), width: share(end - row.start, span) };
};

const waiting = ([start, end]) => ({ start, end });

/** Describes the bar of a row, of many a piece each; the times in which it waited for somebody lie on it. */
const bar = (row, tree, span, key = "bar") =>
  row.start == null
    ? ""
    : [
        ...(row.spans ?? [[row.start, row.end]]).map((each, at) =>
          h("i", row.status, { key: at ? `${key}//of${at}` : key, style: place(waiting(each), tree, span) }),
        ),
        ...(row.waits ?? []).map((each, at) =>
          h("i", "waiting", { key: `${key}//${at}`, style: place(waiting(each), tree, span) }),
        ),
      ];

const MOST_BARS = 24; // of rows below others that are on the line above the trace; html's painter has the same number

const leaves = (list) => list.flatMap((r) => (r.children?.length ? leaves(r.children) : [r]));

/** Describes the bars of all rows on one line: of one with rows below it these, and a pale one around them. */
const strip = (list, tree, span, isDeep = leaves(list).length <= MOST_BARS) =>
  list.flatMap((r) => {
    if (r.remark || r.start == null) return [];
    if (!isDeep || !r.children.length) return bar(r, tree, span, r.key);
    const around = h("i", "around", { key: r.key, style: place(r, tree, span) });
    return [around, ...strip(r.children, tree, span, isDeep)];
  });

/** Describes the times in which the model of an agent's run was at work, between its calls. */
const modelBars = (tree, span) =>
  (tree.model ?? []).map((each, at) => h("i", "model", { key: `//${at}`, style: place(waiting(each), tree, span) }));

/** Describes the parts of a line: label, message, track (null for none), percent, time, and what the track has. */
const line = (label, message, track, percent, time, legend) => [
  h("span", "label", { key: "label" }, label),
  message ? [" ", h("bdi", "message", { key: "message" }, message), " "] : " ",
  h("span", "percent", { key: "percent" }, text(percent)),
  " ",
  track == null ? "" : [h("span", "track", { key: "track", "aria-hidden": "true", title: legend }, track), " "],
  h("span", "time", { key: "time" }, time),
];

/** Describes the message of a row; the end of a loop's is apart, so that it can have a line of its own. */
function rowMessage(r) {
  const end = ` · ${r.loop}`;
  if (!r.loop || !r.message.endsWith(end)) return r.message;
  return [r.message.slice(0, -end.length), h("span", "loop", {}, h("span", "dot", {}, " · "), r.loop)];
}

const part = (name, value) => (value ? [" ", h("bdi", name, { key: name }, value)] : "");

const BRIEF = 12; // characters of a first argument that are always seen; a longer one is cut before all else

const hint = (value) =>
  value ? [" ", h("bdi", classes("hint", [...value].length <= BRIEF && "brief"), { key: "hint" }, value)] : "";

function row(r, tree, span, ctx) {
  if (r.remark)
    return h(
      "li",
      "row remark",
      { key: r.key, "data-key": r.key },
      h("div", "line", {}, h("span", "label", {}, r.remark)),
    );
  const parts = line(
    [sign(r), " ", h("bdi", "title", { key: "title" }, text(r.title)), hint(r.hint), part("outcome", r.outcome)],
    rowMessage(r),
    bar(r, tree, span),
    r.percent_text,
    r.time,
  );
  const same = flatText(r.title).toLowerCase() === flatText(tree.header.title).toLowerCase();
  return h(
    "li",
    classes("row", r.status, r.question && "asking", same && "same"),
    { key: r.key, "data-key": r.key },
    r.details.length
      ? h(
          "details",
          "fold",
          { key: "line", open: r.open, force: Boolean(r.question), id: `${tree.key}/${r.key}` },
          h("summary", "line", {}, parts),
          h(
            "dl",
            "fields",
            {},
            ...r.details.map((d) => field(d.label, d.blocks, `${tree.key}/${r.key}/${d.key}`, d.key)),
          ),
        )
      : h("div", "line", { key: "line" }, parts),
    r.question ? h("p", "question", { key: "question", dir: "auto" }, r.question) : "",
    r.question && ctx.live
      ? h(
          "form",
          "ask",
          { key: "ask" },
          button("approve", "Approve", { title: "Let this call happen, with these arguments" }),
          button("deny", "Deny", { title: "Refuse this call: the agent is told the reason and goes on without it" }),
          wordField("Reason, if you deny:", { placeholder: "the agent reads it" }),
        )
      : "",
    rows(r.children, tree, span, ctx),
  );
}

const rows = (list, tree, span, ctx) =>
  list?.length ? h("ul", "rows", { key: "rows" }, ...list.map((r) => row(r, tree, span, ctx))) : "";

/** Says which stage or call took longest. */
const longest = (of) =>
  of.what
    ? h("span", "longest", {}, `${of.what} `, h("bdi", undefined, { key: "longest" }, of.title), ` ${of.time}`)
    : "";

/** Describes the ends of the time axis, so that nobody takes the bars for percents. */
const axis = (span) => [h("span", undefined, { key: "from" }, "0 s"), " – ", h("span", undefined, { key: "to" }, span)];

function trace(tree, ctx) {
  const list = tree.trace;
  if (!list.length) return "";
  const span = Math.max(tree.span, 1e-9);
  const only = list.length === 1 ? list[0] : null;
  const single = only && !only.children.length;
  const bars = only && !single ? only.children : list;
  return h(
    "div",
    classes("trace", tree.at != null && "past"),
    { key: "trace" },
    h(
      "details",
      classes("gantt", single && "single"),
      { key: "gantt", open: tree.trace_open || Boolean(single), id: `${tree.key}//trace` },
      h(
        "summary",
        "line",
        { key: "summary" },
        line(
          tree.summary.text,
          longest(tree.summary),
          [...modelBars(tree, span), ...strip(bars, tree, span)],
          "",
          axis(tree.span_text),
          tree.legend,
        ),
      ),
      rows(list, tree, span, ctx),
    ),
    ctx.live ? scrub(tree.at, span, tree.legend) : "",
    tree.at == null
      ? ""
      : h("div", "marker", {
          key: "marker",
          "data-at": `${tree.at.toFixed(1)} s`,
          style: { "--at": String(+(tree.at / span).toFixed(4)) },
        }),
  );
}

const scrub = (at, span, legend) =>
  h("div", "scrub", {
    key: "scrub",
    role: "slider",
    tabindex: "0",
    "aria-label": "Moment shown",
    "aria-valuemin": "0",
    "aria-valuemax": span.toFixed(1),
    "aria-valuenow": (at ?? span).toFixed(1),
    "aria-valuetext": at == null ? "the latest" : `${at.toFixed(1)} s of ${span.toFixed(1)} s`,
    title: legend || undefined,
  });

/** Describes a run. */
function run(tree, ctx) {
  const { header } = tree;
  const segments = tree.segments.length
    ? tree.segments
    : [{ key: "", status: tree.status, share: 1, percent: header.percent }];
  return h(
    "div",
    classes("run", tree.status, tree.at != null && "past"),
    { key: tree.key, "data-run": tree.key, "data-span": String(tree.span) },
    head(header, header.facts.join(" · "), controls(tree, ctx), tree.link),
    progressbar(named(header), header.percent, classes(header.percent_text, tree.status), segments),
    ctx.live ? h("p", "refused", { key: "refused", role: "status", same: 1 }) : "",
    saying(tree, ctx),
    answer(tree, ctx),
    failure(tree.failure, ctx),
    tree.thinking
      ? h(
          "details",
          "thinking",
          { key: "thinking", open: false, id: `${tree.key}//thinking` },
          h("summary", undefined, {}, "Thinking"),
          h("p", "text", { dir: "auto", tabindex: "0" }, tree.thinking),
        )
      : "",
    trace(tree, ctx),
    batch(tree, ctx),
    tree.notes.length
      ? h("ul", "notes", { key: "notes" }, ...tree.notes.map((note) => h("li", undefined, { dir: "auto" }, note)))
      : "",
  );
}

// ---------------------------------------------------------------- many runs

/** Describes the line that counts the runs without a row: opened, it asks for their rows, which come below it. */
function counted(r, ctx) {
  const label = h("span", "label", {}, r.remark);
  const rest = ctx.live || !r.rest ? "" : h("ul", "rows members", {}, ...r.rest.map((each) => member(each, ctx)));
  const line =
    ctx.live || rest
      ? h("details", "fold", { key: "line", open: r.open, id: r.key }, h("summary", "line", {}, label), rest)
      : h("div", "line", { key: "line" }, label);
  return h("li", "row remark", { key: r.key, "data-key": r.key }, line);
}

function member(r, ctx) {
  if (r.remark) return counted(r, ctx);
  const parts = line(
    [
      sign(r),
      h("bdi", "title", { key: "title" }, text(r.title)),
      r.subject ? [" · ", h("bdi", "subject", { key: "subject" }, r.subject)] : "",
    ],
    r.message,
    r.percent == null && !RUNNING.has(r.status)
      ? null
      : h("i", classes(r.status, r.percent == null && "unknown"), {
          key: barKey(r.percent),
          style: { left: "0%", width: share(r.percent ?? 100, 100) },
        }),
    r.percent_text,
    r.elapsed,
  );
  return h(
    "li",
    classes("row", r.status),
    { key: r.key, "data-key": r.key },
    r.run || ctx.live
      ? h(
          "details",
          "fold",
          { key: "line", open: r.open, id: r.key },
          h("summary", "line", {}, parts),
          r.run ? run(ctx.now(r.run), ctx) : "",
        )
      : h("div", "line", { key: "line" }, parts),
  );
}

/** Describes what a batch has beside its bar: totals, facts, items that are worth a look, and a field for an index. */
function batch(tree, ctx) {
  const b = tree.batch;
  if (!b) return "";
  return h(
    "div",
    "batch",
    { key: "batch" },
    h("p", "totals", { key: "totals" }, text(b.text)),
    b.facts.length
      ? h("dl", "fields", { key: "facts" }, ...b.facts.map((f) => field(f.label, [f], tree.key, f.key)))
      : "",
    ...b.lists.map((list) =>
      h(
        "div",
        "items",
        { key: list.key },
        h("p", "caption", { key: "caption" }, text(list.title)),
        h(
          "ul",
          "rows members",
          { key: "rows" },
          ...list.rows.map((r) => (r.remark ? row(r, tree, 1, ctx) : member(r, ctx))),
        ),
      ),
    ),
    b.find && ctx.live
      ? h(
          "form",
          "find",
          { key: "find" },
          wordField("Item:", { inputmode: "numeric", placeholder: b.find }),
          button("show", "Open", { type: "submit", title: "Show the run of this item: live, or from the history" }),
        )
      : "",
  );
}

/** Returns the tree of a batch with the rows of the items that somebody has opened, as folds/batch_view.py does. */
export const withItems = (tree, opened) => {
  if (!tree.batch || !opened.length) return tree;
  const left = new Map(opened.map((r) => [r.key, r]));
  const lists = tree.batch.lists.map((list) => ({
    ...list,
    rows: list.rows.map((r) => {
      const found = left.get(r.key);
      left.delete(r.key);
      return found ? { ...r, open: true, run: found.run } : r;
    }),
  }));
  if (left.size) lists.push({ key: "opened", title: "Opened", rows: [...left.values()] });
  return { ...tree, batch: { ...tree.batch, lists } };
};

/** Returns the runs that are drawn in a panel: those of opened items of batches are among them. */
const allRuns = (tree) =>
  [...tree.runs, ...tree.rows.map((r) => r.run ?? r)].flatMap((each) => [
    each,
    ...(each.batch?.lists ?? []).flatMap((list) => list.rows.map((r) => r.run).filter(Boolean)),
  ]);

function group(panel, ctx) {
  const t = panel.totals;
  const header = { ...t, percent_text: "", left: "", trouble: "", subject: "", asks: "", ended: t.ended ?? "" };
  const ends = controls({ key: panel.key, controls: t.controls }, ctx);
  return h(
    "div",
    classes("group", t.status),
    { key: "group", "data-run": panel.key },
    head(header, (t.facts ?? []).join(" · "), ends || (ctx.live && t.results ? taking("all results") : "")),
    progressbar(t.title, t.percent, t.text, t.segments),
    h("p", "totals", { key: "totals" }, text(t.text)),
    h("ul", "rows members", { key: "rows" }, ...panel.rows.map((r) => member(r, ctx))),
  );
}

/** Describes what is in a panel. */
function contents(panel, ctx) {
  return [
    ...(panel.totals ? [group(panel, ctx)] : panel.runs.map((tree) => run(ctx.now(tree), ctx))),
    ctx.live ? h("div", "announce", { key: "announce", "aria-live": "polite" }, text(panel.announce)) : "",
  ];
}

const label = (panel) =>
  (panel.totals ? panel.totals.title : panel.runs.map((tree) => named(tree.header)).join(", ")) || "Progress";

// ---------------------------------------------------------------- rewind

const BLANK = { percent: null, percent_text: "", time: "", outcome: "", question: "", waits: [] };
const kept = (now, then) => then || (now ? "\u00a0" : "");

/** Returns the rows of now as they were then: the same lines, so that nothing moves. */
function rowsThen(list, past, at) {
  const known = new Map(past.map((r) => [r.key, r]));
  return list.map((r) => {
    const then = known.get(r.key);
    const children = rowsThen(r.children ?? [], then?.children ?? [], at);
    if (then)
      return {
        ...then,
        message: kept(r.message, then.message),
        details: r.details,
        open: r.open,
        question: "",
        children,
      };
    if (r.end != null && r.end <= at) return { ...r, question: "", children };
    if (r.start != null && r.start <= at) return { ...r, ...BLANK, status: "running", sign: "●", end: null, children };
    return {
      ...r,
      ...BLANK,
      status: "pending",
      sign: "○",
      start: null,
      end: null,
      message: kept(r.message, ""),
      children,
    };
  });
}

/** Returns the tree of a moment in the frame of the latest one. */
function moment(latest, past, at) {
  if (!past) return { ...latest, at };
  const empty = { above: "", below: "", blocks: [], open: false };
  const { key, height } = latest.answer ?? {};
  return {
    ...latest,
    at,
    now: at,
    status: past.status,
    header: { ...past.header, left: "", asks: "", trouble: latest.header.trouble },
    segments: past.segments,
    model: past.model,
    answer: latest.answer && { ...(past.answer ?? empty), key, height },
    trace: rowsThen(latest.trace, past.trace, at),
  };
}

// ---------------------------------------------------------------- a panel at work

const MORE = "…"; // the key of the row that counts the runs without a row
const PACE = 100; // milliseconds between two questions for a moment
const INTENT = 120; // milliseconds that a pointer stays on the axis before it is taken for a wish
const FEW = 2; // hidden lines of an answer at work for which there is no foot
const MORE_LINES = 4; // by which the box of an ended answer may be taller, so that nothing is hidden; style.css has it too
const NEAR = 12; // pixels from the bottom within which a reader follows the text
const UNTOUCHED = 3000; // milliseconds without a hand on a panel after which an answer is shown from its beginning
const LOOK = 500; // milliseconds between two looks whether a hand is on the page still
const GLIDE = 200; // milliseconds in which what is below a panel moves up when its trace folds
const HAND = 3000; // milliseconds for which a hand that moved is taken to be on the page still
const HEARD = 3000; // milliseconds within which a kernel answers

/** Returns what an answer begins with, which changes only where another one takes its place. */
function beginOf(answer) {
  const { key, type, ...rest } = answer?.blocks[0] ?? {};
  return `${key} ${type} ${JSON.stringify(rest.nodes ?? rest.items ?? rest.text ?? "").slice(0, 24)}`;
}

/** When a pointer and a key were used last, anywhere on the page, and how far down the pointer was. */
const lastHand = { pointer: -Infinity, key: -Infinity, y: Infinity, isWatched: false };
/** The panels that are at work: while one is, its reader may look at it, and nothing above it changes its height. */
const atWork = new Set();
const isRecent = (time) => performance.now() - time < HAND;
const handIsOn = () => isRecent(lastHand.pointer) || isRecent(lastHand.key);

function watchHands() {
  if (lastHand.isWatched) return;
  lastHand.isWatched = true;
  const note = ({ type, clientY }) => {
    lastHand[type === "keydown" ? "key" : "pointer"] = performance.now();
    // Who scrolls looks at all that is there.
    if (type !== "keydown") lastHand.y = type === "wheel" ? Infinity : clientY;
  };
  for (const type of ["pointermove", "pointerdown", "wheel", "keydown"])
    document.addEventListener(type, note, { capture: true, passive: true });
}

/** One panel: its elements, and what a person does with them. */
class Panel {
  constructor(section, { send, live }) {
    this.section = section;
    this.send = send;
    this.tree = null;
    this.parts = new Map(); // of a panel that was made without a script: runs that are drawn here, by key
    this.rewinds = new Map();
    this.wishes = new Map(); // moments that are to be shown once the tree of a static run is there
    this.asked = new Map();
    this.working = new Set(); // runs that were seen at work
    this.left = -Infinity; // when a hand was on this panel last
    this.follows = new WeakMap(); // by box: whether its reader is at the bottom
    this.placed = new WeakMap(); // by box: how far it was scrolled by no hand, and its size then
    this.ctx = { live: Boolean(live), sent: new Set(), saying: new Set(), memory: null, now: (tree) => this.now(tree) };
    this.ends = new AbortController();
    this.sizes = typeof ResizeObserver === "function" ? new ResizeObserver(() => (this.tail(), this.measure())) : null;
    this.sizes?.observe(section);
    const seen = (entries) => {
      const { isIntersecting, boundingClientRect: place } = entries.at(-1);
      // One that HTML has taken the place of is nowhere; its memory is that of the other one.
      if (!isIntersecting && section.isConnected) this.rest(place.top >= 0);
    };
    this.sight = typeof IntersectionObserver === "function" ? new IntersectionObserver(seen) : null;
    this.sight?.observe(section);
    watchHands();
    this.listen();
  }

  destroy() {
    atWork.delete(this);
    this.ends.abort();
    this.sizes?.disconnect();
    this.sight?.disconnect();
    this.section.remove();
  }

  // ---- drawing

  paint(latest) {
    const { section, ctx } = this;
    ctx.memory = Memory.of(latest.key);
    const before = new Map(this.tree ? allRuns(this.tree).map((each) => [each.key, each.answer]) : []);
    const tree = this.held(latest, this.tree);
    this.tree = tree;
    section.setAttribute("data-pnb", tree.key);
    section.setAttribute("aria-label", flatText(label(tree)));
    const runs = allRuns(tree);
    for (const each of runs) {
      if (!ENDED.has(each.status)) this.working.add(each.key);
      else {
        this.settled(each.key);
        if (!this.working.delete(each.key)) continue;
        if (this.runElement(each.key)?.querySelector(":scope > .head > .controls > :hover"))
          ctx.memory.guarded.add(each.key);
        // Who stopped a run reads on where it stopped.
        // A result that took the place of what was written was read by nobody yet.
        const isOther = beginOf(before.get(each.key)) !== beginOf(each.answer);
        if (each.status !== "cancelled") ctx.memory.untouched.set(each.key, isOther ? -Infinity : performance.now());
        ctx.memory.ended.set(each.key, performance.now());
      }
    }
    const tall = this.atWork ? section.offsetHeight : 0;
    const regroups = Boolean(tall && tree.totals && !section.querySelector(".group"));
    this.atWork = !runs.every((each) => ENDED.has(each.status));
    atWork[this.atWork ? "add" : "delete"](this);
    this.drawn(() => setChildren(section, contents(tree, ctx), ctx.memory));
    this.keepRoom();
    if (tall && (regroups || !this.atWork)) {
      ctx.memory.fold = { tall, regroups };
      this.folded();
    } else if (this.atWork && !ctx.memory.fold?.regroups) this.unfix();
    this.beginLater();
  }

  /** Shows answers that have ended from their beginning, once, and in boxes that fit, after a while without a hand. */
  beginLater() {
    const { memory } = this.ctx;
    if (this.looks || !(memory.untouched.size || memory.ended.size)) return;
    const look = () => {
      this.looks = null;
      if (!this.section.isConnected) return;
      if (this.isTouched()) this.left = performance.now();
      for (const [key, since] of memory.untouched) {
        const box = this.boxOf(key);
        const isLong = box?.scrollHeight > box?.clientHeight; // else it is at its beginning, under any hand
        if (performance.now() - Math.max(since, isLong ? this.left : since) < UNTOUCHED) continue;
        memory.untouched.delete(key);
        this.toBeginning(box, Number.isFinite(since));
      }
      this.fitLater();
      if (memory.untouched.size || memory.ended.size) this.looks = setTimeout(look, LOOK);
    };
    look();
  }

  /** Lets the boxes of ended answers fit their text, and what is below them glide there. */
  fitLater() {
    const { memory } = this.ctx;
    if (!this.isOnPage() || this.section.style.minHeight || memory.untouched.size || this.rewinds.size) return;
    if ([...atWork].some((each) => each.isOnPage())) return;
    for (const [key, since] of memory.ended) {
      const box = this.boxOf(key);
      if (performance.now() - since < UNTOUCHED) continue;
      if (box?.offsetHeight && box.getBoundingClientRect().bottom < 0) continue; // it would move what is looked at
      if (box && this.handIsBelow(box.lastElementChild ?? box)) continue;
      memory.ended.delete(key);
      if (!box) continue;
      const tall = box.offsetHeight;
      memory.heights.delete(spot(box));
      free(box);
      if (this.follows.get(box)) {
        snap(box);
        box.scrollTop = box.scrollHeight;
      }
      this.measure();
      if (tall && box.offsetHeight !== tall) glideTo(box, tall);
    }
  }

  /** Hides what took the place of the buttons from a pointer that is there still: a second click would save a file. */
  guard() {
    const { guarded } = this.ctx.memory;
    for (const each of this.section.querySelectorAll("[data-run]"))
      each.toggleAttribute("data-guarded", guarded.has(each.dataset.run));
  }

  unguard(event) {
    const { memory } = this.ctx;
    if (!memory?.guarded.size || (this.section.contains(event.target) && event.target.closest?.(".head, .tools")))
      return;
    memory.guarded.clear();
    this.guard();
  }

  isOnPage() {
    return this.section.getClientRects().length > 0;
  }

  /** Says whether a hand is on the panel; who has pressed Stop need not take the pointer away. */
  isTouched() {
    const { section } = this;
    const { activeElement: focus } = document;
    const { isCollapsed, anchorNode } = window.getSelection() ?? {};
    return (
      (this.ctx.memory.moved && section.matches(":hover") && !section.querySelector(".head:hover")) ||
      (section.contains(focus) && focus !== section) ||
      (isCollapsed === false && section.contains(anchorNode))
    );
  }

  /** Says whether a hand is on what lies below an element, which would move; also one that rests on the panel. */
  handIsBelow(element) {
    const { section } = this;
    const { activeElement: focus } = document;
    const { bottom } = element.getBoundingClientRect();
    const rests = performance.now() - this.left < UNTOUCHED;
    const hasPointer = isRecent(lastHand.pointer) || (rests && section.matches(":hover"));
    const hasKey = isRecent(lastHand.key) || (rests && section.contains(focus) && focus !== section);
    return (hasPointer && lastHand.y > bottom) || (hasKey && focus?.getBoundingClientRect().bottom > bottom);
  }

  toBeginning(box, glides) {
    const { scrolled, tails } = this.ctx.memory;
    if (!box || !tails.delete(spot(box))) return;
    scrolled.delete(spot(box));
    this.follows.set(box, false);
    unsnap(box);
    if (glides && !matchMedia("(prefers-reduced-motion: reduce)").matches) box.scrollTo({ top: 0, behavior: "smooth" });
    else box.scrollTop = 0;
  }

  /** Keeps rows open that a hand is on when the next run of a loop has its turn, with what was seen of them. */
  held(tree, before) {
    if (!before?.totals || !tree.totals) return tree;
    const { memory } = this.ctx;
    const rows = tree.rows.map((r) => {
      const then = r.open || r.run ? null : before.rows.find((each) => each.key === r.key);
      if (!then?.open || !then.run) return r;
      const isOpen = memory.open.get(r.key);
      if (isOpen === false || !(isOpen || this.handOn(r.key))) return r;
      if (!isOpen) this.send({ kind: "open", run: r.key });
      memory.open.set(r.key, true);
      return { ...r, open: true, run: then.run };
    });
    return { ...tree, rows };
  }

  /** Says whether a hand is on the row of a run: the pointer that moved, the focus, a selection, or a scrolled text. */
  handOn(key) {
    const row = [...this.section.querySelectorAll(".members > .row")].find((each) => each.dataset.key === key);
    const opened = row?.querySelector(":scope > details > .run");
    if (!opened) return false;
    const box = this.boxOf(key);
    const { isCollapsed, anchorNode } = window.getSelection() ?? {};
    return (
      (opened.matches(":hover") && handIsOn()) ||
      opened.contains(document.activeElement) ||
      (isCollapsed === false && opened.contains(anchorNode)) ||
      Boolean(box && this.follows.get(box) === false) ||
      this.ctx.memory.holds(row.querySelector("details"))
    );
  }

  /** Keeps the room that the rows of a loop have had while it is at work: one folds before the next one writes. */
  keepRoom() {
    const list = this.section.querySelector(".members");
    if (!list) return;
    const { memory } = this.ctx;
    list.style.minHeight = "";
    const needed = list.offsetHeight;
    memory.unfolds ||= list.querySelector(":scope > .row > .fold[open] > .run") !== null;
    if (needed >= memory.room) memory.spare = null;
    else memory.spare ??= performance.now();
    const isSpare = memory.spare !== null && performance.now() - memory.spare > HAND && !handIsOn();
    const { room } = memory;
    // Lines that come and go need no room: only a run that is shown whole leaves a hole when it folds.
    memory.room = this.atWork && memory.unfolds ? (isSpare ? needed : Math.max(room, needed)) : 0;
    if (isSpare && this.atWork) glideTo(list, room);
    if (memory.room) list.style.minHeight = `${memory.room}px`;
    else if (!list.getAttribute("style")) list.removeAttribute("style");
  }

  /** Keeps the room of a trace that has folded while a hand is on what is below; then this glides up. */
  folded() {
    const { section } = this;
    const { fold } = this.ctx.memory;
    if (!fold || section.offsetHeight >= fold.tall) return;
    section.style.minHeight = `${fold.tall}px`;
    const look = () => {
      if (!section.isConnected || this.ctx.memory.fold !== fold) return;
      if (this.handIsBelow(section.lastElementChild ?? section)) setTimeout(look, LOOK);
      else this.glide(fold);
    };
    look();
  }

  glide({ tall }) {
    this.unfix();
    glideTo(this.section, tall);
  }

  /** Gives answers that have ended their last form while nobody sees it: from their beginning, in a box that fits. */
  rest(isBelow) {
    const { memory } = this.ctx;
    if (!memory) return;
    for (const box of this.section.querySelectorAll(SETTLED)) {
      const name = spot(box);
      if (memory.tails.delete(name)) {
        memory.scrolled.delete(name);
        this.follows.set(box, false);
        unsnap(box);
        box.scrollTop = 0;
      }
      if (isBelow && memory.heights.delete(name)) free(box);
    }
    if (isBelow) {
      memory.ended.clear();
      this.unfix();
    }
    this.measure();
  }

  unfix() {
    if (!this.ctx.memory.fold) return;
    this.ctx.memory.fold = null;
    this.section.style.removeProperty("min-height");
  }

  settled(key) {
    for (const act of ["stop", "enough"]) this.ctx.sent.delete(`${act} ${key}`);
    this.ctx.saying.delete(key);
  }

  redraw() {
    if (this.tree) return this.paint(this.tree);
    return this.drawn(() => {
      for (const { element, tree } of this.parts.values())
        update(element, run(this.now(tree), this.ctx), this.ctx.memory);
    });
  }

  /** Draws, and keeps what a reader holds: the end of a text that grows, and the focus. */
  drawn(draw) {
    const focused = this.section.contains(document.activeElement);
    this.settle();
    draw();
    for (const box of this.boxes()) if (!this.follows.has(box)) this.arrive(box);
    this.tail();
    this.guard();
    if (focused && !this.section.contains(document.activeElement)) {
      this.section.tabIndex = -1;
      this.section.focus({ preventScroll: true });
    }
    this.measure();
  }

  /** Hears of what a reader moved before the text grows: the event of it comes only with the next frame. */
  settle() {
    const { scrolled } = this.ctx.memory;
    for (const box of this.boxes())
      if (this.follows.get(box) === false && scrolled.has(spot(box)) && scrolled.get(spot(box)) !== box.scrollTop)
        this.scrolled(box);
  }

  /** Takes up a new box: at its end if the reader was there or it is being written, else where the reader was. */
  arrive(box) {
    const { scrolled, tails } = this.ctx.memory;
    const name = spot(box);
    if (this.tree && !scrolled.has(name) && box.matches(WRITTEN)) tails.add(name);
    this.follows.set(box, tails.has(name));
    if (scrolled.has(name)) box.scrollTop = scrolled.get(name);
  }

  /** Goes on to the end of each text that its reader follows. */
  tail() {
    this.keepHeights();
    for (const box of this.boxes()) {
      const rewound = box.matches(".box") && this.rewinds.has(runOf(box));
      if (!this.follows.get(box) && !rewound) continue;
      snap(box);
      box.scrollTop = box.scrollHeight;
      this.note(box);
    }
  }

  note(box) {
    this.placed.set(box, { top: box.scrollTop, size: sizeOf(box) });
  }

  boxes() {
    return this.section.querySelectorAll(".answer > .box, .thinking > .text");
  }

  /** Lets a box that was seen at work keep its height at the end. */
  keepHeights() {
    const { memory } = this.ctx;
    for (const box of this.section.querySelectorAll(".run:not(.past) > .answer:not(.whole) > .box")) {
      const name = spot(box);
      if (!box.matches(SETTLED)) memory.heights.set(name, box.offsetHeight);
      else if (memory.heights.get(name) && !box.parentNode.hasAttribute("data-kept")) {
        box.style.height = `${memory.heights.get(name)}px`;
        box.parentNode.toggleAttribute("data-kept", true);
      }
    }
  }

  /** Marks the answers of which more than a line or two is hidden, and says how much is above and below. */
  measure() {
    for (const box of this.section.querySelectorAll(".answer > .box")) {
      const answer = box.parentNode;
      const foot = answer.querySelector(":scope > .foot");
      const line = parseFloat(window.getComputedStyle(box).lineHeight) || 21;
      const hidden = box.scrollHeight - box.clientHeight;
      let few = foot?.offsetHeight ? 4 : FEW * line; // where the foot has its room it says what is hidden
      // A box that fits its text is taller by some lines, and without its foot, which has a line's room.
      // One that keeps its height has the room already: no line is cut in two without a word.
      if (box.matches(SETTLED) && answer.matches("[data-kept]:not(.whole)")) few = 4;
      else if (box.matches(SETTLED) && !answer.matches(".whole"))
        few = answer.matches("[data-more]") ? MORE_LINES * line + (foot?.offsetHeight ?? 0) : 4;
      answer.toggleAttribute("data-more", hidden > few);
      answer.toggleAttribute("data-above", box.scrollTop > 4);
      answer.toggleAttribute("data-below", hidden > few && hidden - box.scrollTop > 4);
      veil(box, answer.hasAttribute("data-below"));
      if (!foot) continue;
      const count = (pixels) => (hidden > few && pixels > 4 ? Math.max(1, Math.round(pixels / line)) : 0);
      const above = count(box.scrollTop);
      const below = count(hidden - box.scrollTop);
      write(foot.querySelector(".top"), above && `↑ ${linesOf(above)} above`);
      write(foot.querySelector(".bottom"), below && `↓ ${above ? below : linesOf(below)} below`);
    }
  }

  now(tree) {
    const rewind = this.rewinds.get(tree.key);
    if (!rewind) return tree;
    rewind.latest ??= tree;
    return moment(rewind.latest, rewind.tree, rewind.at);
  }

  // ---- messages

  reply(message) {
    const { kind, run: key } = message;
    if (kind === "refused") this.refuse(key, message.text);
    else if (kind === "data") this.hand(key, message);
    else if (kind === "rewind") {
      const rewind = this.rewinds.get(key);
      if (!this.tree && message.tree && !this.parts.has(key)) this.adopt(key, message.tree);
      else if (rewind && message.at != null && message.tree) {
        rewind.tree = message.tree;
        this.redraw();
      }
    }
  }

  refuse(key, sentence) {
    for (const act of ["stop", "enough"]) this.ctx.sent.delete(`${act} ${key}`);
    for (const each of this.runElement(key)?.querySelectorAll(".ask [aria-disabled]") ?? [])
      each.removeAttribute("aria-disabled");
    if (this.tree) this.redraw();
    this.tell(this.runElement(key)?.querySelector(":scope > .refused"), sentence, 8000);
  }

  /** Shows a word for a while, where it can be heard too. */
  tell(place, sentence, time = 2000) {
    if (!place) return;
    place.textContent = flatText(sentence);
    clearTimeout(place.timer);
    place.timer = setTimeout(() => place.replaceChildren(), time);
  }

  runElement(key) {
    return [...this.section.querySelectorAll("[data-run]")].find((each) => each.dataset.run === key);
  }

  // ---- copy and download

  want(act, key, place) {
    const asked = { act, place, timer: setTimeout(() => this.unheard(key), HEARD) };
    const list = this.asked.get(key) ?? [];
    this.asked.set(key, [...list, asked]);
    if (!list.length) this.send({ kind: "data", run: key });
  }

  take(key) {
    const list = this.asked.get(key) ?? [];
    this.asked.delete(key);
    for (const each of list) clearTimeout(each.timer);
    return list;
  }

  /** Nobody answers, as after a restart: what is on the page can be copied all the same. */
  unheard(key) {
    for (const { act, place } of this.take(key)) {
      const box = place.closest(".answer")?.querySelector(".box"); // of many runs there is none
      if (act === "copy" && box) this.copy(box.innerText, place);
      else if (act === "error") this.copy(errorOf(place), place);
      else this.tell(place, "No answer: this run is no longer held in memory");
    }
  }

  hand(key, message) {
    for (const { act, place } of this.take(key)) {
      if (act === "download") {
        save(message.name || "result.json", message.json);
        this.tell(place, "Saved");
      } else if (act === "error") this.copy(message.error || errorOf(place), place);
      else this.copy(act === "json" ? message.json : message.text, place);
    }
  }

  async copy(string, place) {
    try {
      await navigator.clipboard.writeText(string);
      this.tell(place, "Copied");
    } catch {
      this.tell(place, copyBySelection(string) ? "Copied" : "The browser does not allow it");
    }
  }

  // ---- what a person does

  listen() {
    const { section } = this;
    const on = (name, work, options) => section.addEventListener(name, work, { signal: this.ends.signal, ...options });
    on("click", (event) => this.clicked(event));
    on("submit", (event) => this.submitted(event));
    on("toggle", (event) => this.toggled(event.target), { capture: true });
    on("scroll", (event) => this.scrolled(event.target), { capture: true, passive: true });
    on("keydown", (event) => this.typed(event));
    on("focusin", (event) => this.focused(event.target));
    on("focusout", (event) => this.blurred(event.target));
    on("pointerover", (event) => tip(event.target.closest(CUT)));
    const touch = (event) => {
      this.left = performance.now();
      const isPassing = event.type === "pointerover" || event.target === section || event.target.closest(".controls");
      if (!isPassing) this.ctx.memory?.untouched.clear();
    };
    for (const type of ["pointerover", "pointerdown", "wheel", "keydown", "focusin"])
      on(type, touch, { passive: true });
    on("pointerdown", (event) => this.pressed(event));
    on("pointermove", (event) => this.moved(event));
    on("pointermove", ({ movementX: x, movementY: y }) => {
      if ((x || y) && this.ctx.memory) this.ctx.memory.moved = true;
    });
    on("pointerleave", () => this.released());
    on("pointerup", (event) => this.lifted(event));
    on("pointercancel", () => this.released());
    const { signal } = this.ends;
    document.addEventListener("pointermove", (event) => this.unguard(event), { signal, passive: true });
    document.addEventListener("visibilitychange", () => document.hidden && this.rest(true), { signal });
  }

  clicked(event) {
    if (this.dragged) {
      this.dragged = false;
      event.preventDefault();
      return;
    }
    if (selectedIn(event)) event.preventDefault();
    const at = event.target.closest("button[data-act]");
    if (!at || !this.section.contains(at) || at.getAttribute("aria-disabled") === "true") return;
    const key = runOf(at);
    const { act } = at.dataset;
    if (act === "stop" || act === "enough") {
      this.ctx.sent.add(`${act} ${key}`);
      this.send({ kind: act, run: key });
      this.redraw();
    } else if (act === "say") this.speak(key);
    else if (act === "whole") this.unfold(key);
    else if (act === "top") this.go(key, () => 0);
    else if (act === "bottom") this.go(key, (box) => box.scrollHeight);
    else if (act === "approve" || act === "deny") this.decide(at, act, key);
    else if (act === "copy" || act === "json" || act === "download" || act === "error")
      this.want(act, key, at.parentNode.querySelector(".said"));
  }

  speak(key) {
    const { saying } = this.ctx;
    if (!saying.delete(key)) saying.add(key);
    this.redraw();
    this.runElement(key)
      ?.querySelector(saying.has(key) ? ":scope > .say .word" : "button.say")
      ?.focus();
  }

  /** Goes to an end of an answer; its box keeps the focus that the button loses. */
  go(key, place) {
    const box = this.boxOf(key);
    box.scrollTop = place(box);
    box.focus({ preventScroll: true });
  }

  unfold(key) {
    const { whole } = this.ctx.memory;
    if (!whole.delete(key)) whole.add(key);
    const answer = this.runElement(key)?.querySelector(":scope > .answer");
    if (this.tree || this.parts.has(key)) this.redraw();
    else if (answer) unfolded(answer, whole.has(key));
    this.measure();
  }

  decide(at, act, key) {
    const form = at.closest("form");
    for (const each of form.elements) each.setAttribute("aria-disabled", "true");
    this.send({ kind: act, run: key, stage: at.closest(".row").dataset.key, text: form.elements.word.value });
  }

  submitted(event) {
    event.preventDefault();
    const { word } = event.target.elements;
    const key = runOf(word);
    if (event.target.matches(".find")) this.find(key, word);
    if (!event.target.matches(".say") || !word.value.trim()) return;
    this.send({ kind: "say", run: key, text: word.value.trim() });
    word.value = "";
    this.speak(key);
  }

  /** Asks for the run of an item of a batch, by its index. */
  find(key, word) {
    const index = word.value.trim().replaceAll(/[,\u202f]/g, "");
    if (!/^\d{1,9}$/.test(index)) return this.refuse(key, `Expected the index of an item, ${word.placeholder}.`);
    this.send({ kind: "open", run: `${key}/${Number(index)}` });
    word.value = "";
    return undefined;
  }

  toggled(node) {
    if (!node.matches?.("details") || !this.ctx.memory.toggled(node)) return;
    const key = node.parentNode.dataset.key;
    this.ctx.memory.room = 0; // what a reader closes leaves no room
    this.keepRoom();
    if (node.parentNode.parentNode?.matches?.(".members") && this.ctx.live) {
      const asks = key === MORE && !node.querySelector(".members"); // a file has the rows
      if (this.tree || asks) this.send({ kind: node.open ? "open" : "close", run: key });
      else if (key !== MORE && node.open && !node.querySelector(".run")) this.hydrate(key);
    }
    const box = node.closest(".box");
    if (box) this.note(box);
    this.measure();
  }

  scrolled(box) {
    if (!box.matches?.(".box, .thinking > .text") || this.rewinds.has(runOf(box))) return;
    const followed = Boolean(this.follows.get(box));
    const { top, size } = this.placed.get(box) ?? {};
    // Where the text has grown since or the page has another width, it was no hand that moved it.
    const byLayout = followed && (box.scrollTop === top || sizeOf(box) !== size);
    const near = byLayout || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    const follows = near && (box.matches(WRITTEN) || followed);
    const { scrolled, tails } = this.ctx.memory;
    this.follows.set(box, follows);
    if (!follows) box.parentNode.removeAttribute("data-even");
    if (!byLayout && follows !== followed) this.ctx.memory.untouched.delete(runOf(box));
    scrolled.set(spot(box), box.scrollTop);
    if (box.matches(WRITTEN)) tails[follows ? "add" : "delete"](spot(box));
    else if (!near) tails.delete(spot(box));
    if (byLayout) this.tail();
    this.measure();
  }

  /** Keeps a notebook's shortcuts away from what has the focus by keyboard: Enter opens a row, arrows scroll. */
  focused(node) {
    node.toggleAttribute("data-lm-suppress-shortcuts", node.matches("input, .scrub, :focus-visible"));
    this.ctx.memory.focus = node.matches(FOCUSABLE) ? this.focusName(node) : null;
  }

  blurred(node) {
    if (node.matches(".scrub")) this.leave(runOf(node));
    const { memory } = this.ctx;
    // A panel that was taken away with the focus in it gives it to the one that takes its place.
    setTimeout(() => {
      const { section } = this;
      if (section.isConnected && !section.contains(document.activeElement)) memory.focus = null;
    });
  }

  focusName(node) {
    const fold = node.matches("summary") ? this.ctx.memory.ids.get(node.parentNode) : runOf(node);
    return `${node.dataset.act ?? (node.matches("summary") ? "summary" : node.className)} ${fold}`;
  }

  /** Gives the focus to the element that has taken the place of the one that had it. */
  refocus() {
    const { focus } = this.ctx.memory;
    const now = document.activeElement;
    if (!focus || (now && now !== document.body && !now.contains(this.section))) return;
    const same = [...this.section.querySelectorAll(FOCUSABLE)].find((each) => this.focusName(each) === focus);
    same?.focus({ preventScroll: true });
  }

  typed(event) {
    const { key, target: node } = event;
    if (key === "Escape" && node.matches(".say .word")) return this.speak(runOf(node));
    if (key === "Enter" && node.matches(".word")) return entered(event);
    if (!node.matches(".scrub")) return undefined;
    const run = runOf(node);
    const span = this.span(run);
    const at = this.rewinds.get(run)?.at ?? this.wishes.get(run) ?? span;
    const step = Math.max(0.1, span / 100);
    const moves = {
      ArrowLeft: -step,
      ArrowDown: -step,
      ArrowRight: step,
      ArrowUp: step,
      PageDown: -10 * step,
      PageUp: 10 * step,
      Home: -span,
      End: span,
    };
    if (key === "Escape") this.leave(run);
    else if (Object.hasOwn(moves, key)) this.rewind(run, Math.min(span, Math.max(0, at + moves[key])));
    else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return undefined;
  }

  // ---- rewind

  span(key) {
    const known = this.rewinds.get(key)?.latest;
    return known?.span ?? Number(this.runElement(key)?.dataset.span ?? 0);
  }

  /** Says which run's axis is under the pointer. */
  axis(event) {
    const node = event.target.closest?.(".trace .track, .trace .scrub");
    return node && this.ctx.live && this.section.contains(node) ? runOf(node) : null;
  }

  pressed(event) {
    const key = this.axis(event);
    if (key === null || event.button) return;
    this.drag = { key, x: event.clientX };
    if (event.pointerType !== "mouse") this.follow(key, event.clientX);
  }

  moved(event) {
    if (this.drag) {
      if (Math.abs(event.clientX - this.drag.x) > 3) this.dragged = true;
      this.follow(this.drag.key, event.clientX);
      return;
    }
    const key = this.axis(event);
    if (key === null) {
      this.released();
      return;
    }
    this.x = event.clientX;
    if (this.hovered === key && (this.rewinds.has(key) || this.wishes.has(key))) this.follow(key, this.x);
    else if (this.hovered !== key) {
      this.released();
      this.hovered = key;
      this.intent = setTimeout(() => this.follow(key, this.x), INTENT);
    }
  }

  lifted(event) {
    if (this.drag && event.pointerType !== "mouse") this.released();
    this.drag = null;
    setTimeout(() => {
      this.dragged = false;
    });
  }

  released() {
    clearTimeout(this.intent);
    this.drag = null;
    if (this.hovered != null) this.leave(this.hovered);
    this.hovered = null;
  }

  follow(key, x) {
    this.hovered = key;
    const tracks = [...(this.runElement(key)?.querySelectorAll(".trace .track") ?? [])];
    const rect = tracks.find((each) => each.getBoundingClientRect().width > 0)?.getBoundingClientRect();
    if (rect) this.rewind(key, Math.min(1, Math.max(0, (x - rect.left) / rect.width)) * this.span(key));
  }

  rewind(key, at) {
    if (!this.tree && !this.parts.has(key)) {
      this.wishes.set(key, at);
      return this.hydrate(key);
    }
    const rewind = this.rewinds.get(key) ?? {
      tree: null,
      latest: null,
      last: 0,
      timer: 0,
      scroll: this.boxOf(key)?.scrollTop ?? 0,
    };
    rewind.at = at;
    if (!this.rewinds.has(key)) this.fix(key);
    this.rewinds.set(key, rewind);
    this.redraw();
    if (rewind.timer) return undefined;
    const ask = () => {
      rewind.timer = 0;
      rewind.last = Date.now();
      if (this.rewinds.get(key) === rewind) this.send({ kind: "rewind", run: key, at: rewind.at });
    };
    const wait = rewind.last + PACE - Date.now();
    if (wait <= 0) ask();
    else rewind.timer = setTimeout(ask, wait);
    return undefined;
  }

  leave(key) {
    this.wishes.delete(key);
    const rewind = this.rewinds.get(key);
    if (!rewind) return;
    clearTimeout(rewind.timer);
    this.rewinds.delete(key);
    this.redraw();
    const box = this.boxOf(key);
    if (box) {
      box.parentNode.removeAttribute("data-footless");
      if (!box.parentNode.hasAttribute("data-kept")) free(box);
      box.scrollTop = rewind.scroll;
    }
    this.send({ kind: "rewind", run: key, at: null });
  }

  /** Keeps the height of a box while other moments are shown in it. */
  fix(key) {
    const box = this.boxOf(key);
    if (!box?.offsetHeight) return;
    box.style.height = `${box.getBoundingClientRect().height}px`;
    const foot = box.parentNode.querySelector(":scope > .foot");
    box.parentNode.toggleAttribute("data-footless", Boolean(foot) && !foot.offsetHeight);
  }

  boxOf(key) {
    return this.runElement(key)?.querySelector(":scope > .answer > .box");
  }

  // ---- a panel that was made without a script

  /** Asks for the tree of an ended run, once. */
  hydrate(key) {
    if (this.asking?.has(key)) return;
    (this.asking ??= new Set()).add(key);
    this.send({ kind: "rewind", run: key, at: this.span(key) + 1 });
  }

  /** Draws an ended run in place of its static elements, which look the same. */
  adopt(key, tree) {
    const old = this.runElement(key);
    const place =
      old ??
      [...this.section.querySelectorAll(".members > .row")]
        .find((each) => each.dataset.key === key)
        ?.querySelector("details");
    if (!place) return;
    const scroll = this.boxOf(key)?.scrollTop ?? 0;
    for (const node of old?.querySelectorAll("details") ?? [])
      this.ctx.memory.open.set(this.ctx.memory.ids.get(node), node.open);
    const at = this.wishes.get(key); // before the axis is replaced: it would be left
    const latest = { ...tree, at: null };
    const element = make(run(latest, this.ctx), this.ctx.memory);
    this.parts.set(key, { element, tree: latest });
    if (old) old.replaceWith(element);
    else place.append(element);
    this.keepHeights();
    if (this.boxOf(key)) this.boxOf(key).scrollTop = scroll;
    this.refocus();
    this.measure();
    this.wishes.delete(key);
    if (at !== undefined) this.rewind(key, at);
  }

  enhance() {
    const { section } = this;
    const memory = (this.ctx.memory = Memory.of(section.dataset.pnb ?? ""));
    for (const answer of section.querySelectorAll(".answer")) {
      const key = runOf(answer);
      for (const each of tools(memory.whole.has(key))) answer.append(make(each, memory));
      if (memory.whole.has(key)) unfolded(answer, true);
    }
    for (const each of section.querySelectorAll(".group > .head")) each.append(make(taking("all results"), memory));
    for (const fail of section.querySelectorAll(".fail")) fail.append(make(copying(), memory));
    for (const box of this.boxes()) this.arrive(box);
    this.tail();
    for (const each of section.querySelectorAll(".trace"))
      each.append(make(scrub(null, this.span(runOf(each)), each.querySelector(".track[title]")?.title), memory));
    for (const each of section.querySelectorAll(".run"))
      each.append(make(h("p", "refused", { role: "status" }), memory));
    for (const each of section.querySelectorAll(".members > .row > .line")) openable(each);
    for (const node of section.querySelectorAll("details")) {
      const id = idOf(node);
      memory.ids.set(node, id);
      if (memory.open.has(id)) node.open = memory.open.get(id);
      memory.expected.set(node, node.open);
    }
    this.refocus();
    this.guard();
    this.folded();
    this.beginLater();
    if (document.hidden) this.rest(true);
    this.measure();
  }
}

/** Sends the word to the agent: a notebook takes Enter for its own, so that no browser would submit the form. */
function entered(event) {
  if (event.isComposing || event.keyCode === 229) return; // Enter chooses a word of an input method
  event.preventDefault();
  event.stopPropagation();
  // A question has two answers: Enter chooses neither.
  if (!event.repeat && event.target.matches(":is(.say, .find) .word")) event.target.form.requestSubmit();
}

const TALLEST_LINE = 48; // pixels of a line that may be cut at the top

/** Takes the room below a text away again. */
function unsnap(box) {
  box.parentNode.removeAttribute("data-even");
  if (!box.style.getPropertyValue("--snap")) return;
  box.style.removeProperty("--snap");
  if (!box.getAttribute("style")) box.removeAttribute("style");
}

/** Leaves so much room below a text that is followed to its end that no line at the top is cut in two. */
function snap(box) {
  unsnap(box);
  if (!box.matches(".box") || box.scrollHeight <= box.clientHeight) return;
  box.parentNode.toggleAttribute("data-even", true);
  box.scrollTop = box.scrollHeight;
  const { top } = box.getBoundingClientRect();
  const head = [...box.querySelectorAll("thead")].find((each) => each.getBoundingClientRect().bottom > top);
  if (head && head.getBoundingClientRect().top < top + 2) return; // the head of a table stands there
  const rest = cutAt(box, top);
  if (rest >= 1 && rest < TALLEST_LINE) box.style.setProperty("--snap", `${rest.toFixed(1)}px`);
}

/** Returns how many pixels of lines that begin above a place are below it, or what `measured` says of them. */
function cutAt(box, place, measured = ({ bottom }) => bottom - place) {
  const crosses = ({ top, bottom }) => top < place - 1 && bottom > place + 1;
  const block = [...box.querySelectorAll(":scope > .blocks > *")].find((each) => crosses(each.getBoundingClientRect()));
  if (!block) return 0;
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let rest = 0;
  while (texts.nextNode()) {
    range.selectNodeContents(texts.currentNode);
    for (const line of range.getClientRects()) if (crosses(line)) rest = Math.max(rest, measured(line));
  }
  return rest;
}

/** Covers a line that is cut in two at the bottom of an answer that is written no more. */
function veil(box, isCut) {
  const answer = box.parentNode;
  const { bottom } = box.getBoundingClientRect();
  const tall = isCut && box.matches(SETTLED) ? cutAt(box, bottom, ({ top }) => bottom - top) : TALLEST_LINE;
  if (tall < TALLEST_LINE) answer.style.setProperty("--veil", `${Math.ceil(tall)}px`);
  else if (answer.style.getPropertyValue("--veil")) {
    answer.style.removeProperty("--veil");
    if (!answer.getAttribute("style")) answer.removeAttribute("style");
  }
}

const sizeOf = (box) => `${box.scrollHeight} ${box.clientHeight} ${box.clientWidth}`;

/** Says how many lines there are. */
const linesOf = (lines) => `${lines} ${lines > 1 ? "lines" : "line"}`;

/** Gives an element a text, or none. */
function write(element, words) {
  if (element.textContent !== (words || "")) element.textContent = words || "";
}

const flatText = (string) =>
  flat([string])
    .map((each) => each.raw ?? each)
    .join("");
const FOCUSABLE = "summary, .box, .scrub, button[data-act]";
const WRITTEN = ".answer.open > .box, .run.running > .thinking > .text"; // what grows at its end
const SETTLED = ".run:is(.finished, .failed, .cancelled) > .answer > .box";
const spot = (box) => (box.matches(".box") ? runOf(box) : `${runOf(box)}//thinking`);
const runOf = (node) => node.closest("[data-run]")?.dataset.run ?? "";

/** Says whether this click ends the selection of a text in a line that would open by it. */
function selectedIn(event) {
  const summary = event.detail && event.target.closest("summary");
  const selection = window.getSelection();
  return Boolean(summary) && !selection.isCollapsed && summary.contains(selection.anchorNode);
}

const CUT = ".name, .message, .hint, .line .title, .subject, .trouble, .asks, .totals";

/** Shows a text that is cut off as a whole while the pointer is over it. */
function tip(node) {
  if (!node) return;
  if (node.scrollWidth > node.clientWidth) node.title = node.textContent;
  else node.removeAttribute("title");
}

/** Returns the name under which a static fold is remembered: that of the same fold in a live panel. */
function idOf(node) {
  const run = runOf(node.parentNode);
  if (node.matches(".gantt")) return `${run}//trace`;
  if (node.matches(".thinking")) return `${run}//thinking`;
  if (node.matches(".section")) return `${run}//${node.dataset.key}`;
  const { key } = node.closest("[data-key]")?.dataset ?? {};
  return node.closest(".run") ? `${run}/${key}` : key;
}

/** Makes a line of a static group one that opens: its run is asked for. */
function openable(line) {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  details.className = "fold";
  summary.className = "line";
  line.replaceWith(details);
  summary.append(...line.childNodes);
  details.append(summary);
}

/** Returns an error as it is drawn. */
const errorOf = (place) => [...place.closest(".fail").querySelectorAll("p")].map((each) => each.textContent).join("\n");

/** Lets an element that has been so tall glide to the height that it has now. */
function glideTo(element, tall) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const now = element.offsetHeight;
  const property = now < tall ? "minHeight" : "maxHeight";
  const frames = [{ [property]: `${tall}px` }, { [property]: `${now}px` }];
  element.animate(frames, { duration: GLIDE, easing: "ease-out" });
}

/** Lets a box fit its text again. */
function free(box) {
  unsnap(box);
  box.style.removeProperty("height");
  if (!box.getAttribute("style")) box.removeAttribute("style");
  box.parentNode.removeAttribute("data-kept");
}

function unfolded(answer, whole) {
  answer.classList.toggle("whole", whole);
  const button = answer.querySelector("button.whole");
  button.textContent = whole ? "Show less" : "Show all";
  button.setAttribute("aria-expanded", String(whole));
}

/** Saves a text as a file, with a name that is no path. */
function save(name, string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([string], { type: "application/json" }));
  link.download = name.replace(/[^\p{L}\p{N} ._-]/gu, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Copies where a page has no clipboard, as over plain HTTP. */
function copyBySelection(string) {
  const area = document.createElement("textarea");
  area.value = string;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** Draws panels into an element; `send` takes messages to the kernel or server, `live` says that somebody hears them. */
export function mount(root, { send = () => {}, live = true } = {}) {
  const section = document.createElement("section");
  section.className = "pnb mathjax_ignore tex2jax_ignore";
  root.append(section);
  const panel = new Panel(section, { send, live });
  return {
    paint: (tree) => panel.paint(tree),
    reply: (message) => panel.reply(message),
    destroy: () => panel.destroy(),
  };
}

/** Returns a panel as HTML without a script, as html.py makes it; `model` is the id of the widget that draws it now. */
export function still(tree, model) {
  const memory = new Memory();
  const ctx = { live: false, sent: new Set(), saying: new Set(), memory, now: (each) => each };
  const attributes = { "data-pnb": tree.key, "data-pnb-model": model, "aria-label": flatText(label(tree)) };
  // It is read, never set.
  // eslint-disable-next-line no-restricted-properties
  return make(h("section", "pnb mathjax_ignore tex2jax_ignore", attributes, contents(tree, ctx)), memory).outerHTML;
}

/** Describes a panel that is at work in plain text: for viewers that draw no HTML, and for whoever searches a file. */
export function stillText(tree) {
  const line = (depth, ...parts) => "  ".repeat(depth) + flatText(parts.filter(Boolean).join(" · "));
  const rows = (list, depth) =>
    list.flatMap((r) => [
      line(
        depth,
        [r.sign, r.title, r.outcome].filter(Boolean).join(" "),
        r.percent_text,
        r.time,
        r.remark || r.message,
      ),
      ...rows(r.children ?? [], depth + 1),
    ]);
  const runs = tree.runs.flatMap(({ header, trace, batch: many }) => [
    line(0, `${header.sign} ${header.title}`, header.subject, header.percent_text, header.elapsed, header.left),
    ...(many ? [line(1, many.text)] : []),
    ...rows(trace, 1),
  ]);
  const { totals } = tree;
  return (
    totals ? [line(0, `${totals.sign} ${totals.title}`, totals.text, totals.elapsed), ...rows(tree.rows, 1)] : runs
  ).join("\n");
}

const enhanced = new WeakMap();

/** Gives a panel that was made without a script its buttons, rewind and memory. */
export function enhance(root, { send = () => {} } = {}) {
  const section = root.matches(".pnb") ? root : root.querySelector(".pnb");
  if (!section) return null;
  if (!enhanced.has(section)) {
    const panel = new Panel(section, { send, live: true });
    panel.enhance();
    enhanced.set(section, { reply: (message) => panel.reply(message), destroy: () => panel.destroy() });
  }
  return enhanced.get(section);
}
