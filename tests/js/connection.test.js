// The page's connection: server-sent events that are cut anywhere.
import assert from "node:assert/strict";
import { test } from "node:test";

import { parser } from "../../src/progressnb/web/page/connection.js";

/** Feeds chunks to a parser; returns the texts, the pauses, and whether it said that all is there. */
function parsed(chunks, last = null) {
  const texts = [];
  const pauses = [];
  const feed = parser(
    (text) => {
      texts.push(text);
      return text === last;
    },
    (time) => pauses.push(time),
  );
  return { ended: chunks.map(feed).includes(true), pauses, texts };
}

test("every place of a cut gives the same messages", () => {
  const stream = 'retry: 1000\n\n: still here\n\nid: 0\nevent: view\ndata: {"n":0}\n\nid: 1\ndata: a\ndata:b\n\n';
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const { texts, pauses, ended } = parsed([stream.slice(0, cut), stream.slice(cut)]);
    assert.deepEqual(texts, ['{"n":0}', "a\nb"]);
    assert.deepEqual(pauses, [1000]);
    assert.equal(ended, false);
  }
});

test("all three line ends are line ends, also when \\r\\n is cut", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const stream = `data: a${end}${end}data: b${end}${end}data: c${end}`;
    for (let cut = 0; cut <= stream.length; cut += 1) {
      assert.deepEqual(parsed([stream.slice(0, cut), stream.slice(cut)]).texts, ["a", "b"]);
    }
  }
});

test("nothing is read behind the message that says that all is there", () => {
  const { texts, ended } = parsed(["data: a\n\ndata: end\n\ndata: b\n\n"], "end");
  assert.deepEqual(texts, ["a", "end"]);
  assert.equal(ended, true);
});

test("a pause that is no number is left out", () => {
  assert.deepEqual(parsed(["retry: soon\nretry: 12345678901\nretry: -1\n\n"]).pauses, []);
});
