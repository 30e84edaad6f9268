// Painting: elements are made of the tree by key, and what did not change is not touched.
import assert from "node:assert/strict";
import { test } from "node:test";

import { answering, but, fixture, mounted, names, view, window } from "./page.js";

const all = (root, selector) => [...root.querySelectorAll(selector)];

for (const name of names) {
  test(`${name}: painting it twice changes nothing, and painting it over another tree is as painting it alone`, () => {
    const tree = fixture(name);
    const { panel, section } = mounted(tree);
    const once = section.outerHTML;
    panel.paint(structuredClone(tree));
    assert.equal(section.outerHTML, once);
    for (const other of names) {
      panel.paint(fixture(other));
      panel.paint(structuredClone(tree));
      assert.equal(section.outerHTML, once, `after ${other}`);
    }
  });

  test(`${name}: nothing that is no text of the tree becomes an element, and no link leads to a script`, () => {
    const { section } = mounted(fixture(name));
    const allowed =
      /^(SECTION|DIV|SPAN|BDI|P|UL|OL|LI|DL|DT|DD|H4|BLOCKQUOTE|PRE|CODE|EM|STRONG|S|A|BR|HR|TABLE|THEAD|TBODY|TR|TH|TD|MARK|I|B|DETAILS|SUMMARY|BUTTON|FORM|INPUT|LABEL)$/;
    for (const element of all(section, "*")) {
      assert.match(element.tagName, allowed);
      for (const attribute of element.attributes) assert.doesNotMatch(attribute.name, /^on/);
    }
    for (const link of all(section, "a[href]")) {
      assert.match(link.getAttribute("href"), /^https?:\/\//);
      assert.equal(link.rel, "noopener noreferrer");
    }
  });
}

test("text that grows is appended to the same node, so that a selection in it stays", () => {
  const blocks = (string) => [{ key: "0", type: "md", open: true, nodes: [["p", "The ", ["em", "tide"], string]] }];
  const tree = answering(blocks(" turns"));
  const { panel, section } = mounted(tree);
  const node = section.querySelector(".md p").lastChild;
  window.getSelection().setBaseAndExtent(node, 1, node, 6);
  let replaced = 0;
  const observer = new window.MutationObserver((records) => {
    replaced += records.filter((record) => record.type === "childList").length;
  });
  observer.observe(section.querySelector(".box"), { childList: true, subtree: true, characterData: true });
  panel.paint(
    but(tree, (copy) => {
      copy.runs[0].answer.blocks = blocks(" turns twice");
    }),
  );
  assert.equal(section.querySelector(".md p").lastChild, node);
  assert.equal(node.data, " turns twice");
  assert.equal(window.getSelection().toString(), "turns");
  observer.takeRecords().forEach((record) => (replaced += record.type === "childList" ? 1 : 0));
  assert.equal(replaced, 0);
});

test("dollars and backslashes stand in spans of their own, for MathJax, and read as typed", () => {
  const sentence = "from $2M in 2019 to $3M, C:\\new \\(x\\)";
  const { section } = mounted(answering([{ key: "0", type: "text", text: sentence }]));
  const paragraph = section.querySelector(".box .text");
  assert.equal(paragraph.textContent, sentence);
  for (const node of paragraph.childNodes) if (node.nodeType === 3) assert.doesNotMatch(node.data, /[$\\]/);
  assert.ok(section.classList.contains("mathjax_ignore") && section.classList.contains("tex2jax_ignore"));
});

test("bidirectional, invisible and control characters are shown as signs, wherever they are", () => {
  const evil = "a\u202eb\u200b\u0000\u2066\ud800";
  const tree = but(
    answering([
      { key: "0", type: "text", text: evil },
      { key: "1", type: "md", nodes: [["p", evil]] },
    ]),
    (copy) => {
      copy.runs[0].header.title = evil;
      copy.runs[0].trace[0].message = evil;
      copy.runs[0].notes = [evil];
      copy.announce = evil;
    },
  );
  const { section } = mounted(tree);
  assert.doesNotMatch(section.textContent, /[\u202e\u200b\0\u2066\ud800]/);
  assert.doesNotMatch(section.getAttribute("aria-label"), /\u202e/);
  for (const where of [".title", ".message", ".notes", ".box .text", ".md", ".announce"]) {
    assert.match(section.querySelector(where).textContent, /aU\+202EbU\+200BU\+0000U\+2066U\+D800/, where);
  }
});

test("a tag or a link that is not allowed is its text", () => {
  const nodes = [
    ["script", "hurt()"],
    ["p", ["a", { href: "javascript:hurt()" }, "here"], ["img", { src: "x", onerror: "hurt()" }, "alt"]],
    ["p", { onclick: "hurt()", style: "position:fixed" }, "styled"],
    ["p", ["a", { href: "//host/x" }, "there"]],
  ];
  const { section } = mounted(answering([{ key: "0", type: "md", nodes }]));
  const box = section.querySelector(".box");
  assert.equal(box.querySelector("script, img, [onclick], [style], a[href]"), null);
  assert.match(box.textContent, /hurt\(\)here.*styledthere/);
});

test("a table gains rows, and the ones that were there stay the same elements", () => {
  const table = (count) => [
    {
      key: "t",
      type: "table",
      columns: ["name", "metres"],
      numeric: [false, true],
      rows: Array.from({ length: count }, (_, index) => ({
        key: String(index),
        cells: [`gauge ${index}`, `${index}.5`],
      })),
    },
  ];
  const tree = answering(table(2));
  const { panel, section } = mounted(tree);
  const rows = all(section, ".box tbody tr");
  panel.paint(
    but(tree, (copy) => {
      copy.runs[0].answer.blocks = table(3);
    }),
  );
  assert.ok(rows.length === 2 && rows.every((row, index) => row === all(section, ".box tbody tr")[index]));
  assert.equal(all(section, ".box tbody tr").length, 3);
  assert.equal(all(section, ".box th[scope=col]").length, 2);
  assert.ok(section.querySelector("td:last-child").classList.contains("num"));
});

test("a bar without a value says none, and one with a value says it", () => {
  const tree = fixture("markdown_live");
  tree.runs[0].header.percent = 55.9;
  const { panel, section } = mounted(tree);
  const bar = () => section.querySelector("[role=progressbar]");
  assert.equal(bar().getAttribute("aria-valuenow"), "55");
  panel.paint(
    but(tree, (copy) => {
      copy.runs[0].header.percent = null;
    }),
  );
  assert.equal(bar().hasAttribute("aria-valuenow"), false);
  assert.equal(bar().hasAttribute("aria-valuetext"), false);
});

test("tracks share one axis: left is start and width is duration, as a share of the span", () => {
  const tree = fixture("markdown_live");
  Object.assign(tree.runs[0], { now: 6, span: 10 });
  tree.runs[0].trace = [
    { ...tree.runs[0].trace[0], key: "a", start: 0, end: 2.5, children: [] },
    { ...tree.runs[0].trace[1], key: "b", start: 2.5, end: null, status: "running", children: [] },
  ];
  const { section } = mounted(tree);
  const style = (key) => section.querySelector(`[data-key=${key}] .track > i`).style;
  assert.deepEqual([style("a").left, style("a").width], ["0%", "25%"]);
  assert.deepEqual([style("b").left, style("b").width], ["25%", "35%"]);
});

test("without somebody who hears, there is nothing to press", () => {
  for (const name of names) {
    const { section } = mounted(fixture(name), { live: false });
    assert.equal(section.querySelector("button, form, input, [role=slider]"), null, name);
  }
});

test("destroy leaves nothing behind", () => {
  const { panel } = mounted(fixture("finished"));
  panel.destroy();
  assert.equal(document.querySelector(".pnb"), null);
});

test("the version is a text", () => assert.equal(typeof view.VERSION, "string"));
