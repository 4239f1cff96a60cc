// Draws the pictures of docs/samplers:  node scripts/draw-samplers.mjs [--check] [NAME …]
//
// Runs the built samplers (`npm run build` first) with fixed seeds, so the same code draws the same bytes. With `--check` it writes nothing and
// exits 1 if a picture in docs/samplers is not what it would draw. Names such as `gp` or `lineage` draw only those. Takes about a minute.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { designsPicture } from "./drawings/designs-picture.mjs";
import { directionsPicture } from "./drawings/directions-picture.mjs";
import { frontPicture } from "./drawings/front-picture.mjs";
import { lineagePicture } from "./drawings/lineage-picture.mjs";
import { searchPicture, searchRuns } from "./drawings/search-picture.mjs";
import { okabeIto } from "./drawings/svg.mjs";
import { root } from "./prepare.mjs";

const folder = join(root, "docs", "samplers");
const largestBytes = 60_000;

let randomRuns = null;
async function runsOf(sampler) {
  randomRuns ??= await searchRuns("random");
  return sampler === "random" ? randomRuns : searchRuns(sampler);
}

/** @param sampler  As in a study file, the name unless given. */
function search(name, sampler = name, categories = null) {
  return async () => searchPicture(name, await runsOf(sampler), await runsOf("random"), categories);
}

const engines = {
  of: ({ why }) => why.sampler,
  colours: {
    qmc: okabeIto.skyBlue,
    gp: okabeIto.blue,
    refine: okabeIto.purple,
    tpe: okabeIto.orange,
    "cma-es": okabeIto.green,
    random: okabeIto.yellow,
    grid: okabeIto.vermillion,
  },
};

const pictures = {
  grid: search("grid", { type: "grid", points: 8 }),
  random: search("random"),
  qmc: search("qmc"),
  tpe: search("tpe"),
  gp: search("gp"),
  "cma-es": search("cma-es"),
  auto: search("auto", "auto", engines),
  "grid-random-qmc": designsPicture,
  nsga2: frontPicture,
  nsga3: directionsPicture,
  lineage: async () => lineagePicture(),
};

const args = process.argv.slice(2);
const isCheck = args.includes("--check");
const names = args.filter((arg) => arg !== "--check");
const unknown = names.filter((name) => !Object.hasOwn(pictures, name));
if (unknown.length > 0) {
  console.error(`no picture ${unknown.join(", ")}; there are: ${Object.keys(pictures).join(", ")}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(pictures)) {
  const drawn = await pictures[name]();
  if (Buffer.byteLength(drawn) > largestBytes)
    throw new Error(`${name} has ${Buffer.byteLength(drawn)} bytes, at most ${largestBytes}`);
  const file = join(folder, `${name}.svg`);
  const isSame = existsSync(file) && readFileSync(file, "utf8") === drawn;
  if (!isCheck) writeFileSync(file, drawn);
  else if (!isSame) process.exitCode = 1;
  console.log(`${isSame ? "same     " : isCheck ? "DIFFERENT" : "drawn    "} docs/samplers/${name}.svg`);
}
