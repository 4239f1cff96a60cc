// Copies into the npm package what lives elsewhere in the repository and ships with it: the digits example and the Python client.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const assets = join(root, "packages", "tunesmith", "assets");

const wanted = (path) => !/(^|\/)(__pycache__|\.tunesmith|out|tests?|node_modules)$/.test(path) && !/\.test\.\w+$/.test(path);

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });
cpSync(join(root, "examples", "digits"), join(assets, "examples", "digits"), { recursive: true, filter: wanted });
cpSync(join(root, "clients", "python"), join(assets, "python"), { recursive: true, filter: wanted });
cpSync(join(root, "docs", "study-file.schema.json"), join(assets, "study-file.schema.json"));
