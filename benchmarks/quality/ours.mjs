// Tunesmith's samplers as a driver: JSON lines on stdio, the protocol of run.mjs, and the library's public ask and tell.
import { createInterface } from "node:readline";
import { behaviourOf } from "./behaviour.mjs";
import { codeDigest, importCore, packageVersion } from "./library.mjs";

const { createSampler, createStudy, openStudy, samplerNames } = await importCore("index.js");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const hear = async () => JSON.parse((await lines.next()).value);
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

for (;;) {
  const { done, value } = await lines.next();
  if (done) break;
  const request = JSON.parse(value);
  if (request.version !== undefined) {
    const known = samplerNames.includes(request.version);
    if (known) say({ version: `${packageVersion()}+${await behaviourOf(request.version)}`, code: codeDigest() });
    else say({ fault: `no sampler ${request.version}; there are: ${samplerNames.join(", ")}` });
  } else {
    try {
      if (request.overhead !== undefined) await overhead(request);
      else await search(request);
    } catch (error) {
      say({ failed: `${error.name}: ${error.message}` });
    }
  }
}

async function search({ task, method, seed, evaluations }) {
  let spentMs = 0;
  const timed = async (act) => {
    const from = cpuMs();
    const result = await act();
    spentMs += cpuMs() - from;
    return result;
  };
  const objectives = task.objectives.map((name) => ({ name, goal: "minimize" }));
  const study = await timed(() =>
    createStudy({ parameters: task.parameters, objectives, sampler: method, seed, budget: { trials: evaluations } }),
  );
  try {
    for (let i = 0; i < evaluations; i++) {
      const trial = await timed(() => study.ask());
      say({ config: trial.params });
      const { losses } = await hear();
      await timed(() => study.tell(trial, Object.fromEntries(task.objectives.map((name, k) => [name, losses[k]]))));
    }
  } finally {
    await study.close();
  }
  say({ done: true, cpuSeconds: spentMs / 1000 });
}

/**
 * Wall time of every ask + tell of a study of `n` trials. `fresh`: only of the first after `n` uniform trials in a study just opened.
 */
async function overhead({ overhead: method, fresh, n, d, seed }) {
  const parameters = Object.fromEntries(
    Array.from({ length: d }, (_, j) => [`x${j + 1}`, { type: "float", min: 0, max: 1, log: false }]),
  );
  const value = (params) => Object.values(params).reduce((sum, x) => sum + (x - 0.3) ** 2, 0);
  let study = await createStudy({ parameters, sampler: fresh ? "random" : method, seed });
  if (fresh) {
    for (let i = 0; i < n; i++) {
      const trial = await study.ask();
      await study.tell(trial, value(trial.params));
    }
    const filled = study;
    study = await openStudy(await filled.toJSON(), { sampler: createSampler(method) });
    await filled.close();
  }
  const times = [];
  const cpuMarks = [cpuMs()];
  for (let i = 0; i < (fresh ? 1 : n); i++) {
    const from = performance.now();
    const trial = await study.ask();
    const asked = performance.now();
    const loss = value(trial.params);
    const computed = performance.now();
    await study.tell(trial, loss);
    times.push(performance.now() - from - (computed - asked));
    cpuMarks.push(cpuMs());
  }
  say({ times, cpuMarks });
  await study.close();
}
