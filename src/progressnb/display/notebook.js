// The part of the notebook: appended to view.js, whose mount, enhance and applyPatch it uses.
//
// It travels once a kernel, in the loader widget, which is never displayed. Panels are stubs (stub.js) that wait for the
// promise which is resolved here. The global is keyed by the version of all files, since another notebook on the same
// page may have loaded another version.

const notebook = (() => {
  const SLOT = "progressnb@__VERSION__";
  const VIEW = "application/vnd.jupyter.widget-view+json";

  /** Milliseconds after which a panel that has ended and is still drawn by its widget replaces its output itself. */
  const PATIENCE = 1500;

  /** Milliseconds for which the HTML that takes a widget's place is waited for. */
  const AWAITED = 10_000;

  const slot = (globalThis[SLOT] ??= (() => {
    let done;
    const ready = new Promise((resolve) => (done = resolve));
    return { ready, done };
  })());
  // Shared with the loaders of other notebooks on the page, and of a kernel that was restarted.
  slot.loaders ??= new Set();
  slot.replies ??= new Map();
  slot.atWork ??= new Map();
  slot.files ??= new WeakSet();
  slot.boxes ??= new Set();
  slot.early ??= new Map();
  const { loaders, replies, atWork, files, boxes, early } = slot;

  /** Messages that are kept for widgets which are not there yet. */
  const EARLY = 100;

  /** What one stub holds: the tree, the number of its last patch, and its views. */
  class Held {
    constructor(model) {
      this.model = model;
      this.views = new Map();
      this.asked = false;
      this.ended = false;
      const { n = -1, tree = null, ended = false } = model.get("snapshot") ?? {};
      this.n = n;
      this.tree = tree;
      this.late = ended;
    }

    take(message) {
      if (message.n !== undefined) this.update(message);
      else if (message.kind === "html") swap(this.model, message);
      else for (const view of this.views.values()) view.reply(message);
    }

    update({ n, ops, tree, ended = false }) {
      if (tree !== undefined) {
        if (n < this.n) return;
        this.tree = tree;
        this.asked = false;
      } else if (n <= this.n) return;
      else if (n === this.n + 1 && this.tree !== null) this.tree = applyPatch(this.tree, ops);
      else {
        // The widget may be closed by now: what comes through the loader comes all the same.
        if (!this.asked) attempt(() => this.model.send({ kind: "tree" }));
        this.asked = true;
        return;
      }
      this.n = n;
      for (const view of this.views.values()) view.paint(this.tree);
      if (ended) this.end();
    }

    /** The kernel replaces the output of a panel that has ended; on a page that was loaded anew nothing comes of it. */
    end() {
      if (this.ended) return;
      this.ended = true;
      setTimeout(() => this.views.size && this.model.send({ kind: "html" }), PATIENCE);
    }

    show(el) {
      const view = mount(el, { send: (message) => this.model.send(message), live: true });
      this.views.set(el, view);
      if (this.tree !== null) {
        view.paint(this.tree);
        atWork.set(this.tree.key, this);
      }
      attempt(() => keepStill(this.model.widget_manager?.context?.model));
      this.model.send({ kind: "hello" });
      if (this.late) this.end();
      return () => {
        view.destroy();
        this.views.delete(el);
        if (!this.views.size && this.tree !== null) atWork.delete(this.tree.key);
        if (!this.ended) return;
        attempt(() => this.model.send({ kind: "gone" }));
        if (this.tree !== null) follow(this.tree.key);
      };
    }
  }

  /** Gives the HTML that takes a live panel's place what was open and how far it was scrolled, before it is drawn. */
  function follow(key) {
    const look = () => {
      const roots = document.querySelectorAll(`section.pnb[data-pnb="${CSS.escape(key)}"]`);
      const root = [...roots].find((each) => !each.closest("[data-pnb-live]"));
      if (!root) return;
      observer.disconnect();
      animate(root);
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true });
    setTimeout(() => observer.disconnect(), AWAITED);
    look();
  }

  /** Replaces the output that shows a widget by its final HTML, through the context of JupyterLab's widget manager. */
  function swap(model, { model_id: id, data }) {
    for (const cell of model.widget_manager?.context?.model?.cells ?? []) {
      const { outputs } = cell;
      for (let index = 0; index < (outputs?.length ?? 0); index++) {
        const output = outputs.get(index).toJSON();
        if (output.data?.[VIEW]?.model_id === id)
          outputs.set(index, { output_type: output.output_type, metadata: {}, data });
      }
    }
  }

  // ---- files that are saved meanwhile: they hold HTML, since no kernel may be there when they are opened

  const STYLE = String.raw`<style>__SMALL__</style>`;
  const MODEL = /data-pnb-model="(\w+)"/;

  /** Lets a notebook's file keep its panels at work as they are seen now; what is on the page is left alone. */
  function keepStill(notebook) {
    if (!notebook?.toJSON || files.has(notebook)) return;
    files.add(notebook);
    const written = notebook.toJSON;
    notebook.toJSON = function (...given) {
      const whole = written.apply(this, given);
      const kept = (cell) => (cell.outputs ? { ...cell, outputs: cell.outputs.map(stillOutput) } : cell);
      return { ...whole, cells: whole.cells.map(kept) };
    };
  }

  function stillOutput(output) {
    const { [VIEW]: view, ...data } = output.data ?? {};
    const tree = view && atWork.get(view.panel)?.tree;
    if (!tree) return output;
    const html = STYLE + still(tree, view.model_id);
    return { ...output, data: { ...data, "text/html": html, "text/plain": stillText(tree) } };
  }

  /** Shows a panel by its widget in the place of the HTML that a file kept of it, on a page that is loaded anew. */
  function found(model) {
    const key = model.get("snapshot")?.tree?.key;
    for (const cell of model.widget_manager?.context?.model?.cells ?? []) {
      const { outputs } = cell;
      for (let index = 0; index < (outputs?.length ?? 0); index++) {
        const { data, ...output } = outputs.get(index).toJSON();
        const html = String(data?.["text/html"] ?? "");
        const [, id] = html.includes(`data-pnb="${key}"`) ? (MODEL.exec(html) ?? []) : [];
        if (id && !data[VIEW])
          outputs.set(index, {
            ...output,
            data: { ...data, [VIEW]: { version_major: 2, version_minor: 0, model_id: id, panel: key } },
          });
      }
    }
  }

  // ---- panels that have ended: static HTML, which comes alive at the first touch while its kernel lives

  /** Does something with a kernel that may be gone. */
  function attempt(work) {
    try {
      work();
    } catch (error) {
      console.debug("progressnb", error);
    }
  }

  function animate(root) {
    const panel = root.dataset.pnb;
    const handles = replies.get(panel) ?? new Map();
    if (handles.has(root)) return;
    for (const each of handles.keys()) if (!each.isConnected) handles.delete(each);
    const handle = enhance(root, {
      // A kernel that does not know the panel passes over it.
      send: (message) => loaders.forEach((loader) => attempt(() => loader.send({ ...message, panel }))),
    });
    replies.set(panel, handles.set(root, handle));
  }

  /** Hands the paints of several panels to their widgets. */
  function share(paints) {
    for (const [name, message] of paints) {
      const known = [...boxes].filter((box) => box.name === name);
      known.forEach((box) => box.take(message));
      if (known.length) continue;
      if (!early.has(name)) early.set(name, []);
      early.get(name).push(message);
      if (early.size > EARLY) early.delete(early.keys().next().value);
      if (early.get(name)?.length > EARLY) early.get(name).shift();
    }
  }

  function answer({ panel, ...message }) {
    if (message.kind === "paints") return share(message.paints);
    for (const handle of replies.get(panel)?.values() ?? []) handle?.reply(message);
  }

  function touched({ target }) {
    const root = target.closest?.("section.pnb[data-pnb]");
    if (root && !root.closest("[data-pnb-live]")) animate(root);
  }

  if (!slot.listening) {
    slot.listening = true;
    for (const type of ["pointerover", "pointerdown", "focusin"])
      document.addEventListener(type, touched, { capture: true, passive: true });
    // On a page that was loaded anew the pointer may rest on a panel already.
    document.querySelectorAll("section.pnb:hover").forEach((target) => touched({ target }));
  }

  const held = new WeakMap();

  slot.done({
    found(model, box) {
      for (const message of early.get(box.name) ?? []) box.take(message);
      early.delete(box.name);
      attempt(() => found(model));
    },

    /** Draws a stub's panel; `box` is what the stub has kept of its messages until now. */
    show({ model, el }, box) {
      let one = held.get(box);
      if (!one) {
        held.set(box, (one = new Held(model)));
        for (const message of box.waiting.splice(0)) one.take(message);
        box.take = (message) => one.take(message);
      }
      el.dataset.pnbLive = "";
      // JupyterLab gives HTML this room; so nothing moves when HTML takes the widget's place.
      if (model.widget_manager?.context) el.style.padding = "0 20px 6.5px 0";
      return one.show(el);
    },
  });

  return {
    initialize({ model }) {
      loaders.add(model);
      model.on("msg:custom", answer);
      model.send({ kind: "hello" });
      return () => loaders.delete(model);
    },
  };
})();

export default notebook;
