// What a person does with a panel: rows, buttons, words, approvals, copies and rewind.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { but, fixture, mounted, view, window } from "./page.js";

const press = (element) => element.click();
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

function stepped(change) {
  const tree = fixture("tools_folded");
  tree.key = `panel-${Math.random()}`;
  tree.runs[0].key = `run-${Math.random()}`;
  change?.(tree);
  return tree;
}

/** Opens or closes a row; the browser tells so in a later turn. */
async function opened(details, open = true) {
  await turn();
  const told = new Promise((resolve) => details.addEventListener("toggle", resolve, { once: true }));
  details.open = open;
  await told;
}

test("a row that was opened by hand stays open in every paint, also in another panel of the same key", async () => {
  const tree = stepped();
  const { panel, section } = mounted(tree);
  const closed = [...section.querySelectorAll(".row .fold:not([open])")].at(-1);
  const { key } = closed.closest("[data-key]").dataset;
  await opened(closed);
  panel.paint(
    but(tree, (copy) => {
      copy.runs[0].now += 1;
    }),
  );
  assert.ok(closed.open);
  const again = mounted(tree);
  const same = [...again.section.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  assert.ok(same.querySelector(".fold").open);
});

test("the trace folds at the end, but not while a row in it was opened by hand", async () => {
  const ended = (copy) => {
    copy.runs[0].trace_open = false;
  };
  const plain = stepped();
  const first = mounted(plain);
  assert.ok(first.section.querySelector(".gantt").open);
  first.panel.paint(but(plain, ended));
  assert.equal(first.section.querySelector(".gantt").open, false);
  const tree = stepped();
  const { panel, section } = mounted(tree);
  await opened([...section.querySelectorAll(".row .fold:not([open])")].at(-1));
  panel.paint(but(tree, ended));
  assert.ok(section.querySelector(".gantt").open);
});

test("Stop is sent once, with the key of its run", () => {
  const tree = stepped((copy) => (copy.runs[0].controls = ["stop", "enough"]));
  const { sent, section } = mounted(tree);
  press(section.querySelector("button.stop"));
  press(section.querySelector("button.stop"));
  press(section.querySelector("button.enough"));
  assert.deepEqual(sent, [
    { kind: "stop", run: tree.runs[0].key },
    { kind: "enough", run: tree.runs[0].key },
  ]);
  assert.equal(section.querySelector(".controls").lastElementChild.className, "stop");
});

test("each button of the header says in a sentence what it does, and the field whom it is for", () => {
  const tree = stepped((copy) =>
    Object.assign(copy.runs[0], { controls: ["stop", "enough", "say"], agent: "planner" }),
  );
  const { section } = mounted(tree);
  for (const button of section.querySelectorAll(".controls > button")) assert.match(button.title, /^[A-Z]\w+ .{20,}/);
  assert.match(section.querySelector("button.say").title, /planner/);
  press(section.querySelector("button.say"));
  assert.equal(section.querySelector("form.say input").labels[0].textContent, "To planner:");
});

test("an approval is asked for in a sentence, beside buttons that say what they do and a field with its label", () => {
  const { section } = mounted(fixture("waiting"));
  assert.equal(section.querySelector(".asks").textContent, "waiting for approval · delete_files");
  assert.equal(section.querySelector(".question").textContent, "Let Agent call delete_files?");
  assert.equal(section.querySelector(".ask input").labels[0].textContent, "Reason, if you deny:");
  for (const button of section.querySelectorAll(".ask > button")) assert.ok(button.title.length > 20);
  // Where nobody hears an answer the question stands without them.
  const still = mounted(fixture("waiting"), { live: false }).section;
  assert.equal(still.querySelector(".question").textContent, "Let Agent call delete_files?");
  assert.equal(still.querySelector("form"), null);
});

test("a refusal is told, and the button works again", () => {
  const tree = stepped((copy) => (copy.runs[0].controls = ["stop"]));
  const { panel, sent, section } = mounted(tree);
  press(section.querySelector("button.stop"));
  panel.reply({ kind: "refused", run: tree.runs[0].key, text: "Interrupt the kernel to stop" });
  assert.equal(section.querySelector(".refused[role=status]").textContent, "Interrupt the kernel to stop");
  press(section.querySelector("button.stop"));
  assert.equal(sent.length, 2);
});

test("a word to the agent: a field opens, and what was typed stays through paints and is sent", () => {
  const tree = stepped((copy) => (copy.runs[0].controls = ["stop", "say"]));
  const { panel, sent, section } = mounted(tree);
  assert.equal(section.querySelector(".say.word, form.say"), null);
  press(section.querySelector("button.say"));
  const field = section.querySelector("form.say input");
  assert.equal(document.activeElement, field);
  field.value = "shorter, please";
  panel.paint(but(tree, (copy) => (copy.runs[0].now += 1)));
  assert.equal(section.querySelector("form.say input"), field);
  assert.equal(document.activeElement, field);
  section.querySelector("form.say").requestSubmit();
  assert.deepEqual(sent, [{ kind: "say", run: tree.runs[0].key, text: "shorter, please" }]);
  assert.equal(section.querySelector("form.say"), null);
});

test("Enter sends the word, also where a notebook takes the key for its own, but not while a word is composed", () => {
  const tree = stepped((copy) => (copy.runs[0].controls = ["stop", "say"]));
  const { sent, section } = mounted(tree);
  press(section.querySelector("button.say"));
  const field = section.querySelector("form.say input");
  field.value = "shorter, please";
  const enter = (init) => {
    const event = new window.KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init });
    field.dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.equal(enter({ isComposing: true }), false);
  assert.deepEqual(sent, []);
  assert.equal(enter(), true);
  assert.deepEqual(sent, [{ kind: "say", run: tree.runs[0].key, text: "shorter, please" }]);
});

test("the line that counts the runs without a row opens, and asks for their rows", async () => {
  const tree = but(fixture("group"), (copy) => {
    copy.key = `panel-${Math.random()}`;
  });
  const { sent, section } = mounted(tree);
  await turn();
  const { key } = tree.rows.find((each) => each.remark);
  const fold = section.querySelector(".members > .remark > .fold");
  await opened(fold);
  await opened(fold, false);
  assert.deepEqual(sent, [
    { kind: "open", run: key },
    { kind: "close", run: key },
  ]);
  assert.equal(mounted(tree, { live: false }).section.querySelector(".remark .fold"), null);
});

test("an approval is asked for with the arguments in view, and sent with its stage", () => {
  const tree = fixture("waiting");
  const { sent, section } = mounted(tree);
  const row = section.querySelector(".row.asking");
  assert.ok(row.querySelector(".fold").open);
  row.querySelector(".ask input").value = "not this one";
  press(row.querySelector("button.deny"));
  press(row.querySelector("button.approve"));
  assert.deepEqual(sent, [{ kind: "deny", run: tree.runs[0].key, stage: row.dataset.key, text: "not this one" }]);
});

test("the two decisions come before the reason, which stands beside Deny", () => {
  const { section } = mounted(fixture("waiting"));
  assert.deepEqual(
    [...section.querySelector(".ask").children].map((each) => each.className),
    ["approve", "deny", "to"],
  );
  assert.equal(section.querySelector(".head .subject"), null); // what somebody must do has the room
});

test("the outer button of many runs says that it stops all, and its head gives all results at the end", async () => {
  const live = mounted(
    but(fixture("group"), (copy) => {
      copy.key = `panel-${Math.random()}`;
      copy.totals.controls = ["stop"];
    }),
  );
  assert.equal(live.section.querySelector(".group > .head button.stop").textContent, "Stop all");
  assert.equal(live.section.querySelector(".group > .head .tools"), null);
  const tree = fixture("group_mixed");
  const { panel, sent, section } = mounted(tree);
  const written = [];
  Object.defineProperty(window.navigator, "clipboard", {
    value: { writeText: async (string) => written.push(string) },
    configurable: true,
  });
  const buttons = [...section.querySelectorAll(".group > .head .tools > button")];
  assert.deepEqual(
    buttons.map((each) => each.textContent),
    ["Copy", "JSON", "Download"],
  );
  press(buttons[1]);
  assert.deepEqual(sent, [{ kind: "data", run: tree.key }]);
  panel.reply({ kind: "data", run: tree.key, name: "ask.json", json: "[1]", text: "one" });
  await turn();
  assert.deepEqual(written, ["[1]"]);
  assert.match(section.querySelector(".group > .head .ended").textContent, /1 failed/);
  // So does one that was made without a script.
  const host = window.document.createElement("div");
  host.innerHTML = view.still(tree);
  view.enhance(host.firstElementChild, {});
  assert.equal(host.querySelectorAll(".group > .head .tools > button").length, 3);
});

test("the line above the trace has a bar for each call, and a pale one for the stage around them", () => {
  const tree = fixture("failed");
  const row = (key, start, end, children = []) => ({ ...tree.runs[0].trace[0], key, start, end, children });
  tree.runs[0].trace = [
    row("a", 0, 4, [
      row("a/x", 0, 1),
      {
        ...row("a/y#*", 2, 4),
        spans: [
          [2, 2.5],
          [3, 4],
        ],
        count: 4,
      },
    ]),
    row("b", 4, 5),
  ];
  tree.runs[0].span = 5;
  tree.runs[0].legend = "solid: a stage or a call";
  const { section } = mounted(tree);
  const track = section.querySelector(".gantt > summary > .track");
  assert.deepEqual(
    [...track.children].map((each) => [each.className === "around", each.style.left, each.style.width]),
    [
      [true, "0%", "80%"],
      [false, "0%", "20%"],
      [false, "40%", "10%"],
      [false, "60%", "20%"],
      [false, "80%", "20%"],
    ],
  );
  assert.equal(track.title, "solid: a stage or a call");
});

test("a row of a group that is opened asks for its run, and closed tells so", async () => {
  const tree = but(fixture("group"), (copy) => {
    copy.key = `panel-${Math.random()}`;
    for (const each of copy.rows) each.open = false;
  });
  const { sent, section } = mounted(tree);
  await turn();
  const details = section.querySelector(".members > .row > .fold");
  await opened(details);
  await opened(details, false);
  const run = details.parentNode.dataset.key;
  assert.deepEqual(sent, [
    { kind: "open", run },
    { kind: "close", run },
  ]);
});

test("Copy and JSON ask for the data once and put it on the clipboard", async () => {
  const written = [];
  Object.defineProperty(window.navigator, "clipboard", {
    value: { writeText: async (string) => written.push(string) },
    configurable: true,
  });
  const tree = fixture("finished");
  const { panel, sent, section } = mounted(tree);
  press(section.querySelector("button.copy"));
  press(section.querySelector("button.json"));
  const run = tree.runs[0].key;
  assert.deepEqual(sent, [{ kind: "data", run }]);
  panel.reply({ kind: "data", run, name: "report.json", json: '{"a": 1}', text: "plain" });
  await turn();
  assert.deepEqual(written, ["plain", '{"a": 1}']);
  assert.equal(section.querySelector(".said[role=status]").textContent, "Copied");
});

test("by arrow keys the panel shows an earlier moment in the same lines, and Escape goes back", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const tree = fixture("finished");
  const { panel, sent, section } = mounted(tree);
  const [run] = tree.runs;
  const slider = section.querySelector("[role=slider]");
  const lines = section.querySelectorAll(".row").length;
  const before = section.outerHTML;
  const type = (key) =>
    slider.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  slider.focus();
  for (let count = 0; count < 30; count += 1) type("PageDown");
  assert.equal(slider.getAttribute("aria-valuetext"), `0.0 s of ${run.span.toFixed(1)} s`);
  assert.equal(sent.length, 1);
  mock.timers.tick(100);
  assert.deepEqual(
    sent.map((message) => [message.kind, message.run]),
    [
      ["rewind", run.key],
      ["rewind", run.key],
    ],
  );
  assert.equal(sent[1].at, 0);
  const past = { ...run, status: "running", answer: null, trace: [], now: 0, span: 1 };
  panel.reply({ kind: "rewind", run: run.key, at: 0, tree: past });
  assert.equal(section.querySelectorAll(".row").length, lines);
  assert.ok(section.querySelector(".marker"));
  assert.equal(section.querySelector(".box .blocks").textContent, "");
  type("Escape");
  assert.deepEqual(sent.at(-1), { kind: "rewind", run: run.key, at: null });
  assert.equal(section.outerHTML.replaceAll(/ data-lm[^ >]*/g, ""), before);
  mock.timers.reset();
});

test("a static panel gets its buttons, once, and becomes what mount would have made of it", () => {
  const tree = fixture("finished");
  const { section } = mounted(tree, { live: false });
  const html = section.outerHTML;
  const whole = mounted(tree).section.outerHTML;
  document.body.innerHTML = html;
  const sent = [];
  const still = document.querySelector(".pnb");
  const panel = view.enhance(document.body, { send: (message) => sent.push(message) });
  assert.equal(view.enhance(document.body), panel);
  assert.equal(still.querySelectorAll("button.copy").length, 1);
  const slider = () => still.querySelector("[role=slider]");
  const press = (key) => slider().dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true }));
  slider().focus();
  press("Home");
  assert.equal(sent[0].kind, "rewind");
  panel.reply({ kind: "rewind", run: tree.runs[0].key, at: sent[0].at, tree: tree.runs[0] });
  // What was asked for is done once the tree is there, and the axis has kept the focus.
  assert.deepEqual(sent[1], { kind: "rewind", run: tree.runs[0].key, at: 0 });
  assert.ok(still.querySelector(".run.past"));
  assert.equal(document.activeElement, slider());
  press("Escape");
  slider().removeAttribute("data-lm-suppress-shortcuts"); // a mark of the focus
  assert.equal(
    still.querySelector(".run").outerHTML,
    new window.DOMParser().parseFromString(whole, "text/html").querySelector(".run").outerHTML,
  );
});

test("a row of a static group opens: its run is asked for and drawn in it", async () => {
  const tree = but(fixture("group"), (copy) => {
    copy.key = `panel-${Math.random()}`;
    for (const each of copy.rows) Object.assign(each, { open: false, run: null });
  });
  const html = mounted(tree, { live: false }).section.outerHTML;
  document.body.innerHTML = html;
  const sent = [];
  const panel = view.enhance(document.body, { send: (message) => sent.push(message) });
  const row = document.querySelector(".members > .row");
  await opened(row.querySelector(".fold"));
  assert.deepEqual(
    sent.map((message) => [message.kind, message.run]),
    [["rewind", row.dataset.key]],
  );
  const run = { ...fixture("finished").runs[0], key: row.dataset.key };
  panel.reply({ kind: "rewind", run: run.key, at: 1e9, tree: run });
  assert.ok(row.querySelector(".run .box"));
  assert.ok(row.querySelector(".run [role=slider]"));
  assert.equal(row.querySelector(".run .marker"), null);
});

test("a tree with an answer, rows or notes that are empty is drawn without them", () => {
  const tree = but(fixture("finished"), (copy) => {
    Object.assign(copy.runs[0], { answer: null, trace: [], notes: [], segments: [], thinking: "", failure: null });
  });
  const { section } = mounted(tree);
  assert.equal(section.querySelector(".answer, .trace, .notes, .thinking, .fail"), null);
  assert.equal(section.querySelectorAll(".seg").length, 1);
});
