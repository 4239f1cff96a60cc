// How far it goes: 100,000 trials in one TPE study, 1,000 parameters, and what one suggestion costs over trials and parameters.
//   node benchmarks/scale.mjs [trials] [parameters] [suggestions] [draw]
// Without a part's name all of them; with names the others stay in the file as they were measured. Every measurement is a process of its
// own. `draw` makes results/scale.svg from results/scale.json, which is done after every measurement too.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { importCore } from "./quality/library.mjs";
import { benchmarkFile, quantile, record } from "./record.mjs";
import { drawScale } from "./scale-chart.mjs";

const seed = 1;
const blockSize = 10_000;
const blockCount = Number(process.env.BENCH_BLOCKS ?? 10);
const wide = { parameterCount: 1_000, trialCount: 200, limitSeconds: 120 };
const trialCounts = [10, 30, 100, 300, 1_000, 3_000, 10_000];
const parameterCounts = [2, 10, 40, 100, 1_000];
const cellLimitSeconds = Number(process.env.BENCH_CELL_SECONDS ?? 60);
// Suggestions that are timed before each number of trials, and the time after which three are enough.
const timed = { count: 40, least: 3, enoughSeconds: 5 };
/** Most trials, and whether the trials before the timed ones are drawn uniformly, because its own would take too long. */
const methods = {
  random: {},
  qmc: {},
  tpe: { uniform: true },
  gp: { uniform: true, mostTrials: 500 },
  "cma-es": {},
  nsga2: {},
};

const parts = { trials, parameters, suggestions };
const measurements = { oneStudy, oneWide, oneCell };
const [first, ...rest] = process.argv.slice(2);
if (Object.hasOwn(measurements, first ?? "")) console.log(JSON.stringify(await measurements[first](...rest)));
else main(first === undefined ? Object.keys(parts) : [first, ...rest]);

function main(names) {
  const unknown = names.filter((name) => name !== "draw" && !Object.hasOwn(parts, name));
  if (unknown.length > 0) throw new Error(`no part ${unknown.join(", ")}; there are: ${Object.keys(parts).join(", ")}, draw`);
  const file = benchmarkFile("results/scale.json");
  let figures = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).figures : {};
  for (const name of names.filter((each) => each !== "draw")) {
    console.error(`── ${name}`);
    const measuredAt = new Date().toISOString();
    const loadAtStart = loadavg()[0];
    figures = { ...figures, [name]: { measuredAt, loadAtStart, ...parts[name](), loadAtEnd: loadavg()[0] } };
    record("scale", figures);
  }
  writeFileSync(benchmarkFile("results/scale.svg"), drawScale(figures.suggestions));
}

/** @returns What the measurement said, or `{ failed }`. */
function apart(measurement, ...args) {
  const argv = ["--expose-gc", benchmarkFile("scale.mjs"), measurement, ...args.map(String)];
  const run = spawnSync(process.execPath, argv, { encoding: "utf8", maxBuffer: 2 ** 28 });
  const said = run.status === 0 ? JSON.parse(run.stdout) : { failed: run.stderr.trim().split("\n").at(-1) };
  console.error(JSON.stringify([...args, said]));
  return said;
}

// ── 100,000 trials in one study ─────────────────────────────────────────────────────────────────────────────────────────────

function trials() {
  return { method: "tpe", storage: "memory", parameterCount: 10, blockSize, ...apart("oneStudy") };
}

async function oneStudy() {
  const { createStudy } = await importCore("index.js");
  const { bowl, tenParameters } = await import("./parameters.mjs");
  const study = await createStudy({ parameters: tenParameters, sampler: "tpe", seed });
  const blocks = [];
  let count = 0;
  let mark = markNow();
  await study.optimize(({ params }) => bowl(params), {
    trials: blockCount * blockSize,
    onTrial() {
      count++;
      if (count % blockSize !== 0) return;
      const block = { upTo: count, ...since(mark), ...memory() };
      blocks.push(block);
      console.error(JSON.stringify(block));
      // Collecting garbage is not part of the next block.
      mark = markNow();
    },
  });
  const best = study.bestTrial.value;
  await study.close();
  return { trialCount: count, best, blocks };
}

function markNow() {
  return { wallMs: performance.now(), cpu: process.cpuUsage() };
}

function since({ wallMs, cpu }) {
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: rounded((performance.now() - wallMs) / 1_000), cpuSeconds: rounded((user + system) / 1e6) };
}

function memory() {
  globalThis.gc();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heldMiB: rounded((heapUsed + arrayBuffers) / 2 ** 20), rssMiB: rounded(rss / 2 ** 20) };
}

// ── 1,000 parameters ────────────────────────────────────────────────────────────────────────────────────────────────────────

function parameters() {
  const { parameterCount, trialCount, limitSeconds } = wide;
  const rows = ["random", "qmc", "tpe", "cma-es", "gp"].map((method) => ({ method, ...apart("oneWide", method) }));
  return { storage: "memory", parameterCount, trialCount, limitSeconds, rows };
}

/** Asks and tells until all trials are made or the time is over. */
async function oneWide(method) {
  const { createStudy } = await importCore("index.js");
  const before = memory().heldMiB;
  const study = await createStudy({ parameters: unitParameters(wide.parameterCount), sampler: method, seed });
  const times = [];
  const startedMs = performance.now();
  while (times.length < wide.trialCount && performance.now() - startedMs < 1_000 * wide.limitSeconds) {
    const fromMs = performance.now();
    const trial = await study.ask();
    await study.tell(trial, bowlAt(Object.values(trial.params)));
    times.push(performance.now() - fromMs);
  }
  const seconds = rounded((performance.now() - startedMs) / 1_000);
  const held = memory().heldMiB - before;
  const best = study.bestTrial.value;
  await study.close();
  return {
    trialCount: times.length,
    seconds,
    ms: { p50: rounded(quantile(times, 0.5)), p99: rounded(quantile(times, 0.99)), last: rounded(times.at(-1)) },
    kibPerTrial: rounded((1_024 * held) / times.length),
    best,
  };
}

// ── One suggestion ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function suggestions() {
  const cells = [];
  for (const method of Object.keys(methods))
    for (const d of parameterCounts) cells.push({ method, d, ...apart("oneCell", method, d) });
  return { trialCounts, parameterCounts, timed, cellLimitSeconds, cells };
}

/**
 * Times `sampler.suggest` alone, right before a study has 10, 30, … trials. The first suggestion after uniformly drawn trials takes them
 * in, which is not the cost of one; it is kept apart as `firstMs`.
 */
async function oneCell(method, dimensionText) {
  const { createSampler } = await importCore("index.js");
  const { TestStudy, testProblem } = await importCore("testing/test-study.js");
  const { createRng } = await importCore("numerics/rng.js");
  const { uniform = false, mostTrials = Infinity } = methods[method];
  const sampler = createSampler(method);
  const problem = testProblem({ parameters: unitParameters(Number(dimensionText)), seed });
  const refusal = sampler.refuse(problem);
  if (refusal !== null) return { refused: refusal, points: [] };
  const study = new TestStudy(problem);
  const drawn = createRng(seed, "uniform trials");
  const point = new Float64Array(problem.space.dimensions.length);
  const startedMs = performance.now();
  const isOver = () => performance.now() - startedMs > 1_000 * cellLimitSeconds;
  const suggestTimed = () => {
    const fromMs = performance.now();
    const suggestion = study.suggest(sampler);
    const ms = performance.now() - fromMs;
    finish(study, suggestion);
    return ms;
  };
  const points = [];
  for (const n of trialCounts.filter((each) => each <= mostTrials)) {
    const wanted = Math.min(timed.count, Math.ceil(n / 2));
    while (study.trialCount < n - wanted - 1 && !isOver()) {
      if (uniform) finish(study, { config: problem.space.decode(point.map(() => drawn.uniform())) });
      else suggestTimed();
    }
    if (isOver()) return { stopped: `${cellLimitSeconds} s were over before ${n} trials`, points };
    const firstMs = suggestTimed();
    const times = [];
    const enoughMs = performance.now() + 1_000 * timed.enoughSeconds;
    while (times.length < wanted && (times.length < timed.least || performance.now() < enoughMs)) times.push(suggestTimed());
    points.push({
      n,
      ...{ p50Ms: rounded(quantile(times, 0.5)), highestMs: rounded(Math.max(...times)), firstMs: rounded(firstMs) },
      sampleCount: times.length,
    });
  }
  return { points };
}

function finish(study, { config, note }) {
  study.finish(study.add({ config, note }), { losses: [bowlAt(Object.values(config))] });
}

function unitParameters(count) {
  return Object.fromEntries(Array.from({ length: count }, (_, j) => [`x${j + 1}`, { type: "float", min: 0, max: 1 }]));
}

function bowlAt(values) {
  return values.reduce((sum, x) => sum + (x - 0.3) ** 2, 0);
}

function rounded(value) {
  return Number(value.toPrecision(4));
}
