export const VERSION = "0"
export function applyPatch(tree, ops) {
  tree = structuredClone(tree)
  const root = { tree }
  for (const [op, path, ...rest] of ops) {
    const full = ["tree", ...path]; const last = full.pop()
    const at = full.reduce((node, key) => node[key], root)
    if (op === "=") at[last] = rest[0]
    else if (op === "-") delete at[last]
    else if (op === "+") at[last] += rest[0]
    else at[last].splice(rest[0], rest[1], ...rest[2])
  }
  return root.tree
}
export function mount(root, { send }) {
  const section = document.createElement("section"); section.className = "pnb"; root.append(section)
  return {
    paint(tree) {
      section.dataset.pnb = tree.key; section.replaceChildren()
      for (const run of tree.runs) {
        const div = document.createElement("div"); div.className = "run"; div.dataset.run = run.key
        const h = document.createElement("h3"); h.textContent = `${run.header.sign} ${run.header.title} ${run.header.percent_text}`
        const b = document.createElement("button"); b.className = "stop"; b.textContent = "Stop"; b.onclick = () => send({ kind: "stop", run: run.key })
        const p = document.createElement("pre"); p.textContent = JSON.stringify(run.answer)
        div.append(h, b, p); section.append(div)
      }
      if (tree.totals) section.append(tree.totals.text)
    }, reply(m) { console.log(m) }, destroy() { section.remove() },
  }
}
export function enhance(root, { send }) { return { reply() {}, destroy() {} } }
