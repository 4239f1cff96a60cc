// Is every acknowledged result on disk before it is acknowledged? Watches the system calls of 200 `tell`s on SQLite with strace and
// asks for each, between the last write to the database's log and the acknowledgement, for an fsync of that log that succeeded.
// A kill -9 test cannot see this: the page cache survives the process, though not a power cut.
import { spawnSync } from "node:child_process";
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { benchmarkFile, libraryFile, record, withFolder } from "./record.mjs";

const tellCount = Number(process.env.BENCH_TELLS ?? 200);

if (process.argv[2] === "told") await tellAll(process.argv[3]);
else if (process.platform !== "linux" || spawnSync("strace", ["--version"]).status !== 0)
  console.error("SKIPPED fsync-before-ack: it needs strace, which is not here (Linux: apt-get install strace)");
else await watch();

/** The watched program: says before and after each tell, in a write of its own. */
async function tellAll(folder) {
  const { createSqliteStorage, createStudy, float, random } = await import(libraryFile);
  // Opened twice: some builds of SQLite sync less on a database that is there already.
  await (await createSqliteStorage({ folder, wallClockMs: Date.now })).close();
  const storage = await createSqliteStorage({ folder, wallClockMs: Date.now });
  const study = await createStudy({ name: "told", parameters: { x: float(0, 1) }, sampler: random(), seed: 1, storage });
  for (let i = 0; i < tellCount; i++) {
    const trial = await study.ask();
    writeSync(1, `tell ${i}\n`);
    await study.tell(trial, trial.params.x);
    writeSync(1, `ack ${i}\n`);
  }
  await study.close();
  await storage.close();
}

async function watch() {
  await withFolder((folder) => {
    const log = join(folder, "calls");
    const calls = "write,pwrite64,pwritev,fsync,fdatasync";
    const watched = spawnSync(
      "strace",
      [
        "-y",
        "-e",
        `trace=${calls}`,
        "-o",
        log,
        process.execPath,
        benchmarkFile("fsync-before-ack.mjs"),
        "told",
        join(folder, "home"),
      ],
      { encoding: "utf8" },
    );
    if (watched.status !== 0) throw new Error(`the watched program ended with ${watched.status}: ${watched.stderr}`);
    const seen = judge(readFileSync(log, "utf8").split("\n"));
    record("fsync-before-ack", { tells: tellCount, ...seen });
    if (seen.acknowledged !== tellCount || seen.syncedBefore !== tellCount) process.exitCode = 1;
  });
}

/** Only the main thread is watched: the database is written there. */
function judge(lines) {
  const seen = { acknowledged: 0, writtenBefore: 0, syncedBefore: 0, syncs: 0 };
  let written = false;
  let synced = false;
  for (const line of lines) {
    if (/^write\(1<.*>, "tell \d+\\n"/.test(line)) written = synced = false;
    else if (/^p?write(?:64|v)?\(\d+<.*tunesmith\.db-wal>/.test(line)) {
      written = true;
      synced = false;
    } else if (/^f(?:data)?sync\(\d+<.*tunesmith\.db-wal>\)\s*= 0$/.test(line)) {
      synced = true;
      seen.syncs++;
    } else if (/^write\(1<.*>, "ack \d+\\n"/.test(line)) {
      seen.acknowledged++;
      if (written) seen.writtenBefore++;
      if (written && synced) seen.syncedBefore++;
    }
  }
  return seen;
}
