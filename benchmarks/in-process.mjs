// Trials per second when the objective is a function in the same process: what the library itself costs.
// Every combination runs in a process of its own, so that none inherits another's heap or compiled code.
import { spawnSync } from "node:child_process";
import { benchmarkFile, libraryFile, record, spread, withFolder } from "./record.mjs";

const trialCount = Number(process.env.BENCH_TRIALS ?? 10_000);
const runCount = Number(process.env.BENCH_RUNS ?? 3);
const seed = 1;

if (process.argv[2] === "one") await one(process.argv[3], process.argv[4], Number(process.argv[5]));
else all();

function all() {
  const rows = [];
  for (const sampler of ["random", "tpe"])
    for (const storage of ["memory", "sqlite"])
      for (const parallel of [1, 8]) {
        const runs = Array.from({ length: runCount }, () => apart(sampler, storage, parallel));
        rows.push({
          sampler,
          storage,
          parallel,
          trialsPerSecond: spread(
            runs.map(({ trialsPerSecond }) => trialsPerSecond),
            0,
          ),
          firstThousandPerSecond: spread(
            runs.map(({ firstThousandPerSecond }) => firstThousandPerSecond),
            0,
          ),
          lastThousandPerSecond: spread(
            runs.map(({ lastThousandPerSecond }) => lastThousandPerSecond),
            0,
          ),
          // Processor time of all threads: says more than trials per second where others are at work, too.
          cpuMsPerTrial: spread(
            runs.map(({ cpuMsPerTrial }) => cpuMsPerTrial),
            3,
          ),
          rssMiB: spread(
            runs.map(({ rssMiB }) => rssMiB),
            0,
          ),
        });
        console.error(JSON.stringify(rows.at(-1)));
      }
  record("in-process", { trialCount, runCount, seed, parameterCount: 10, rows });
}

function apart(...args) {
  const run = spawnSync(process.execPath, [benchmarkFile("in-process.mjs"), "one", ...args.map(String)], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

async function one(samplerName, storageName, parallel) {
  const { createMemoryStorage, createSqliteStorage, createStudy, random, tpe } = await import(libraryFile);
  const { bowl, tenParameters } = await import("./parameters.mjs");
  await withFolder(async (folder) => {
    const storage =
      storageName === "sqlite"
        ? await createSqliteStorage({ folder, wallClockMs: Date.now })
        : createMemoryStorage({ wallClockMs: Date.now, studyId: () => "bench" });
    const sampler = samplerName === "tpe" ? tpe() : random();
    const study = await createStudy({ name: "bench", parameters: tenParameters, sampler, seed, storage });
    const marks = [performance.now()];
    const cpuBefore = process.cpuUsage();
    let count = 0;
    await study.optimize(({ params }) => bowl(params), {
      trials: trialCount,
      parallel,
      onTrial: () => void (++count % 1_000 === 0 && marks.push(performance.now())),
    });
    if (count !== trialCount) throw new Error(`${count} of ${trialCount} trials ended`);
    const cpu = process.cpuUsage(cpuBefore);
    const perSecond = (from, to, trials) => (1_000 * trials) / (marks.at(to) - marks.at(from));
    console.log(
      JSON.stringify({
        trialsPerSecond: perSecond(0, -1, trialCount),
        firstThousandPerSecond: perSecond(0, 1, 1_000),
        lastThousandPerSecond: perSecond(-2, -1, 1_000),
        cpuMsPerTrial: (cpu.user + cpu.system) / 1_000 / trialCount,
        rssMiB: process.memoryUsage().rss / 2 ** 20,
      }),
    );
    await study.close();
    await storage.close();
  });
}
