// Checks every relative import of the packages against layers.json: a file may import its own folder, lower layers, interfaces and
// the foundation. Prints each violation and exits 1 if there is one.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const rules = JSON.parse(readFileSync(join(root, "layers.json"), "utf8"));
const faults = [];
let importCount = 0;

for (const [folder, rule] of Object.entries(rules)) {
  const base = join(root, folder);
  for (const file of sourceFiles(base)) {
    const from = relative(base, file).split(sep).join("/");
    if (rule.exceptions.some((exception) => from.startsWith(exception))) continue;
    for (const target of relativeImports(file)) {
      importCount++;
      const to = relative(base, normalize(join(dirname(file), target)))
        .split(sep)
        .join("/");
      const fault = faultOf(rule, from, to);
      if (fault) faults.push(`${folder}/${from} imports ${to}: ${fault}`);
    }
  }
}
for (const fault of faults) console.error(fault);
console.log(`layers: ${importCount} imports, ${faults.length} against the rules`);
if (importCount === 0) throw new Error("no imports were found: the check looked in the wrong place");
process.exitCode = faults.length > 0 ? 1 : 0;

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function relativeImports(file) {
  return [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1]);
}

function faultOf(rule, from, to) {
  if (rule.interfaces.includes(to) || rule.foundation.includes(to)) return null;
  const layerOf = (path) => rule.layers.findIndex((layer) => layer.includes(path.split("/")[0]));
  const fromLayer = layerOf(from);
  const toLayer = layerOf(to);
  if (rule.foundation.includes(from)) return "the foundation imports nothing";
  if (fromLayer < 0) return "its folder stands in no layer";
  if (toLayer < 0) return "the imported folder stands in no layer";
  const sameFolder = from.split("/")[0] === to.split("/")[0];
  if (toLayer > fromLayer) return "a lower layer imports a higher one";
  if (toLayer === fromLayer && !sameFolder) return "siblings of a layer are strangers";
  const strangers = rule.siblings[from.split("/")[0]] === "strangers" && sameFolder;
  if (strangers && from.split("/").length > 2 && to.split("/").length > 2 && from.split("/")[1] !== to.split("/")[1])
    return "siblings are strangers: what both need moves down";
  return null;
}
