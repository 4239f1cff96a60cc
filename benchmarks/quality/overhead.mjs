// What a suggestion costs: time of ask + tell, ours and others side by side in one run.
//   node benchmarks/quality/overhead.mjs [--methods random,tpe,optuna-tpe] [--n 100,1000] [--d 10,40] [--rounds 3] [--name overhead]
// The methods take turns, round by round, each time in fresh processes. "at n": wall time and mean processor time of the last
// tenth of a study of n trials; "study": the whole study divided by n; "fresh": the first suggestion of a process that opened a study
// with n uniform trials. Beside it stands what it means: the time of a whole study of n trials for trainings of 0.1 s, 10 s and 10 min.
import { openSync } from "node:fs";
import { devNull } from "node:os";
import { parseArgs } from "node:util";
import { quantile, record } from "../record.mjs";
import { methodVersions, startDriver } from "./drivers.mjs";

const { values: options } = parseArgs({
  options: {
    methods: { type: "string", default: "random,qmc,tpe,optuna-tpe,rustuna-tpe,hyperopt-tpe" },
    n: { type: "string", default: "100,1000" },
    d: { type: "string", default: "10,40" },
    rounds: { type: "string", default: "3" },
    name: { type: "string", default: "overhead" },
  },
});
const numbers = (text) => text.split(",").map(Number);
const methods = options.methods.split(",");
const log = openSync(devNull, "w");
const versions = await methodVersions(methods, log);
const trainingSeconds = [0.1, 10, 600];

const cells = [];
for (const n of numbers(options.n)) {
  for (const d of numbers(options.d)) cells.push(...(await measure(n, d)));
}
record(`quality/${options.name}`, {
  command: `node benchmarks/quality/overhead.mjs ${process.argv.slice(2).join(" ")}`.trim(),
  versions,
  cells,
});

async function measure(n, d) {
  const samples = new Map(methods.map((method) => [method, { fresh: [], late: [], lateCpu: [], perTrial: [], cpuPerTrial: [] }]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const method of methods) {
      const of = samples.get(method);
      const study = await oneProcess({ overhead: method, fresh: false, n, d, seed: round });
      const opened = await oneProcess({ overhead: method, fresh: true, n, d, seed: round });
      of.failed ??= study.failed ?? opened.failed;
      if (of.failed) continue;
      const lateCount = Math.ceil(n / 10);
      of.late.push(...study.times.slice(-lateCount));
      of.lateCpu.push((study.cpuMarks.at(-1) - study.cpuMarks.at(-1 - lateCount)) / lateCount);
      of.perTrial.push(study.times.reduce((sum, time) => sum + time, 0) / n);
      of.cpuPerTrial.push((study.cpuMarks.at(-1) - study.cpuMarks[0]) / n);
      of.fresh.push(...opened.times);
    }
  }
  return methods.map((method) => cell({ method, n, d, ...samples.get(method) }));
}

async function oneProcess(request) {
  const driver = startDriver(request.overhead, log);
  try {
    return await driver.ask(request);
  } catch (error) {
    return { failed: error.message };
  } finally {
    await driver.close();
  }
}

function cell({ method, n, d, fresh, late, lateCpu, perTrial, cpuPerTrial, failed }) {
  if (failed) return { method, n, d, failed };
  const wholeMs = quantile(perTrial, 0.5);
  const result = {
    ...{ method, n, d },
    atMs: {
      p50: round(quantile(late, 0.5)),
      p99: round(quantile(late, 0.99)),
      sampleCount: late.length,
      cpuMean: lateCpu.map(round),
    },
    studyMs: { wallPerTrial: perTrial.map(round), cpuPerTrial: cpuPerTrial.map(round) },
    freshMs: fresh.map(round),
    studySeconds: Object.fromEntries(trainingSeconds.map((seconds) => [seconds, round(n * (seconds + wholeMs / 1000))])),
  };
  console.error(JSON.stringify(result));
  return result;
}

function round(value) {
  return Number(value.toPrecision(4));
}
