// The page of one run. In its module display/view.js, which draws the run, session.js and connection.js stand before
// it. All texts of the server are hostile: they go into textContent and nowhere else.
{
  const at = (id) => document.getElementById(id);
  const base = location.pathname.replace(/\/view\/?$/, "");
  const root = base.replace(/\/runs\/[^/]*$/, "");

  // --- the run: a tree, and patches of it -------------------------------------------------------------------

  let tree = null,
    number = -1,
    over = false,
    trouble = "";
  const panel = mount(at("run"), { send, live: true });

  // Returns whether all is there. After a gap, which throws, a new connection begins with the whole tree.
  function take(text) {
    const message = JSON.parse(text);
    if (message.tree) tree = message.tree;
    else if (message.end) over = true;
    else if (message.n === number + 1) tree = applyPatch(tree, message.ops);
    else throw new Error("gap");
    [number, trouble] = [message.n, ""];
    paint();
    return over;
  }

  function paint() {
    at("state").hidden = tree !== null || at("state").textContent === "";
    if (tree === null) return;
    const [run] = tree.runs,
      { sign, percent_text: percent } = run.header;
    const header = trouble ? { ...run.header, trouble } : run.header;
    const rows = [...opened.values()].filter((row) => row.run);
    panel.paint({ ...tree, runs: [withItems({ ...run, header }, rows)] });
    const name = named(run.header);
    if (at("title").textContent !== name) at("title").textContent = name;
    document.title = (over || !percent ? sign : percent) + " " + name;
  }

  // --- what a person does -----------------------------------------------------------------------------------

  let wanted = null,
    asking = false;

  function send(message) {
    if (message.kind === "rewind") rewind(message);
    else if (message.kind === "data") takeAlong(message);
    else if (message.kind === "open") openItem(message.run);
    else if (message.kind === "close") closeItem(message.run);
    else act(message);
  }

  // The items of a batch that somebody has opened, by key: each is asked for once a second while it is at work.
  const opened = new Map();

  async function openItem(key) {
    const index = key.slice(key.lastIndexOf("/") + 1);
    opened.delete(key);
    while (opened.size >= 3) opened.delete(opened.keys().next().value);
    opened.set(key, { key });
    try {
      while (opened.has(key)) {
        const answer = await fetch(base + "/items/" + index, { headers: bearer(token) });
        if (!answer.ok) throw new Error((await answer.json()).detail);
        const row = await answer.json();
        if (!opened.has(key)) return;
        opened.set(key, row);
        paint();
        if (ENDED.has(row.run.status)) return;
        await new Promise((done) => setTimeout(done, 1000));
      }
    } catch (error) {
      closeItem(key);
      const words = error instanceof TypeError ? "The server can't be reached." : String(error.message);
      panel.reply({ kind: "refused", run: key.slice(0, key.lastIndexOf("/")), text: words });
    }
  }

  function closeItem(key) {
    if (opened.delete(key)) paint();
  }

  async function act({ kind, run, stage = null, text = "" }) {
    try {
      const body = JSON.stringify({ kind, stage, text: text || "" });
      const answer = await fetch(base + "/act", {
        method: "POST",
        headers: { ...bearer(token), "Content-Type": "application/json" },
        body,
      });
      if (!answer.ok) throw new Error((await answer.json()).detail);
    } catch (error) {
      panel.reply({
        kind: "refused",
        run,
        text: error instanceof TypeError ? "The server can't be reached." : String(error.message),
      });
    }
  }

  async function takeAlong({ kind, run }) {
    try {
      const answer = await fetch(base + "/answer", { headers: bearer(token) });
      if (answer.ok) panel.reply({ kind, run, ...(await answer.json()) });
    } catch {
      /* it may be tried again */
    }
  }

  // One question at a time, and always the latest: the pointer moves faster than answers come.
  async function rewind(message) {
    wanted = message;
    if (asking) return;
    asking = true;
    try {
      while (wanted !== null && wanted.at !== null) {
        const asked = wanted,
          answer = await fetch(base + "/view?at=" + asked.at, { headers: bearer(token) });
        if (!answer.ok) break;
        const was = await answer.json();
        if (wanted !== null && wanted.at !== null) panel.reply({ ...asked, tree: was });
        if (wanted === asked) break;
      }
    } catch {
      /* it may be tried again */
    } finally {
      asking = false;
    }
  }

  // --- the connection ---------------------------------------------------------------------------------------

  let token = "";

  function lost() {
    trouble = "reconnecting…";
    paint();
  }

  async function watch() {
    try {
      await follow(base, token, { take, lost });
      if (tree.runs[0].status === "finished") await offerFiles();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      (error.asks ? askToken : fail)(error.message);
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

  at("ask").addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = at("token").value.trim();
    [at("token").value, at("ask").hidden, at("state").hidden] = ["", true, false];
    at("title").focus();
    token = await traded(root, typed);
    watch();
  });

  // --- the files of the result ------------------------------------------------------------------------------

  function part(tag, text, fields) {
    const element = document.createElement(tag);
    element.textContent = text;
    return Object.assign(element, fields);
  }

  async function offerFiles() {
    try {
      const { artifacts, result } = await (await fetch(base, { headers: bearer(token) })).json(),
        names = Object.keys(artifacts || {});
      for (const name of names) {
        at("files").append(
          part("button", "↓ " + name, { type: "button", ariaLabel: "Download " + name, onclick: () => download(name) }),
        );
      }
      at("result").hidden = names.length === 0;
      const about = typeof result?.explanation === "string" ? result.explanation.slice(0, 300) : "";
      for (const name of names.filter((name) => /\.(svg|png)$/.test(name)).slice(0, 4)) await show(name, about || name);
    } catch {
      /* the answer is there all the same */
    }
  }

  async function addressOf(name) {
    const answer = await fetch(base + "/artifacts/" + encodeURIComponent(name), { headers: bearer(token) }).catch(
      () => null,
    );
    return answer && answer.ok ? URL.createObjectURL(await answer.blob()) : null;
  }

  // A picture among the files. As an image it can't run or fetch anything, whatever is in it.
  async function show(name, alt) {
    const src = await addressOf(name);
    if (src) at("pictures").append(part("img", "", { src, alt }));
  }

  async function download(name) {
    const href = await addressOf(name);
    if (!href)
      return panel.reply({ kind: "refused", run: tree.runs[0].key, text: "The file could not be downloaded." });
    part("a", "", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  }

  token = await sessionOf(root);
  watch();
}
