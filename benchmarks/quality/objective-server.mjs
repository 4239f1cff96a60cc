// The one server of objectives: JSON lines on stdio. Whatever method asks, it is given the same task and the same values.
//   → {"open": NAME}                            ← {"name", "family", "parameters", "objectives", "noisy"}
//   → {"config": {…}, "draw": k}                ← {"losses": [...], "truth": [...]}     less is better; truth is without the noise
// A config is checked against the task's parameters: values outside, missing or inactive ones are a fault of the method.
import { createInterface } from "node:readline";
import { importCore } from "./library.mjs";
import { openTask } from "./tasks.mjs";

const { createSpace } = await importCore("parameters/create-space.js");
const opened = new Map();
let task = null;
let space = null;

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}

function answer(request) {
  if (request.open !== undefined) {
    task = opened.get(request.open) ?? openTask(request.open);
    opened.set(request.open, task);
    space = createSpace(task.parameters);
    const { name, family, parameters, objectives } = task;
    return { name, family, parameters, objectives, noisy: task.truth !== undefined };
  }
  const faults = space.checkPartial(request.config);
  if (faults.length > 0)
    return { fault: `${JSON.stringify(request.config)}: ${faults.map(({ message }) => message).join("; ")}` };
  const losses = task.evaluate(request.config, request.draw);
  return { losses, truth: task.truth ? task.truth(request.config) : losses };
}
