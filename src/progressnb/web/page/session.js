// What lets a page in: a ticket in its address, changed for a session that the browser keeps for this tab.

/** Returns the header that carries a token, a session or a ticket. */
export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

const storedAs = (root) => `progressnb session ${root}`;

function stored(root) {
  try {
    return sessionStorage.getItem(storedAs(root)) || "";
  } catch {
    return ""; // a frame of another site may have no storage
  }
}

/** Changes a token or a ticket for a session, and keeps it. Returns what lets in, which may be the word itself. */
export async function traded(root, word) {
  const options = { method: "POST", headers: bearer(word), cache: "no-store" };
  const answer = await fetch(`${root}/tickets`, options).catch(() => null);
  if (!answer || !answer.ok) return (answer && answer.status === 401 && stored(root)) || word;
  const { session } = await answer.json();
  try {
    sessionStorage.setItem(storedAs(root), session);
  } catch {
    /* it is asked for again when the page is loaded again */
  }
  return session;
}

/** Returns what lets this page in: by the ticket of its address, or what the tab has kept, or an empty text. */
export async function sessionOf(root) {
  const given = new URLSearchParams(location.hash.slice(1));
  const word = given.get("ticket") || given.get("token");
  // It leaves the address bar at once, so that no picture or copied link has it.
  if (word) history.replaceState(null, "", location.pathname + location.search);
  return word ? traded(root, word) : stored(root);
}
