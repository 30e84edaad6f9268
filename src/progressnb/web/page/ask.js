// What the pages share that show one answer of the server: its parts, and the question for the token. In their modules
// session.js stands before it. Texts of operations are put into textContent and nowhere else.

export const at = (id) => document.getElementById(id);

export function part(tag, ...inside) {
  const element = document.createElement(tag);
  element.append(...inside);
  return element;
}

/** Fetches what a page shows, and asks for the token where the server does. */
export async function ask(root, path, show) {
  let asked = 0;

  async function load(found) {
    const turn = ++asked;
    const token = await found;
    const headers = { Accept: "application/json", ...bearer(token) };
    const answer = await fetch(`${root}${path}`, { headers, cache: "no-store" }).catch(() => null);
    if (turn !== asked) return; // a later question is under way: its answer counts
    at("ask").hidden = answer?.status !== 401;
    at("why").textContent = token ? "The server refused this token." : "This server asks for a token.";
    at("error").hidden = answer !== null && (answer.ok || answer.status === 401);
    at("error").textContent = answer ? `The server refused: ${answer.status}` : "The server can't be reached.";
    if (answer?.ok) show(await answer.json());
  }

  at("ask").addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = at("token").value.trim();
    at("token").value = "";
    await load(traded(root, typed));
  });

  await load(sessionOf(root));
}
