// Packs every package, installs the tarballs in an empty folder with an empty cache, and uses them as a stranger would: the command's
// demo, the library, the published schema, and an import of every runtime dependency.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "tunesmith-pack-"));
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const librarySource = `
import { createStudy, float } from "tunesmith";
const study = await createStudy({ parameters: { x: float(-5, 5) }, objective: { goal: "minimize" }, seed: 1 });
const end = await study.optimize((trial) => (trial.params.x - 2) ** 2, { trials: 30 });
if (!(study.bestTrial.value < 1)) throw new Error("best is " + study.bestTrial.value);
let count = 0;
for await (const trial of study.trials()) count += trial.state === "complete" ? 1 : 0;
console.log(end, count);
`;

try {
  const tarballs = join(folder, "tarballs");
  mkdirSync(tarballs);
  for (const name of ["core", "protocol", "tunesmith"])
    run("npm", ["pack", "--silent", "--pack-destination", tarballs], join(root, "packages", name));
  const files = readdirSync(tarballs).map((file) => join(tarballs, file));
  console.log(`packed: ${files.map((file) => file.split("/").at(-1)).join("  ")}`);

  const home = join(folder, "project");
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "stranger", private: true, type: "module" }));
  const cache = ["--cache", join(folder, "cache"), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", ["install", ...cache, ...files], home);

  writeFileSync(join(home, "library.mjs"), librarySource);
  check("the library tunes a function", run(process.execPath, ["library.mjs"], home).trim() === "done 30");
  const names = Object.keys(JSON.parse(readFileSync(join(root, "packages", "tunesmith", "package.json"), "utf8")).dependencies);
  writeFileSync(join(home, "imports.mjs"), names.map((name) => `await import(${JSON.stringify(name)});`).join("\n"));
  run(process.execPath, ["imports.mjs"], home);
  console.log(`imported: ${names.join(" ")}`);
  check("the schema is published", existsSync(join(home, "node_modules", "tunesmith", "assets", "study-file.schema.json")));
  const demo = run("npx", ["--no-install", "tunesmith", "demo", "--trials", "6"], home);
  check("the demo runs to its prediction", /best {5}#\d+/.test(demo) && existsSync(join(home, "out", "provenance.json")));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(what, holds) {
  if (!holds) throw new Error(`not so: ${what}`);
  console.log(`ok  ${what}`);
}
