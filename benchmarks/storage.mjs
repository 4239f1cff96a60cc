// A million trials in SQLite: bytes per trial, time to store them, memory and time to open and look at them.
// Filling, opening and looking are processes of their own, each with a fresh heap and cache.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { benchmarkFile, libraryFile, quantile, record, withFolder } from "./record.mjs";

const trialCount = Number(process.env.BENCH_TRIALS ?? 1_000_000);
const lookCount = 1_000;
const seed = 1;
const [stage, folder] = process.argv.slice(2);

if (stage === undefined) await all();
else await { fill, "open-same": () => open("tpe"), "open-changed": () => open("random"), look }[stage]();

function all() {
  return withFolder((home) => {
    const filled = apart("fill", home);
    const opened = { asItWas: apart("open-same", home), withAnotherSampler: apart("open-changed", home) };
    record("storage", {
      trialCount,
      parameterCount: 10,
      reportsPerTrial: 0,
      seed,
      fill: filled,
      open: opened,
      look: apart("look", home),
    });
  });
}

function apart(name, home) {
  const run = spawnSync(process.execPath, [benchmarkFile("storage.mjs"), name, home], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${name}: ${run.stderr}`);
  console.error(name, run.stdout.trim());
  return JSON.parse(run.stdout);
}

/** Every trial goes the way of any trial, made and claimed, then ended with its value; as many at a time as one commit takes. */
async function fill() {
  const { createRng } = await import(libraryFile);
  const { bowl, drawTen } = await import("./parameters.mjs");
  const draftFor = (rng) => draftOf(drawTen(rng), rng.int(2 ** 31));
  const storage = await openStorage();
  const record = await makeStudy(storage);
  const from = performance.now();
  const batch = 500;
  for (let first = 0; first < trialCount; first += batch) {
    const drafts = Array.from({ length: Math.min(batch, trialCount - first) }, (_, i) =>
      draftFor(createRng(seed, first + i, "fill")),
    );
    const numbers = await storage.addTrials(record.id, drafts, null);
    await Promise.all(numbers.map((number, i) => storage.end(refOf(record.id, number), endOf(bowl(drafts[i].config)))));
  }
  const insertSeconds = (performance.now() - from) / 1_000;
  const memory = memoryMiB();
  const closing = performance.now();
  await storage.close();
  const bytes = ["tunesmith.db", "tunesmith.db-wal"].reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);
  say({
    insertSeconds: round(insertSeconds, 1),
    trialsPerSecond: Math.round(trialCount / insertSeconds),
    closeMs: Math.round(performance.now() - closing),
    bytesPerTrial: round(bytes / trialCount, 1),
    fileMiB: Math.round(bytes / 2 ** 20),
    memory,
  });
}

async function makeStudy(storage) {
  const { createStudy, tpe } = await import(libraryFile);
  const { tenParameters } = await import("./parameters.mjs");
  const study = await createStudy({ name: "million", parameters: tenParameters, sampler: tpe(), seed, storage });
  await study.close();
  return storage.getStudy("million");
}

/** What happens before a study that exists suggests its next trial. */
async function open(samplerName) {
  const { createStudy, random, tpe } = await import(libraryFile);
  const { tenParameters } = await import("./parameters.mjs");
  const from = performance.now();
  const storage = await openStorage();
  const openedMs = performance.now() - from;
  const sampler = samplerName === "tpe" ? tpe() : random();
  const study = await createStudy({ name: "million", parameters: tenParameters, sampler, seed, storage, ifExists: "resume" });
  const studyMs = performance.now() - from;
  const trial = await study.ask();
  const firstSuggestionMs = performance.now() - from;
  const asks = [];
  const tells = [];
  let value = trial.number;
  await study.tell(trial, value);
  for (let i = 0; i < 200; i++) {
    const asking = performance.now();
    const asked = await study.ask();
    const telling = performance.now();
    value = (value * 16_807) % 2_147_483_647;
    await study.tell(asked, value / 2_147_483_647);
    asks.push(telling - asking);
    tells.push(performance.now() - telling);
  }
  const memory = memoryMiB();
  await study.close();
  await storage.close();
  say({
    sampler: samplerName,
    openStorageMs: round(openedMs, 1),
    openStudyMs: round(studyMs, 1),
    firstSuggestionMs: round(firstSuggestionMs, 1),
    askMs: latency(asks),
    tellMs: latency(tells),
    memory,
  });
}

/** Reads in random places, each of which a person or a page would ask for. */
async function look() {
  const storage = await openStorage();
  const { id } = await storage.getStudy("million");
  let state = seed;
  const anywhere = () => {
    state = (state * 16_807) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * (trialCount - 100));
  };
  say({
    best: await timed(() => storage.bestTrials(id, 0, "minimize", 1)),
    pageOf100: await timed(() => storage.getTrials(id, { after: anywhere(), limit: 100 })),
    oneTrial: await timed(() => storage.getTrial(id, anywhere())),
    summary: await timed(() => storage.getStudy(id)),
    memory: memoryMiB(),
  });
  await storage.close();
}

async function timed(read) {
  const times = [];
  for (let i = 0; i < lookCount; i++) {
    const from = performance.now();
    await read();
    times.push(performance.now() - from);
  }
  return latency(times);
}

function latency(times) {
  return {
    p50Ms: round(quantile(times, 0.5), 3),
    p99Ms: round(quantile(times, 0.99), 3),
    mostMs: round(Math.max(...times), 3),
    count: times.length,
  };
}

async function openStorage() {
  const { createSqliteStorage } = await import(libraryFile);
  return createSqliteStorage({ folder, wallClockMs: Date.now });
}

function draftOf(config, trialSeed) {
  return {
    config,
    revision: 1,
    historySeq: 0,
    source: "sampler",
    fixed: null,
    why: { code: "random", outcome: "drawn", drawCount: 1 },
    note: null,
    bracket: 0,
    target: null,
    seeds: [trialSeed],
    begin: "claimed",
  };
}

function refOf(studyId, trial) {
  return { studyId, trial, replicate: 0, attempt: 1 };
}

function endOf(value) {
  const metrics = { value };
  return { outcome: { kind: "complete", metrics }, retry: null, result: { values: [value], standardErrors: null, metrics } };
}

function memoryMiB() {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    rssMiB: Math.round(rss / 2 ** 20),
    heapUsedMiB: Math.round(heapUsed / 2 ** 20),
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

function sizeOf(file) {
  return existsSync(file) ? statSync(file).size : 0;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

function say(figures) {
  console.log(JSON.stringify(figures));
}
