// Checks that what the project's texts point at is there: relative links of Markdown files with their anchors, and every document that
// code or prose names (a file name that ends in .md). Prints each one that leads nowhere and exits 1 if there is one.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });
const files = listed.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
const documents = new Set(files.filter((file) => file.endsWith(".md")).map((file) => basename(file)));
const isText = (file) => /\.(md|ts|mjs|py|ya?ml|json|sh)$/.test(file) && !/package-lock|benchmarks\/results/.test(file);
const faults = [];
let linkCount = 0;

for (const file of files.filter(isText)) {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  lines.forEach((line, i) => {
    const found = [...documentFaults(line), ...(file.endsWith(".md") ? linkFaults(file, line) : [])];
    for (const fault of found) faults.push(`${file}:${i + 1} ${fault}`);
  });
}
for (const fault of faults) console.error(fault);
console.log(`references: ${linkCount} links, ${documents.size} documents, ${faults.length} lead nowhere`);
if (linkCount === 0) throw new Error("no links were found: the check looked in the wrong place");
process.exitCode = faults.length > 0 ? 1 : 0;

function documentFaults(line) {
  return [...line.matchAll(/(?<![\w/.*{$-])[\w-]+\.md\b/g)]
    .map(([name]) => name)
    .filter((name) => !documents.has(name))
    .map((name) => `names ${name}, which is not here`);
}

function* linkFaults(file, line) {
  for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    linkCount++;
    const [path, anchor] = target.split("#");
    const to = path === "" ? join(root, file) : join(root, dirname(file), path);
    if (!existsSync(to)) yield `links to ${target}, which is not here`;
    else if (anchor !== undefined && !anchorsOf(to).has(anchor)) yield `links to ${target}, which has no such heading`;
  }
}

/** As the usual hosts of repositories make them from headings. */
function anchorsOf(file) {
  const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, text]) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
