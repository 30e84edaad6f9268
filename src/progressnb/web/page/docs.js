// The description of all routes, drawn from /openapi.json. In its module session.js and ask.js stand before it.
{
  const root = location.pathname.replace(/\/docs\/?$/, "");

  const MARKS = { "`": "code", "*": "strong" };

  /** A description as nodes: its `code` and **strong** words marked, and lines joined that only its editor broke. */
  function marked(text) {
    const whole = (text || "").replace(/(\S)\n(?![\s\-*\d])/g, "$1 ");
    const parts = whole.split(/(`[^`]+`|\*\*[^*]+\*\*)/);
    return parts.map((each, at) => (at % 2 ? part(MARKS[each[0]], each.replace(/^[`*]+|[`*]+$/g, "")) : each));
  }

  const list = (title, rows) => (rows.length ? [part("h4", title), part("ul", ...rows)] : []);

  /** A schema with what it refers to in its place, once each, so that it can be read from top to bottom. */
  function whole(schema, all, above = []) {
    if (Array.isArray(schema)) return schema.map((each) => whole(each, all, above));
    if (schema === null || typeof schema !== "object") return schema;
    const name = schema.$ref?.split("/").pop();
    if (name) return above.includes(name) ? { $ref: name } : whole(all[name] ?? {}, all, [...above, name]);
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, whole(value, all, above)]));
  }

  function routeOf(path, method, route, schemas) {
    const body = route.requestBody?.content?.["application/json"]?.schema;
    const parameters = (route.parameters || []).map((each) =>
      part(
        "li",
        part("code", each.name),
        ` (${each.in}) `,
        ...marked(each.description),
        " ",
        JSON.stringify(each.schema),
      ),
    );
    const answers = Object.entries(route.responses || {}).map(([status, each]) =>
      part("li", part("code", status), " ", ...marked(each.description)),
    );
    return part(
      "details",
      part("summary", part("code", `${method.toUpperCase()} ${path}`), ` ${route.summary || ""}`),
      part("p", ...marked(route.description)),
      ...list("Parameters", parameters),
      ...(body ? [part("h4", "Body"), part("pre", JSON.stringify(whole(body, schemas), null, 2))] : []),
      ...list("Answers", answers),
    );
  }

  function show(schema) {
    at("title").textContent = `${schema.info.title} ${schema.info.version}`;
    document.title = at("title").textContent;
    at("about").replaceChildren(...schema.info.description.split(/\n\n+/).map((text) => part("p", ...marked(text))));
    const schemas = schema.components?.schemas || {};
    const routes = Object.entries(schema.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, route]) => routeOf(path, method, route, schemas)),
    );
    at("routes").replaceChildren(...routes);
  }

  await ask(root, "/openapi.json", show);
}
