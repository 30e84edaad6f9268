// The part of the notebook: appended to view.js, whose `mount`, `enhance` and `applyPatch` it uses.
//
// It travels once a kernel, in the loader widget, which is never displayed. Panels are stubs (stub.js): they wait for
// the promise that is resolved here. The global is keyed by the version of all files, since another notebook on the
// same page may have loaded another version.

const SLOT = "progressnb@__VERSION__"

const slot = (globalThis[SLOT] ??= (() => {
  let done
  const ready = new Promise((resolve) => (done = resolve))
  return { ready, done, loaders: new Set(), enhanced: new WeakMap(), replies: new Map() }
})())
// A kernel that was restarted, and another notebook of the same version, share these.
const { loaders, enhanced, replies } = slot

/** Milliseconds after which a panel that has ended and is still drawn by its widget replaces its output itself. */
const PATIENCE = 1500

/** What one stub holds: the tree, the number of its last patch, and its views. */
class Held {
  constructor(model) {
    this.model = model
    this.views = new Map()
    this.asked = false
    this.ended = false
    const { n = -1, tree = null, ended = false } = model.get("snapshot") ?? {}
    this.n = n
    this.tree = tree
    if (ended) this.end()
  }

  take(message) {
    if (message.n !== undefined) this.update(message)
    else if (message.kind === "html") swap(this.model, message)
    else for (const view of this.views.values()) view.reply(message)
  }

  update({ n, ops, tree, ended }) {
    if (tree !== undefined) {
      if (n < this.n) return
      this.tree = tree
      this.asked = false
    } else if (n <= this.n) return
    else if (n === this.n + 1 && this.tree !== null) this.tree = applyPatch(this.tree, ops)
    else {
      if (!this.asked) this.model.send({ kind: "tree" })
      this.asked = true
      return
    }
    this.n = n
    for (const view of this.views.values()) view.paint(this.tree)
    if (ended) this.end()
    else this.ended = false
  }

  /** The kernel replaces the output of a panel that has ended. On a page that was loaded anew nothing comes of it. */
  end() {
    if (this.ended) return
    this.ended = true
    setTimeout(() => this.ended && this.views.size && this.model.send({ kind: "html" }), PATIENCE)
  }

  show(el) {
    const view = mount(el, { send: (message) => this.model.send(message), live: true })
    this.views.set(el, view)
    if (this.tree !== null) view.paint(this.tree)
    const scrolled = remember(el)
    this.model.send({ kind: "hello" })
    return () => {
      view.destroy()
      this.views.delete(el)
      if (!this.ended) return
      this.model.send({ kind: "gone" })
      if (this.tree !== null) carry(this.tree.key, scrolled)
    }
  }
}

/** Note how far the boxes of a live panel are scrolled: a box that is taken out of the page forgets it. */
function remember(el) {
  const places = new Map()
  el.addEventListener(
    "scroll",
    ({ target }) => {
      const run = target.closest?.("[data-run]")
      if (run) places.set(run.dataset.run, { top: target.scrollTop, bottom: atBottom(target) })
    },
    { capture: true, passive: true },
  )
  return places
}

function atBottom(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 4
}

/** Scroll the boxes of the static panel that takes a live one's place as they were. */
function carry(key, places) {
  let left = 40
  const look = () => {
    const root = document.querySelector(`section.pnb[data-pnb="${CSS.escape(key)}"]`)
    if (!root) {
      if (left-- > 0) setTimeout(look, 25)
      return
    }
    for (const [run, { top, bottom }] of places) {
      const box = root.querySelector(`[data-run="${CSS.escape(run)}"] .answer`)
      if (box) box.scrollTop = bottom ? box.scrollHeight : top
    }
    animate(root)
  }
  look()
}

/** Replace the output that shows a widget by its final HTML, through the context of JupyterLab's widget manager. */
function swap(model, { model_id: id, data }) {
  const cells = model.widget_manager?.context?.model?.cells
  if (!cells) return
  for (const cell of cells) {
    const outputs = cell.outputs
    for (let index = 0; index < (outputs?.length ?? 0); index++) {
      const output = outputs.get(index).toJSON()
      if (output.data?.["application/vnd.jupyter.widget-view+json"]?.model_id === id)
        outputs.set(index, { output_type: output.output_type, metadata: {}, data })
    }
  }
}

// --- panels that have ended: static HTML, which comes alive at the first touch while its kernel lives ---------------

function animate(root) {
  if (enhanced.has(root)) return
  const panel = root.dataset.pnb
  const send = (message) => {
    // A kernel that does not know the panel passes over it.
    for (const loader of loaders) attempt(() => loader.send({ ...message, panel }))
  }
  const handle = enhance(root, { send })
  enhanced.set(root, handle)
  const all = replies.get(panel) ?? new Set()
  replies.set(panel, all.add(new WeakRef(root)))
}

/** Do something with a kernel that may be gone. */
function attempt(work) {
  try {
    work()
  } catch (error) {
    console.debug("progressnb", error)
  }
}

function reply({ panel, ...message }) {
  for (const reference of replies.get(panel) ?? []) {
    const root = reference.deref()
    if (root) enhanced.get(root)?.reply?.(message)
    else replies.get(panel).delete(reference)
  }
}

function touched({ target }) {
  const root = target.closest?.("section.pnb[data-pnb]")
  if (root && !root.dataset.live && !root.closest("[data-pnb-live]")) animate(root)
}

const LOADED = Symbol.for(SLOT)
if (!document[LOADED]) {
  document[LOADED] = true
  for (const type of ["pointerover", "pointerdown", "focusin"])
    document.addEventListener(type, touched, { capture: true, passive: true })
}

const held = new WeakMap()

slot.done({
  /** Draw a stub's panel; `box` is what the stub keeps of its messages until now. */
  show({ model, el }, box) {
    let one = held.get(box)
    if (!one) {
      held.set(box, (one = new Held(model)))
      for (const message of box.waiting.splice(0)) one.take(message)
      box.take = (message) => one.take(message)
    }
    el.dataset.pnbLive = ""
    return one.show(el)
  },
})

export default () => ({
  initialize({ model }) {
    loaders.add(model)
    model.on("msg:custom", reply)
    model.send({ kind: "hello" })
    return () => loaders.delete(model)
  },
})
