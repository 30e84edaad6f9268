import { useEffect, useState } from "react";

import { runEvents } from "./runEvents.js";

const FRESH = { current_stage: "", detailed_status: "", percentage: 0, complete: false, status: "running", outputs: {} };

/** Return a run's state after one more event. */
export function fold(state, event) {
  const next = { ...state, percentage: event.overall_progress ?? state.percentage };
  if (event.stage) next.current_stage = event.stage;
  if (event.type === "progress") next.detailed_status = event.message ?? next.detailed_status;
  if (event.type === "content" && event.partial !== undefined)
    next.outputs = { ...next.outputs, [`${event.stage}/${event.part}`]: event.partial };
  if (event.type === "done") return { ...next, complete: true, status: "finished", result: event.result };
  if (event.type === "cancelled") return { ...next, complete: true, status: "cancelled" };
  if (event.type === "error" && event.fatal)
    return { ...next, complete: true, status: "failed", detailed_status: event.message };
  return next;
}

/** Watch the run at `url`, such as "https://example.com/runs/0f3a…". Return its state and a function `cancel`. */
export function useRun(url, token) {
  const [state, setState] = useState(FRESH);
  const [connection, setConnection] = useState("connecting");
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setState(FRESH);
    setConnection("connecting");
    setProblem(null);
    (async () => {
      try {
        for await (const event of runEvents(url, { token, signal, onConnection: setConnection })) {
          if (signal.aborted) return;
          setState((before) => fold(before, event));
        }
      } catch (error) {
        if (!signal.aborted) setProblem(error.message);
      }
    })();
    return () => controller.abort();
  }, [url, token]);
  const cancel = async () => {
    try {
      const headers = token ? { authorization: `Bearer ${token}` } : {};
      const answer = await fetch(`${url}/cancel`, { method: "POST", headers });
      if (!answer.ok) setProblem(`Not cancelled: HTTP ${answer.status}`);
    } catch (error) {
      setProblem(`Not cancelled: ${error.message}`);
    }
  };
  return { ...state, connection, problem, cancel };
}

const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** Show a run. All of its data is shown as text, never as markup. */
export function RunProgress({ url, token }) {
  const run = useRun(url, token);
  return (
    <section aria-label="Run">
      <div role="progressbar" aria-label="Progress" aria-valuemin={0} aria-valuemax={100}
        aria-valuenow={Math.floor(run.percentage)} style={{ background: "#ddd" }}>
        <div style={{ width: `${run.percentage}%`, height: 8, background: "#1565c0" }} />
      </div>
      <p role="status">
        {run.complete ? run.status : run.current_stage} {run.detailed_status}
        {!run.complete && run.connection === "reconnecting" && " (reconnecting…)"}
      </p>
      {run.problem && <p role="alert">{run.problem}</p>}
      {!run.complete && Object.entries(run.outputs).map(([name, output]) => <pre key={name}>{shown(output)}</pre>)}
      {run.status === "finished" && <pre>{shown(run.result)}</pre>}
      {!run.complete && <button type="button" onClick={run.cancel}>Cancel</button>}
    </section>
  );
}
