// Watch a served run with the browser's own EventSource. It can't send a header, so a ticket lets it in.

const TYPES = ["started", "progress", "content", "item", "snapshot", "problem", "done", "cancelled"];

/** Return whether an event is the last one of its run. An error comes under the name `problem`. */
const isLast = (event) =>
  event.type === "done" || event.type === "cancelled" || (event.type === "error" && event.fatal);

/**
 * Call `onEvent` with each event of the run at `url`, from the first to the last, each once. Return a function that
 * stops. `ticketOf` returns a promise of a new ticket: your own server asks ours for it, by `POST /tickets` with the
 * token, which stays there. `onEnd` gets the last event of the run; `onLoss` is called when a connection is lost, which
 * is made again and is no end.
 */
export function watchRun(url, { ticketOf, onEvent, onEnd = () => {}, onLoss = () => {} }) {
  let last = -1;
  let pause = 500;
  let timer = 0;
  let source = null;
  let stopped = false;

  function stop() {
    stopped = true;
    clearTimeout(timer);
    source?.close();
  }

  function take({ data }) {
    const event = JSON.parse(data);
    [last, pause] = [event.seq, 500];
    onEvent(event);
    if (!isLast(event)) return;
    stop(); // else the browser would connect again
    onEnd(event);
  }

  function again() {
    onLoss();
    timer = setTimeout(open, pause * (0.5 + Math.random() / 2));
    pause = Math.min(pause * 2, 15000);
  }

  async function open() {
    const ticket = await ticketOf().catch(() => null);
    if (stopped) return;
    if (ticket === null) {
      again();
      return;
    }
    source = new EventSource(`${url}/events?after=${last}&ticket=${encodeURIComponent(ticket)}`);
    for (const type of TYPES) source.addEventListener(type, take);
    source.onerror = () => {
      // While it is CONNECTING the browser comes again by itself, with Last-Event-ID. CLOSED means that the server
      // refused, as it does with a ticket that is older than a minute.
      if (source.readyState === EventSource.CLOSED) again();
      else onLoss();
    };
  }

  open();
  return stop;
}
