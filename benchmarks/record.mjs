// What every benchmark shares: where the built packages lie, order statistics, and a result file that says what it was measured on.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const benchmarks = dirname(fileURLToPath(import.meta.url));
const packages = join(dirname(benchmarks), "packages");

/** The command as it is shipped. */
export const commandFile = join(packages, "tunesmith", "bin", "tunesmith.mjs");
/** The library as it is shipped. */
export const libraryFile = join(packages, "tunesmith", "dist", "index.js");

export function benchmarkFile(name) {
  return join(benchmarks, name);
}

const startedAt = new Date();
const loadAtStart = loadavg()[0];

/** Runs `use` with a fresh folder that is gone afterwards. */
export async function withFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), "tunesmith-bench-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The value that a fraction `q` of the values do not exceed; the median averages the two in the middle. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (q === 0.5 && Number.isInteger(middle)) return (sorted[middle - 1] + sorted[middle]) / 2;
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}

/** Median and range of repeated measurements, rounded to `digits` decimals. */
export function spread(values, digits) {
  const round = (value) => Number(value.toFixed(digits));
  return {
    median: round(quantile(values, 0.5)),
    lowest: round(Math.min(...values)),
    highest: round(Math.max(...values)),
    runs: values.map(round),
  };
}

/** Writes `results/<name>.json` and prints the figures. */
export function record(name, figures) {
  const result = {
    benchmark: name,
    command: `node benchmarks/run.mjs ${name}`,
    date: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    machine: {
      cpu: cpus()[0].model,
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      // Average number of processes that wanted a core in the minute before; above 0 at the start, others were at work.
      loadAtStart,
      loadAtEnd: loadavg()[0],
    },
    figures,
  };
  mkdirSync(benchmarkFile("results"), { recursive: true });
  writeFileSync(benchmarkFile(join("results", `${name}.json`)), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
}
