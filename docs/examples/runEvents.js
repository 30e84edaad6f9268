// Read a served run's events with fetch, so that the token goes in a header. No dependencies.

const LAST = new Set(["done", "cancelled"]);

/** Return whether an event is the last one of its run. */
export const isLast = (event) => LAST.has(event.type) || (event.type === "error" && event.fatal);

/** Yield the events of a body of server-sent events. An event that is cut off at the end is left out. */
export async function* parseEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder(); // keeps half a character at the end of a chunk
  let waiting = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (waiting + decoder.decode(value, { stream: true })).split("\n\n");
      waiting = blocks.pop();
      for (const block of blocks) {
        const lines = block.split("\n").filter((line) => line.startsWith("data:"));
        if (lines.length) yield JSON.parse(lines.map((line) => line.slice(5).trimStart()).join("\n"));
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // a reader that stops closes the connection
  }
}

const pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/**
 * Yield the events of the run at `url` until its last one. A lost connection is made again, for the events
 * that are missing. Throw the server's message when it refuses (4xx). `signal` ends the stream without an
 * error. `onConnection` is called with "connected" and "reconnecting".
 */
export async function* runEvents(url, { token, signal, onConnection = () => {} } = {}) {
  let last = -1;
  let wait = 500;
  while (!signal?.aborted) {
    try {
      const headers = token ? { authorization: `Bearer ${token}` } : {};
      if (last >= 0) headers["last-event-id"] = String(last);
      const answer = await fetch(`${url}/events?snapshots=1`, { headers, signal, cache: "no-store" });
      if (answer.status === 204) return;
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
        const body = await answer.json().catch(() => ({}));
        throw Object.assign(new Error(body.detail ?? `HTTP ${answer.status}`), { refused: true });
      }
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      onConnection("connected");
      for await (const event of parseEvents(answer.body)) {
        last = event.seq;
        wait = 500;
        yield event;
        if (isLast(event)) return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error.refused) throw error;
    }
    if (signal?.aborted) return;
    onConnection("reconnecting");
    await pause(wait * (0.5 + Math.random() / 2), signal);
    wait = Math.min(wait * 2, 15000);
  }
}
