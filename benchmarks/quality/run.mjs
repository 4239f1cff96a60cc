// Runs methods on tasks of the panel and appends one line per run to a file; what is in the file already is not run again.
//   node benchmarks/quality/run.mjs --methods random,tpe,optuna-tpe --tasks all --seeds 0-9 --evaluations 100 [--out FILE]
// --tasks: names, families, or all, with commas. TUNESMITH_BENCHDATA: the folder with the tables and surrogates. TUNESMITH_PEERS: the
// Python of an environment with the other libraries (pip install optuna hyperopt …). Every method is asked one config at a time.
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { methodVersions, startDriver } from "./drivers.mjs";
import { importCore, qualityFolder } from "./library.mjs";
import { LineProcess } from "./line-process.mjs";
import { entries, panel, readScales } from "./tasks.mjs";

const { hypervolume } = await importCore("numerics/hypervolume.js");
const { values: options } = parseArgs({
  options: {
    methods: { type: "string", default: "random,qmc,tpe" },
    tasks: { type: "string", default: "all" },
    seeds: { type: "string", default: "0-4" },
    evaluations: { type: "string", default: "200" },
    out: { type: "string", default: join(qualityFolder, "..", "results", "quality", "runs.jsonl") },
    jobs: { type: "string", default: "1" },
  },
});

const evaluations = Number(options.evaluations);
const methods = options.methods.split(",");
const seeds = options.seeds.split(",").flatMap(seedRange);
const tasks = options.tasks.split(",").flatMap(namesOf);
const scales = readScales();
mkdirSync(dirname(options.out), { recursive: true });
// What the methods themselves print.
const log = openSync(join(tmpdir(), "tunesmith-quality.log"), "a");
const done = new Set(readRuns(options.out).map(keyOf));
let [ran, skipped, failed, cpuSeconds] = [0, 0, 0, 0];

const versions = await methodVersions(methods, log);
// Seed by seed, so that an interrupted run leaves every task and method with the same seeds.
const queue = seeds.flatMap((seed) =>
  tasks.flatMap((task) => methods.map((method) => ({ task, method, seed, ...versions[method] }))),
);
await Promise.all(Array.from({ length: Number(options.jobs) }, work));
console.error(
  `${ran} runs, ${failed} of them failed, ${skipped} were there already; ${(cpuSeconds / 3600).toFixed(3)} CPU hours of the methods`,
);

function seedRange(text) {
  const [first, last = first] = text.split("-").map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function namesOf(text) {
  if (text === "all") return entries.map(({ name }) => name);
  const found = entries.filter(({ name, family }) => name === text || family === text);
  if (found.length === 0)
    throw new Error(`no task or family ${text}; families: ${[...new Set(entries.map(({ family }) => family))].join(", ")}`);
  return found.map(({ name }) => name);
}

function readRuns(file) {
  if (!existsSync(file)) return [];
  // The last line may be cut where a run was killed.
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

function keyOf({ task, method, version, seed, evaluations }) {
  return JSON.stringify([task, method, version, seed, evaluations]);
}

async function work() {
  const server = new LineProcess(process.execPath, [join(qualityFolder, "objective-server.mjs")], {}, log);
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    if (done.has(keyOf({ ...job, evaluations }))) {
      skipped++;
      continue;
    }
    const run = await runOne(server, job);
    appendFileSync(options.out, `${JSON.stringify(run)}\n`);
    ran++;
    if (run.failed) failed++;
    cpuSeconds += run.cpuSeconds ?? 0;
    console.error(
      `${job.task} ${job.method} ${job.seed}: ${run.failed ?? JSON.stringify(run.best)} ${run.cpuSeconds?.toFixed(2)} s`,
    );
  }
  await server.close();
}

/** A process of its own for every run: nothing is warm that would not be for a user. */
async function runOne(server, { task: name, method, seed, version, code }) {
  const task = await server.ask({ open: name });
  const driver = startDriver(method, log);
  const tracker = createTracker(task, scales[name]);
  const startedAt = new Date();
  let end;
  try {
    let said = await driver.ask({ task, method, seed, evaluations });
    for (let draw = 0; said.config !== undefined; draw++) {
      const answered = await server.ask({ config: said.config, draw });
      if (answered.fault !== undefined) throw new Error(`asked for what the task does not allow: ${answered.fault}`);
      tracker.add(said.config, answered);
      said = await driver.ask({ losses: answered.losses });
    }
    end = said.done ? { cpuSeconds: said.cpuSeconds } : { failed: said.failed };
    await driver.close();
  } catch (error) {
    end = { failed: error.message };
    driver.close();
  }
  return {
    ...{ task: name, method, version, code, seed, evaluations, ...end, ...tracker.result() },
    ...{
      wallSeconds: (Date.now() - startedAt) / 1000,
      startedAt: startedAt.toISOString(),
      load: loadavg()[0],
      cores: cpus().length,
    },
  };
}

/**
 * The best so far at the checkpoints. With noise: the true value of what looked best. With two objectives: the negative hypervolume.
 */
function createTracker({ objectives }, { reference }) {
  const rows = [];
  const seen = new Set();
  const best = {};
  let incumbent = { loss: Number.POSITIVE_INFINITY, truth: null };
  const value = () => {
    if (objectives.length === 1) return incumbent.truth;
    return -hypervolume(Float64Array.from(rows.flat()), rows.length, objectives.length, reference);
  };
  return {
    add(config, { losses, truth }) {
      seen.add(JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))));
      rows.push(truth);
      if (losses[0] < incumbent.loss) incumbent = { loss: losses[0], truth: truth[0] };
      if (panel.protocol.checkpoints.includes(rows.length)) best[rows.length] = value();
    },
    result: () => ({ best, duplicateCount: rows.length - seen.size, evaluated: rows.length }),
  };
}
