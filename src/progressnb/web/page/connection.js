// The connection of a page to a served run: a stream of what is to be seen, or a WebSocket where streams do not pass.

const FIRST_PAUSE = 500; // milliseconds
const LONGEST_PAUSE = 15000;
const SILENCE = 50000; // the server sends a comment every 15 seconds
const OPENING = 10000; // for the head of an answer
const FIRST_BYTES = 5000; // for the first line behind it; without it something on the way gathers the stream

/** What the server refuses, where a new connection does not help; `asks` says that it wants a token. */
export class Refused extends Error {
  constructor(text, asks = false) {
    super(text);
    this.asks = asks;
  }
}

function check(status, token) {
  if (status === 401 || status === 403) {
    throw new Refused(token ? "The server refused this token." : "This server asks for a token.", true);
  }
  if (status === 404 || status === 410) {
    throw new Refused("The server has no such run. It was deleted, or is too old.");
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    throw new Refused(`The server refused: ${status}`);
  }
}

/** Takes server-sent events apart as the standard says: three line ends, several data lines, fields cut anywhere. */
export function parser(dispatch, retry = () => {}) {
  let rest = "";
  let data = [];
  return (chunk) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/); // a last \r may be the half of a line end
    rest = lines.pop();
    for (const each of lines) {
      const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(each);
      if (name === "data") data.push(value);
      else if (name === "retry" && /^\d{1,8}$/.test(value)) retry(Number(value));
      if (each) continue;
      const message = data.join("\n");
      data = [];
      if (message && dispatch(message)) return true;
    }
    return false;
  };
}

/**
 * Reads a stream until it ends. Returns false where something on the way does not let streams through, or gathers them:
 * then the first line does not come within some milliseconds.
 */
async function readStream(base, token, take, retry, firstBytes) {
  const stop = new AbortController();
  let timer,
    begun = false;
  const within = (time) => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), time);
  };
  within(OPENING);
  try {
    const headers = { Accept: "text/event-stream", ...bearer(token) };
    const answer = await fetch(`${base}/events?view=1`, { headers, cache: "no-store", signal: stop.signal });
    check(answer.status, token);
    if (!answer.ok) return true;
    if (!answer.body || !(answer.headers.get("content-type") || "").startsWith("text/event-stream")) return false;
    within(firstBytes);
    const feed = parser(take, retry);
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      begun = true;
      within(SILENCE);
      if (done || feed(decoder.decode(value, { stream: true }))) return true;
    }
  } catch (error) {
    if (stop.signal.aborted && !begun) return false;
    throw error;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

async function readSocket(base, token, take) {
  const url = new URL(`${base}/ws?view=1`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(JSON.stringify(token ? { token } : { type: "attach" }));
  socket.onmessage = ({ data }) => {
    try {
      if (take(data)) socket.close();
    } catch {
      socket.close();
    }
  };
  const { code } = await new Promise((resolve) => {
    socket.onclose = resolve;
  });
  check({ 1008: 401, 4404: 404 }[code] || 0, token);
}

/** Waits, but not any longer when the network is back. */
const paused = (time) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, time);
    addEventListener("online", () => resolve(clearTimeout(timer)), { once: true });
  });

/**
 * Reads a run until `take(text)` returns true, which says that all is there; it throws where a message does not follow
 * the one before. `lost()` is called when the connection is lost; it is made again. Throws `Refused`.
 */
export async function follow(base, token, { take, lost }) {
  let [failures, pause, withSocket, over, firstBytes] = [0, FIRST_PAUSE, false, false, FIRST_BYTES];
  const taken = (message) => {
    over = take(message);
    failures = 0;
    return over;
  };
  const retry = (time) => {
    pause = Math.min(60000, Math.max(10, time));
  };
  for (;;) {
    const before = failures;
    try {
      if (withSocket) await readSocket(base, token, taken);
      else if (!(await readStream(base, token, taken, retry, firstBytes))) {
        // Where no socket passes either, the stream is read all the same, though late.
        [withSocket, firstBytes] = [true, SILENCE];
      }
    } catch (error) {
      if (error instanceof Refused) throw error; // anything else is a lost connection
    }
    if (over) return;
    // A proxy may hold a stream back where it lets a socket through, and the other way round.
    if (failures === before && failures % 3 === 2) withSocket = !withSocket;
    lost();
    const longest = Math.max(LONGEST_PAUSE, pause);
    await paused(Math.min(longest, pause * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2));
    failures += 1;
  }
}
