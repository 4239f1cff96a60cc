// `npm run bench`: all benchmarks, or those that are named. Each writes results/<name>.json.
import { spawnSync } from "node:child_process";
import { benchmarkFile } from "./record.mjs";

const all = {
  overhead: ["overhead.mjs"],
  "in-process": ["in-process.mjs"],
  storage: ["storage.mjs"],
  scale: ["scale.mjs"],
  scheduling: ["scheduling.mjs"],
  "resume-identity": ["resume-identity.mjs"],
  "fsync-before-ack": ["fsync-before-ack.mjs"],
  kills: ["../scripts/check-kills.mjs", "100", "--record"],
};
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(all, name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(", ")}; there are: ${Object.keys(all).join(", ")}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : Object.keys(all)) {
  const [file, ...args] = all[name];
  console.error(`── ${name}`);
  const { status } = spawnSync(process.execPath, [benchmarkFile(file), ...args], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
