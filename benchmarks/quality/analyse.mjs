// What the runs say: node benchmarks/quality/analyse.mjs --runs FILE[,FILE…] [--methods a,b] [--tasks …] [--reference auto]
// Prints Markdown, writes <prefix>.json and one critical-difference drawing per checkpoint beside the first file.
// Compared are tasks that every method was run on, at the seeds that all methods have there. A run that failed keeps its last best; a
// method whose every run failed at once is last.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { drawCriticalDifference } from "./critical-difference.mjs";
import { importCore } from "./library.mjs";
import { criticalDifference, friedman, holm, mean, quantile, ranks, wilcoxon } from "./statistics.mjs";
import { entries, panel, readScales } from "./tasks.mjs";

const { createRng } = await importCore("numerics/rng.js");
const { values: options } = parseArgs({
  options: {
    runs: { type: "string" },
    methods: { type: "string" },
    tasks: { type: "string" },
    reference: { type: "string", default: "auto" },
    resamples: { type: "string", default: "2000" },
  },
});
const files = options.runs.split(",");
const runs = latest(
  files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ),
);
const methods = options.methods?.split(",") ?? [...new Set(runs.map(({ method }) => method))];
const families = new Map(entries.map(({ name, family }) => [name, family]));
const checkpoints = panel.protocol.checkpoints.filter((at) => runs.some(({ evaluations }) => evaluations >= at));
const scales = readScales();
const table = comparable();
const results = checkpoints.map((at) => atCheckpoint(at));

const prefix = files[0].replace(/\.jsonl$/, "");
writeFileSync(
  `${prefix}.json`,
  `${JSON.stringify({ files: files.map((file) => file.split("/").at(-1)), cpu: cpuTable(), results }, null, 1)}\n`,
);
for (const { at, overall, pools } of results) {
  if (methods.length < 3) continue;
  const named = overall.map(({ method, plainRank }) => ({ name: method, rank: plainRank }));
  const title = `Mean rank over ${pools.taskCount} tasks at ${at} evaluations`;
  writeFileSync(`${prefix}-${at}.svg`, drawCriticalDifference(named, criticalDifference(methods.length, pools.taskCount), title));
}
print();

// ── From runs to a table ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Of several versions of a method the last run stands; the versions are printed. */
function latest(all) {
  const newest = new Map();
  for (const { method, version } of all) newest.set(method, version);
  return all.filter(({ method, version }) => version === newest.get(method));
}

/** `[{ task, family, seeds, runs: { method: { seed: run } } }]`. */
function comparable() {
  const wanted = options.tasks?.split(",");
  const rows = [];
  for (const [task, family] of families) {
    if (wanted && !wanted.includes(task) && !wanted.includes(family)) continue;
    const of = Object.fromEntries(methods.map((method) => [method, runsOf(task, method)]));
    const [first, ...others] = methods.map((method) => Object.keys(of[method]));
    const seeds = first.filter((seed) => others.every((list) => list.includes(seed)));
    if (seeds.length > 0) rows.push({ task, family, seeds, runs: of, best: bestKnown(task) });
  }
  if (rows.length === 0) throw new Error("no task was run by all of these methods");
  return rows;
}

function runsOf(task, method) {
  return Object.fromEntries(runs.filter((run) => run.task === task && run.method === method).map((run) => [run.seed, run]));
}

/** The optimum, or the best that was seen by anybody where that is better than the reference. */
function bestKnown(task) {
  const seen = runs.filter((run) => run.task === task).flatMap(({ best }) => Object.values(best));
  return scales[task].exact ? scales[task].best : Math.min(scales[task].best, ...seen.filter(Number.isFinite));
}

/** Normalised regret in [0, 1]: 0 the best known, 1 the median of uniform configs; rounded, so that equal means equal to 1e-9. */
function regret({ task, best }, run, at) {
  const reached = Object.keys(run.best)
    .map(Number)
    .filter((n) => n <= at);
  if (reached.length === 0) return 1;
  const value = run.best[Math.max(...reached)];
  const normalised = (value - best) / (scales[task].median - best);
  return Math.round(1e9 * Math.min(1, Math.max(0, normalised))) / 1e9;
}

// ── One checkpoint ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

function atCheckpoint(at) {
  const regrets = table.map((row) => methods.map((method) => row.seeds.map((seed) => regret(row, row.runs[method][seed], at))));
  const observed = summary(regrets);
  const resampled = bootstrap(regrets);
  const interval = (pick) => [quantile(resampled.map(pick), 0.025), quantile(resampled.map(pick), 0.975)];
  const reference = methods.indexOf(options.reference);
  return {
    at,
    tasks: table.map(({ task, family, seeds }, t) => ({
      ...{ task, family, seedCount: seeds.length },
      regret: Object.fromEntries(methods.map((method, m) => [method, [0.25, 0.5, 0.75].map((q) => quantile(regrets[t][m], q))])),
      rank: Object.fromEntries(methods.map((method, m) => [method, observed.table[t][m]])),
    })),
    overall: methods.map((method, m) => ({
      method,
      rank: observed.weighted[m],
      interval: interval(({ weighted }) => weighted[m]),
      plainRank: observed.plain[m],
      ...(reference < 0 || reference === m
        ? {}
        : { behindReference: interval(({ weighted }) => weighted[m] - weighted[reference]) }),
    })),
    pools: pools(observed, reference),
    ...(reference < 0 ? {} : { gaps: gaps(observed, resampled, reference) }),
  };
}

/** Ranks and medians of one table of regrets (task × method × seed). */
function summary(regrets) {
  const medians = regrets.map((row) => row.map((values) => quantile(values, 0.5)));
  const rankTable = medians.map(ranks);
  const byFamily = familyRows().map((rows) => methods.map((_, m) => mean(rows.map((t) => rankTable[t][m]))));
  return {
    ...{ medians, table: rankTable },
    weighted: methods.map((_, m) => mean(byFamily.map((row) => row[m]))),
    plain: methods.map((_, m) => mean(rankTable.map((row) => row[m]))),
  };
}

function familyRows() {
  return presentFamilies().map((family) => [...table.keys()].filter((t) => table[t].family === family));
}

function presentFamilies() {
  return [...new Set(table.map(({ family }) => family))];
}

/** Tasks are drawn within their family, seeds within their task and the same for all methods. */
function bootstrap(regrets) {
  const rng = createRng(1, "bootstrap");
  const rows = familyRows();
  return Array.from({ length: Number(options.resamples) }, () => {
    const drawn = new Array(table.length);
    for (const members of rows) {
      for (const t of members) {
        const from = regrets[members[rng.int(members.length)]];
        const seeds = from[0].map(() => rng.int(from[0].length));
        drawn[t] = from.map((values) => seeds.map((s) => values[s]));
      }
    }
    return summary(drawn);
  });
}

/** Tests only on pools of at least 12 tasks. */
function pools({ table: rankTable, medians }, reference) {
  const taskCount = table.length;
  if (taskCount < 12 || methods.length < 3) return { taskCount, withheld: "fewer than 12 tasks or 3 methods" };
  if (reference < 0) return { taskCount, friedman: friedman(rankTable) };
  const others = methods.filter((_, m) => m !== reference);
  const raw = others.map((method) => wilcoxon(medians.map((row) => row[methods.indexOf(method)] - row[reference])));
  const adjusted = holm(raw);
  return {
    taskCount,
    friedman: friedman(rankTable),
    wilcoxonHolm: Object.fromEntries(others.map((method, i) => [method, adjusted[i]])),
  };
}

/** Per family: the best single method by mean of its medians, and how far the reference is behind it. */
function gaps({ medians }, resampled, reference) {
  return familyRows().map((rows, f) => {
    const means = methods.map((_, m) => (m === reference ? Number.POSITIVE_INFINITY : mean(rows.map((t) => medians[t][m]))));
    const best = means.indexOf(Math.min(...means));
    const gapOf = (of) =>
      quantile(
        rows.map((t) => of[t][reference] - of[t][best]),
        0.5,
      );
    const drawn = resampled.map(({ medians }) => gapOf(medians));
    return {
      family: presentFamilies()[f],
      ...{ taskCount: rows.length, bestSingle: methods[best], gap: gapOf(medians) },
      interval: [quantile(drawn, 0.025), quantile(drawn, 0.975)],
    };
  });
}

// ── What is printed ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function cpuTable() {
  return methods.map((method) => {
    const own = runs.filter((run) => run.method === method);
    const finished = own.filter(({ failed }) => !failed);
    const perEvaluationMs = finished.map(({ cpuSeconds, evaluated }) => (1000 * cpuSeconds) / evaluated);
    return {
      ...{ method, version: own[0]?.version, runCount: own.length, failedCount: own.length - finished.length },
      cpuHours: finished.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / 3600,
      millisecondsPerEvaluation: perEvaluationMs.length === 0 ? null : quantile(perEvaluationMs, 0.5),
      duplicates: own.reduce((sum, { duplicateCount }) => sum + duplicateCount, 0),
    };
  });
}

function print() {
  const show = (value, digits = 3) => (value === null ? "–" : value.toFixed(digits));
  const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
  const head = (...cells) => {
    row(...cells);
    row(...cells.map(() => "---"));
  };
  console.log("### Runs\n");
  head("method", "version", "runs", "failed", "CPU ms per evaluation (median)", "repeated configs", "CPU hours");
  for (const one of cpuTable()) {
    row(
      one.method,
      one.version,
      one.runCount,
      one.failedCount,
      show(one.millisecondsPerEvaluation, 2),
      one.duplicates,
      show(one.cpuHours),
    );
  }
  for (const { at, tasks, overall, pools, gaps } of results) {
    console.log(`\n### At ${at} evaluations\n`);
    head("method", "mean rank, families equal", "95 %", "mean rank, tasks equal", `minus ${options.reference}, 95 %`);
    for (const one of [...overall].sort((a, b) => a.rank - b.rank)) {
      const behind = one.behindReference?.map((value) => show(value, 2)).join(" … ") ?? "–";
      row(one.method, show(one.rank, 2), one.interval.map((value) => show(value, 2)).join(" … "), show(one.plainRank, 2), behind);
    }
    console.log(`\n${pools.withheld ? `No p-values: ${pools.withheld}.` : `Friedman: ${JSON.stringify(pools)}`}\n`);
    if (gaps) {
      head("family", "tasks", "best single", `${options.reference} behind it, median normalised regret`, "95 %");
      for (const one of gaps)
        row(one.family, one.taskCount, one.bestSingle, show(one.gap, 4), one.interval.map((v) => show(v, 4)).join(" … "));
      console.log("");
    }
    head("task: normalised regret, median (quartiles)", "seeds", ...methods);
    for (const { task, seedCount, regret } of tasks) {
      row(
        task,
        seedCount,
        ...methods.map((method) => `${show(regret[method][1], 4)} (${show(regret[method][0], 4)}–${show(regret[method][2], 4)})`),
      );
    }
  }
}
