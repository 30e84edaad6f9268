// The first page of a server: its operations, and the latest runs with links to their pages. In its module session.js
// and ask.js stand before it.
{
  const root = location.pathname.replace(/\/$/, "");

  function link(text, address) {
    const element = part("a", text);
    element.href = address; // a path that the server made, of its own root and an id
    return element;
  }

  const seconds = (run) => run.duration ?? run.elapsed ?? 0;

  function rowOf(run) {
    const began = run.started ? new Date(run.started).toLocaleString() : "";
    const reached = run.status === "running" && run.overall_progress ? ` ${Math.floor(run.overall_progress)} %` : "";
    const name = run.subject ? `${run.operation} · ${run.subject}` : run.operation;
    const cells = [link(name, run.links.view), `${run.status}${reached}`, began, `${seconds(run).toFixed(1)} s`];
    return part("tr", ...cells.map((cell) => part("td", cell)));
  }

  function show({ operations, runs, links }) {
    const listed = operations.map(({ name, summary }) => part("li", part("code", name), ` ${summary}`));
    const head = part("tr", ...["Run", "Status", "Began", "Took"].map((name) => part("th", name)));
    at("home").replaceChildren(
      part("h2", "Runs"),
      runs.length ? part("table", part("thead", head), part("tbody", ...runs.map(rowOf))) : part("p", "None yet."),
      part("h2", "Operations"),
      listed.length ? part("ul", ...listed) : part("p", "None: clients begin no runs here."),
      part("p", ...(links.docs ? [link("All routes", links.docs), ": how a client begins a run and reads it."] : [])),
    );
  }

  await ask(root, "/", show);
}
