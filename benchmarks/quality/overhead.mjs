// What a suggestion costs: time of ask + tell, ours and others side by side in one run, and what a trial costs in memory.
//   node benchmarks/quality/overhead.mjs [--methods random,tpe,optuna-tpe] [--n 100,1000] [--d 10,40] [--warm 1000] [--memory 1000,10000]
//                                        [--rounds 3] [--name overhead]
// The methods take turns, round by round, each time in fresh processes. "at n": wall time and mean processor time of the last tenth of a study
// of n trials; "warm": the same in a process that had a study of `--warm` trials before; "study": the whole study divided by n; "fresh": the
// first suggestion of a process that opened a study with n uniform trials; "suggest": of ours the sampler alone in the last tenth, in processes
// of their own. Beside it stands what it means: the time of a whole study of n trials for trainings of 0.1 s, 10 s and 10 min. Memory: of ours
// what is held after collecting garbage, in a study of its own; of others the growth of the peak resident memory from 10 to n uniform trials
// with one suggestion (Linux only).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { quantile, record } from "../record.mjs";
import { methodVersions, startDriver } from "./drivers.mjs";
import { importCore, qualityFolder } from "./library.mjs";

if (process.argv[2] === "held") {
  console.log(JSON.stringify(await held(JSON.parse(process.argv[3]))));
  process.exit();
}

const { values: options } = parseArgs({
  options: {
    methods: { type: "string", default: "random,qmc,tpe,optuna-tpe,rustuna-tpe,hyperopt-tpe" },
    n: { type: "string", default: "100,1000" },
    d: { type: "string", default: "10,40" },
    warm: { type: "string", default: "1000" },
    memory: { type: "string", default: "1000,10000" },
    rounds: { type: "string", default: "3" },
    name: { type: "string", default: "overhead" },
  },
});
const numbers = (text) => (text === "" ? [] : text.split(",").map(Number));
const methods = options.methods.split(",");
const log = openSync(devNull, "w");
const versions = await methodVersions(methods, log);
const trainingSeconds = [0.1, 10, 600];
const studyLimitSeconds = 300;
const { samplerNames } = await importCore("index.js");
const isOurs = (method) => samplerNames.includes(method);

const cells = [];
for (const n of numbers(options.n)) {
  for (const d of numbers(options.d)) cells.push(...(await measure(n, d)));
}
const memory = [];
for (const d of numbers(options.d)) {
  for (const method of methods) memory.push(...(isOurs(method) ? ourMemory(method, d) : await theirMemory(method, d)));
}
record(`quality/${options.name}`, {
  command: `node benchmarks/quality/overhead.mjs ${process.argv.slice(2).join(" ")}`.trim(),
  versions,
  cells,
  memory,
});

async function measure(n, d) {
  const samples = new Map(
    methods.map((method) => [method, { fresh: [], late: [], warm: [], lateCpu: [], perTrial: [], cpuPerTrial: [], suggest: [] }]),
  );
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const method of methods) {
      const of = samples.get(method);
      const request = { overhead: method, n, d, seed: round };
      const [study] = await oneProcess([{ ...request, fresh: false }]);
      const [, second] = await oneProcess([
        { ...request, fresh: false, n: Number(options.warm), seed: 1_000 + round },
        { ...request, fresh: false },
      ]);
      const [opened] = await oneProcess([{ ...request, fresh: true }]);
      of.failed ??= study.failed ?? second.failed ?? opened.failed;
      if (of.failed) continue;
      const lateCount = Math.ceil(n / 10);
      of.late.push(...study.times.slice(-lateCount));
      of.warm.push(...second.times.slice(-lateCount));
      of.lateCpu.push((study.cpuMarks.at(-1) - study.cpuMarks.at(-1 - lateCount)) / lateCount);
      of.perTrial.push(study.times.reduce((sum, time) => sum + time, 0) / n);
      of.cpuPerTrial.push((study.cpuMarks.at(-1) - study.cpuMarks[0]) / n);
      of.fresh.push(...opened.times);
      if (isOurs(method)) of.suggest.push(...heldApart({ method, n, d, seed: round }).suggestMs.slice(-lateCount));
    }
  }
  return methods.map((method) => cell({ method, n, d, ...samples.get(method) }));
}

/** The answers of a process to requests one after the other; those it did not get to say why. */
async function oneProcess(requests) {
  const driver = startDriver(requests[0].overhead, log);
  const answers = [];
  try {
    for (const request of requests) answers.push(await driver.ask(request));
    return answers;
  } catch (error) {
    return requests.map((_, i) => answers[i] ?? { failed: error.message });
  } finally {
    await driver.close();
  }
}

function cell({ method, n, d, fresh, late, warm, lateCpu, perTrial, cpuPerTrial, suggest, failed }) {
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
    warmMs: { p50: round(quantile(warm, 0.5)), p99: round(quantile(warm, 0.99)) },
    studyMs: { wallPerTrial: perTrial.map(round), cpuPerTrial: cpuPerTrial.map(round) },
    freshMs: fresh.map(round),
    ...(suggest.length > 0 ? { suggestMs: { p50: round(quantile(suggest, 0.5)), p99: round(quantile(suggest, 0.99)) } } : {}),
    studySeconds: Object.fromEntries(trainingSeconds.map((seconds) => [seconds, round(n * (seconds + wholeMs / 1000))])),
  };
  console.error(JSON.stringify(result));
  return result;
}

function ourMemory(method, d) {
  return numbers(options.memory).map((n) => {
    const { heldBytes, trialCount } = heldApart({ method, n, d, seed: 0 });
    const found =
      trialCount === n
        ? { bytesPerTrial: Math.round(heldBytes / n) }
        : { failed: `${trialCount} trials in ${studyLimitSeconds} s` };
    return said({ method, n, d, ...found });
  });
}

async function theirMemory(method, d) {
  const few = await peakBytes(method, 10, d);
  const rows = [];
  for (const n of numbers(options.memory)) {
    const many = await peakBytes(method, n, d);
    const failed = few.failed ?? many.failed;
    rows.push(
      said({ method, n, d, ...(failed ? { failed } : { rssBytesPerTrial: Math.round((many.bytes - few.bytes) / (n - 10)) }) }),
    );
  }
  return rows;
}

function said(row) {
  console.error(JSON.stringify(row));
  return row;
}

/** Peak resident memory of a process of another library that held `n` uniform trials and made one suggestion. */
async function peakBytes(method, n, d) {
  const child = spawn(process.env.TUNESMITH_PEERS, [join(qualityFolder, "peers.py")], { stdio: ["pipe", "pipe", log] });
  child.stdin.write(`${JSON.stringify({ overhead: method, fresh: true, n, d, seed: 0 })}\n`);
  let text = "";
  for await (const part of child.stdout) {
    text += part;
    if (text.endsWith("\n")) break;
  }
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  child.stdin.end();
  if (child.exitCode === null) await once(child, "exit");
  const { failed } = JSON.parse(text);
  return failed ? { failed } : { bytes: 1_024 * Number(/^VmHWM:\s*(\d+) kB/m.exec(status)[1]) };
}

function heldApart(request) {
  const argv = [
    "--expose-gc",
    fileURLToPath(import.meta.url),
    "held",
    JSON.stringify({ ...request, limitSeconds: studyLimitSeconds }),
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Our own study, in this process: what the sampler alone takes, and what the study holds at its end. */
async function held({ method, n, d, seed, limitSeconds }) {
  const { createSampler, createStudy } = await importCore("index.js");
  const parameters = Object.fromEntries(Array.from({ length: d }, (_, j) => [`x${j + 1}`, { type: "float", min: 0, max: 1 }]));
  const sampler = createSampler(method);
  const suggestMs = new Float64Array(n);
  const timed = {
    ...sampler,
    suggest(problem, history, context) {
      const from = performance.now();
      const suggestion = sampler.suggest(problem, history, context);
      suggestMs[context.trialNumber] = performance.now() - from;
      return suggestion;
    },
  };
  const before = heldNow();
  const study = await createStudy({ parameters, sampler: timed, seed });
  const untilMs = performance.now() + 1_000 * limitSeconds;
  let trialCount = 0;
  for (; trialCount < n && performance.now() < untilMs; trialCount++) {
    const trial = await study.ask();
    await study.tell(
      trial,
      Object.values(trial.params).reduce((sum, x) => sum + (x - 0.3) ** 2, 0),
    );
  }
  const heldBytes = heldNow() - before;
  await study.close();
  return { trialCount, heldBytes, suggestMs: [...suggestMs.subarray(0, trialCount)] };
}

function heldNow() {
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function round(value) {
  return Number(value.toPrecision(4));
}
