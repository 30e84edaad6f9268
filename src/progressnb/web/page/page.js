// The page of one run. It stands behind display/view.js in one module: here are the connection, the token and the files;
// what is seen of the run is drawn there. All texts of the server are hostile: they go into textContent and nowhere else.
{
  const at = id => document.getElementById(id);
  const base = location.pathname.replace(/\/view\/?$/, "");
  const FIRST_PAUSE = 500, LONGEST_PAUSE = 15000, SILENCE = 50000;

  // --- the run: a tree, and patches of it -------------------------------------------------------------------

  let tree = null, number = -1, over = false, trouble = "";
  const panel = mount(at("run"), {send, live: true});

  // Returns whether all is there. After a gap, which throws, a new connection begins with the whole tree.
  function take(text) {
    const message = JSON.parse(text);
    if (message.tree) tree = message.tree;
    else if (message.end) over = true;
    else if (message.n === number + 1) tree = applyPatch(tree, message.ops);
    else throw new Error("gap");
    [number, failures, trouble] = [message.n, 0, ""];
    paint();
    if (over && tree.runs[0].status === "finished") offerFiles();
    return over;
  }

  function paint() {
    at("state").hidden = tree !== null || at("state").textContent === "";
    if (tree === null) return;
    const [run] = tree.runs, {sign, title, subject, percent_text: percent} = run.header;
    const header = trouble ? {...run.header, trouble} : run.header;
    panel.paint({...tree, runs: [{...run, header}]});
    const name = subject ? title + " · " + subject : title;
    if (at("title").textContent !== name) at("title").textContent = name;
    document.title = (over || !percent ? sign : percent) + " " + name;
  }

  // --- what a person does -----------------------------------------------------------------------------------

  const headers = () => token ? {Authorization: "Bearer " + token} : {};
  let wanted = null, asking = false;

  function send(message) {
    if (message.kind === "rewind") rewind(message);
    else if (message.kind === "data") takeAlong(message);
    else if (!["open", "close"].includes(message.kind)) act(message);
  }

  async function act({kind, run, stage = null, text = ""}) {
    try {
      const body = JSON.stringify({kind, stage, text: text || ""});
      const answer = await fetch(base + "/act", {method: "POST", headers: {...headers(), "Content-Type": "application/json"}, body});
      if (!answer.ok) throw new Error((await answer.json()).detail);
    } catch (error) {
      panel.reply({kind: "refused", run, text: error instanceof TypeError ? "The server can't be reached." : String(error.message)});
    }
  }

  async function takeAlong({kind, run}) {
    try {
      const answer = await fetch(base + "/answer", {headers: headers()});
      if (answer.ok) panel.reply({kind, run, ...await answer.json()});
    } catch { /* it may be tried again */ }
  }

  // One question at a time, and always the latest: the pointer moves faster than answers come.
  async function rewind(message) {
    wanted = message;
    if (asking) return;
    asking = true;
    try {
      while (wanted !== null && wanted.at !== null) {
        const asked = wanted, answer = await fetch(base + "/view?at=" + asked.at, {headers: headers()});
        if (!answer.ok) break;
        const was = await answer.json();
        if (wanted !== null && wanted.at !== null) panel.reply({...asked, tree: was});
        if (wanted === asked) break;
      }
    } catch { /* it may be tried again */ } finally { asking = false; }
  }

  // --- connections ------------------------------------------------------------------------------------------

  let token = "", failures = 0, pause = FIRST_PAUSE, stopped = false, withSocket = false;

  class Refused extends Error {}

  function check(status) {
    if (status === 401 || status === 403) {
      askToken(token ? "The server refused this token." : "This server asks for a token.");
      throw new Refused("");
    }
    if (status === 404 || status === 410) throw new Refused("The server has no such run. It was deleted, or is too old.");
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw new Refused("The server refused: " + status);
  }

  // Server-sent events as the standard says: any of three line ends, several data lines, fields cut anywhere.
  function parser(dispatch) {
    let rest = "", data = [];
    return chunk => {
      const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);  // a last \r may be the half of a line end
      rest = lines.pop();
      for (const line of lines) {
        const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
        if (name === "data") data.push(value);
        else if (name === "retry" && /^\d{1,8}$/.test(value)) pause = Math.min(60000, Math.max(10, Number(value)));
        if (line) continue;
        const text = data.join("\n");
        data = [];
        if (text && dispatch(text)) return true;
      }
      return false;
    };
  }

  async function readStream() {
    const stop = new AbortController();
    let timer = setTimeout(() => stop.abort(), SILENCE);
    try {
      const answer = await fetch(base + "/events?view=1",
        {headers: {...headers(), Accept: "text/event-stream"}, cache: "no-store", signal: stop.signal});
      check(answer.status);
      if (!answer.ok) return;
      if (!answer.body || !(answer.headers.get("content-type") || "").startsWith("text/event-stream")) {
        withSocket = true;  // something on the way does not let streams through
        return;
      }
      const feed = parser(take), reader = answer.body.getReader(), decoder = new TextDecoder();
      for (;;) {
        const {done, value} = await reader.read();
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(), SILENCE);
        if (done || feed(decoder.decode(value, {stream: true}))) return;
      }
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }

  async function readSocket() {
    const url = new URL(base + "/ws?view=1", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send(JSON.stringify(token ? {token} : {type: "attach"}));
    socket.onmessage = message => {
      try { if (take(message.data)) socket.close(); } catch { socket.close(); }
    };
    const {code} = await new Promise(resolve => { socket.onclose = resolve; });
    check({1008: 401, 4404: 404}[code] || 0);
  }

  async function follow() {
    while (!over && !stopped) {
      const before = number;
      try {
        await (withSocket ? readSocket() : readStream());
      } catch (error) {
        if (!(error instanceof Refused)) { /* a lost connection */ } else {
          stopped = true;
          if (error.message) fail(error.message);
        }
      }
      if (over || stopped) break;
      // A proxy may hold a stream back where it lets a socket through, and the other way round.
      if (number === before && failures % 3 === 2) withSocket = !withSocket;
      trouble = "reconnecting…";
      paint();
      const wait = Math.min(Math.max(LONGEST_PAUSE, pause), pause * 2 ** Math.min(failures++, 10)) * (0.5 + Math.random() / 2);
      await new Promise(resolve => {
        const timer = setTimeout(resolve, wait);
        addEventListener("online", () => { clearTimeout(timer); resolve(); }, {once: true});
      });
    }
  }

  function fail(text) {
    [at("error").hidden, at("error").textContent, at("state").hidden] = [false, text, true];
    document.title = "not connected";
  }

  function askToken(why) {
    at("why").textContent = why;
    [at("ask").hidden, at("state").hidden, at("token").value] = [false, true, ""];
    at("token").focus();
  }

  at("ask").addEventListener("submit", event => {
    event.preventDefault();
    token = at("token").value.trim();
    [at("token").value, at("ask").hidden, at("state").hidden, stopped, failures] = ["", true, false, false, 0];
    at("title").focus();
    follow();
  });

  // --- the files of the result ------------------------------------------------------------------------------

  function part(tag, text, fields) {
    const element = document.createElement(tag);
    element.textContent = text;
    return Object.assign(element, fields);
  }

  async function offerFiles() {
    try {
      const {artifacts, result} = await (await fetch(base, {headers: headers()})).json(), names = Object.keys(artifacts || {});
      for (const name of names) {
        at("files").append(part("button", "↓ " + name, {type: "button", ariaLabel: "Download " + name, onclick: () => download(name)}));
      }
      at("result").hidden = names.length === 0;
      const about = typeof result?.explanation === "string" ? result.explanation.slice(0, 300) : "";
      for (const name of names.filter(name => /\.(svg|png)$/.test(name)).slice(0, 4)) await show(name, about || name);
    } catch { /* the answer is there all the same */ }
  }

  async function addressOf(name) {
    const answer = await fetch(base + "/artifacts/" + encodeURIComponent(name), {headers: headers()}).catch(() => null);
    return answer && answer.ok ? URL.createObjectURL(await answer.blob()) : null;
  }

  // A picture among the files. As an image it can't run or fetch anything, whatever is in it.
  async function show(name, alt) {
    const src = await addressOf(name);
    if (src) at("pictures").append(part("img", "", {src, alt}));
  }

  async function download(name) {
    const href = await addressOf(name);
    if (!href) return panel.reply({kind: "refused", run: tree.runs[0].key, text: "The file could not be downloaded."});
    part("a", "", {href, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  }

  // The token leaves the address bar at once, so that no history, picture or copied link has it.
  token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
  if (token) history.replaceState(null, "", location.pathname + location.search);
  follow();
}
