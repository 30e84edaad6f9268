// Patches: what Python's folds/patch.py makes of two trees is applied here, and the old tree stays as it was.
import assert from "node:assert/strict";
import { test } from "node:test";

import { view } from "./page.js";

const { applyPatch } = view;

test("each operation does what its name says, and the old tree is untouched", () => {
  const old = { a: { text: "tide" }, list: [1, 2, 3], gone: true };
  const frozen = structuredClone(old);
  const ops = [
    ["=", ["a", "new"], { x: 1 }],
    ["=", ["list", 0], 7],
    ["+", ["a", "text"], "s"],
    ["-", ["gone"]],
    ["~", ["list"], 1, 1, ["b", "c"]],
  ];
  assert.deepEqual(applyPatch(old, ops), { a: { text: "tides", new: { x: 1 } }, list: [7, "b", "c", 3] });
  assert.deepEqual(old, frozen);
});

test("what a patch does not touch is shared with the old tree, so that it is not drawn again", () => {
  const old = { a: { deep: {} }, b: { text: "" } };
  const fresh = applyPatch(old, [["+", ["b", "text"], "x"]]);
  assert.equal(fresh.a, old.a);
  assert.notEqual(fresh.b, old.b);
});

test("an empty path replaces the whole tree", () => {
  assert.deepEqual(applyPatch({ a: 1 }, [["=", [], { b: 2 }]]), { b: 2 });
});

test("hostile keys are keys: no prototype is changed", () => {
  const fresh = applyPatch({ items: {} }, [["=", ["items", "__proto__"], { hurt: 1 }]]);
  assert.equal({}.hurt, undefined);
  assert.equal(fresh.items.hurt, undefined);
  assert.deepEqual(Object.keys(fresh.items), ["__proto__"]);
  assert.throws(() => applyPatch({}, [["+", ["constructor", "name"], "x"]]), /no constructor/);
});

test("a patch for another tree fails aloud, so that a painter asks for the whole", () => {
  assert.throws(() => applyPatch({}, [["+", ["a", "text"], "x"]]), /no a/);
  assert.throws(() => applyPatch({ a: 1 }, [["?", ["a"], 2]]), /unknown operation/);
});
