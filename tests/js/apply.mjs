// Applies patches of Python's folds/patch.py, read from standard input as [[old, operations], …], and writes the trees.
import { readFileSync } from "node:fs";

import { applyPatch } from "../../src/progressnb/display/view.js";

const pairs = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(pairs.map(([old, ops]) => applyPatch(old, ops))));
