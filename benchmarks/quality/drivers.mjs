// Which process drives a method: ours.mjs for Tunesmith's samplers, peers.py for other libraries.
import { join } from "node:path";
import { qualityFolder } from "./library.mjs";
import { LineProcess } from "./line-process.mjs";

const peerLibraries = ["optuna", "rustuna", "hyperopt", "smac", "nevergrad", "pycma", "cmaes", "ax", "hebo"];

export function startDriver(method, log) {
  if (!peerLibraries.includes(method.split("-")[0]))
    return new LineProcess(process.execPath, [join(qualityFolder, "ours.mjs")], {}, log);
  // HEBO asks for older versions of what others need newer, so it may have an environment of its own.
  const python = (method === "hebo" && process.env.TUNESMITH_PEERS_HEBO) || process.env.TUNESMITH_PEERS;
  if (!python) throw new Error(`${method} needs TUNESMITH_PEERS; allowed: the python of an environment with the other libraries`);
  // One core for everybody: the time of a suggestion is compared, and runs stand side by side.
  const oneThread = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  return new LineProcess(python, [join(qualityFolder, "peers.py")], oneThread, log);
}

/** Of every method the version, which is part of a run's key, and of ours the digest of the code. */
export async function methodVersions(methods, log) {
  const found = {};
  for (const method of methods) {
    const driver = startDriver(method, log);
    const { fault, failed, ...known } = await driver.ask({ version: method });
    await driver.close();
    if (known.version === undefined) throw new Error(`${method}: ${fault ?? failed}`);
    found[method] = known;
  }
  return found;
}
