// Draws panels of JSON files with view.js, without a kernel, and prints their elements: {name: HTML}.
// node mount.mjs PATH_OF_JSDOM PATH_OF_VIEW_JS FILE…
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, view, ...files] = process.argv.slice(2);
const { JSDOM } = createRequire(`${modules}/`)("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true });
for (const name of ["document", "window", "Node", "Element", "HTMLElement", "navigator", "AbortController"]) {
  Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true });
}
const { mount } = await import(pathToFileURL(view));
const drawn = {};
for (const file of files) {
  const root = document.createElement("div");
  document.body.append(root);
  mount(root, { live: false }).paint(JSON.parse(readFileSync(file, "utf8")));
  drawn[basename(file)] = root.innerHTML;
}
process.stdout.write(JSON.stringify(drawn), () => process.exit(0)); // a pipe takes 64 KB at a time
