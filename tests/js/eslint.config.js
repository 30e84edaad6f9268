// ESLint and the packages of the tests lie in build/js, where `make javascript` installs them.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../build/js/", import.meta.url));
const globals = require("globals");
const js = require("@eslint/js");

export default [
  {
    ...js.configs.recommended,
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      ...js.configs.recommended.rules,
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-unused-vars": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["**/display/*.js", "**/web/page/*.js"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"].map((property) => ({
          property,
          message: "Text is data: make elements.",
        })),
      ],
    },
  },
  // The page's script stands behind view.js, session.js and connection.js in one module.
  {
    files: ["**/web/page/page.js"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          "ENDED",
          "Refused",
          "applyPatch",
          "bearer",
          "follow",
          "mount",
          "named",
          "sessionOf",
          "traded",
          "withItems",
        ].map((name) => [name, false]),
      ),
    },
  },
  {
    files: ["**/web/page/connection.js", "**/web/page/ask.js"],
    languageOptions: {
      globals: Object.fromEntries(["bearer", "sessionOf", "traded"].map((name) => [name, false])),
    },
  },
  {
    files: ["**/web/page/docs.js", "**/web/page/home.js"],
    languageOptions: { globals: Object.fromEntries(["ask", "at", "part"].map((name) => [name, false])) },
  },
  // The notebook's stands behind view.js.
  {
    files: ["**/display/notebook.js"],
    languageOptions: {
      globals: Object.fromEntries(
        ["applyPatch", "enhance", "mount", "still", "stillText"].map((name) => [name, false]),
      ),
    },
  },
  { files: ["**/tests/js/**"], languageOptions: { globals: { ...globals.node } } },
];
