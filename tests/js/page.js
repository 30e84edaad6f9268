// A page without a browser: jsdom from build/js, and the fixtures that Python's painters are tested against too.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../build/js/", import.meta.url));
const { JSDOM } = require("jsdom");
const folder = new URL("../data/view/", import.meta.url);

const { window } = new JSDOM("<!doctype html><main></main>", { pretendToBeVisual: true });
for (const name of ["window", "document", "navigator", "AbortController"]) {
  Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true });
}

export const view = await import("../../src/progressnb/display/view.js");
export const names = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -5));
export const fixture = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
export { window };

/** Mounts a panel on an empty page; `sent` collects what it sends. */
export function mounted(tree, options = {}) {
  document.body.replaceChildren(document.createElement("main"));
  const sent = [];
  const panel = view.mount(document.querySelector("main"), { send: (message) => sent.push(message), ...options });
  if (tree) panel.paint(tree);
  return { panel, sent, section: document.querySelector(".pnb") };
}

/** Returns a tree in which some parts are others. */
export const but = (tree, change) => {
  const copy = structuredClone(tree);
  change(copy);
  return copy;
};

/** Returns a panel with one run whose answer is these blocks. */
export function answering(blocks, change = {}) {
  return but(fixture("markdown_live"), (tree) => {
    tree.key = `panel-${Math.random()}`;
    Object.assign(tree.runs[0].answer, { blocks, height: "tall" }, change);
  });
}
