// A batch in a panel: a field for the index of an item, rows that open, and a stop of its own.
import assert from "node:assert/strict";
import { test } from "node:test";

import { but, fixture, mounted, view } from "./page.js";

const { withItems } = view;

const live = () => but(fixture("batch_live"), (tree) => (tree.key = `panel-${Math.random()}`));
const ask = (section, index) => {
  const word = section.querySelector(".find .word");
  word.value = index;
  word.form.requestSubmit();
  return word;
};

test("the field for an index asks for the run of that item, and is empty then", () => {
  const { section, sent } = mounted(live());
  for (const index of ["17", " 0042 ", "0"]) assert.equal(ask(section, index).value, "");
  assert.deepEqual(
    sent.map(({ kind, run }) => [kind, run]),
    [
      ["open", "run/17"],
      ["open", "run/42"],
      ["open", "run/0"],
    ],
  );
});

test("what is no index is asked of nobody, and the field says what it expects", () => {
  const { section, sent } = mounted(live());
  for (const words of ["", "-1", "1.5", "x", "1e3", "9999999999", "run/3"]) {
    assert.equal(ask(section, words).value, words);
    assert.match(section.querySelector(".run > .refused").textContent, /index of an item, 0–199/);
  }
  assert.deepEqual(sent, []);
});

test("a word that somebody types stays while the batch goes on", () => {
  const tree = live();
  const { panel, section } = mounted(tree);
  const word = section.querySelector(".find .word");
  word.value = "15";
  panel.paint(but(tree, (copy) => (copy.runs[0].batch.text = "143 of 200")));
  assert.equal(section.querySelector(".find .word"), word);
  assert.equal(word.value, "15");
  assert.equal(section.querySelector(".batch > .totals").textContent, "143 of 200");
});

test("a row of an item opens and closes by a message, and its run is drawn in it", () => {
  const { section, sent } = mounted(live());
  const opened = section.querySelector('.items .row[data-key="run/150"] > details');
  assert.ok(opened.open);
  assert.equal(opened.querySelector(".run").dataset.run, "run/150");
  const failed = section.querySelector('.items .row[data-key="run/7"] > details');
  failed.open = true;
  failed.dispatchEvent(new failed.ownerDocument.defaultView.Event("toggle"));
  assert.deepEqual(sent, [{ kind: "open", run: "run/7" }]);
});

test("the batch and an item that is open are stopped each by its own button", () => {
  const tree = but(live(), (copy) => {
    copy.runs[0].batch.lists.at(-1).rows[0].run.controls = ["stop"];
  });
  const { section, sent } = mounted(tree);
  for (const button of section.querySelectorAll("button.stop")) button.click();
  assert.deepEqual(sent, [
    { kind: "stop", run: "run" },
    { kind: "stop", run: "run/150" },
  ]);
});

test("where nobody hears there is no field", () => {
  const { section } = mounted(live(), { live: false });
  assert.equal(section.querySelector(".find"), null);
  const { section: deaf } = mounted(but(live(), (tree) => (tree.runs[0].batch.find = "")));
  assert.equal(deaf.querySelector(".find"), null);
});

test("the page puts the rows of opened items where the kernel's panel has them", () => {
  const [run] = fixture("batch_live").runs;
  const whole = run.batch.lists.find((list) => list.key === "opened").rows[0];
  const bare = { ...run, batch: { ...run.batch, lists: run.batch.lists.filter((list) => list.key !== "opened") } };
  assert.deepEqual(withItems(bare, [whole]), run);
  const failed = { ...whole, key: "run/7", title: "item 7" };
  const { lists } = withItems(bare, [failed]).batch;
  assert.deepEqual(
    lists.map((list) => list.key),
    ["work", "failures"],
  );
  const row = lists[1].rows.find((each) => each.key === "run/7");
  assert.deepEqual([row.open, row.run, row.title], [true, whole.run, "2 × RateLimitError 429 in evaluation"]);
  assert.equal(withItems(bare, []), bare);
});
