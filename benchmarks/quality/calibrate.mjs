// Writes scales.json (beside another panel its own): for every task the best value and the median of uniform configs, for two objectives also reference point and
// hypervolume. Deterministic; repeat only when the panel gets another version.
import { writeFileSync } from "node:fs";
import { importCore } from "./library.mjs";
import { entries, entriesScalesFile, openTask } from "./tasks.mjs";

const { createSpace } = await importCore("parameters/create-space.js");
const { createRng } = await importCore("numerics/rng.js");
const { hypervolume } = await importCore("numerics/hypervolume.js");
const drawCount = Number(process.argv[2] ?? 2000);

const scales = {};
for (const { name } of entries) {
  scales[name] = calibrate(openTask(name));
  console.error(name, JSON.stringify(scales[name]));
}
writeFileSync(entriesScalesFile, `${JSON.stringify(scales, null, 1)}\n`);

function calibrate(task) {
  const space = createSpace(task.parameters);
  const rng = createRng(1, "calibrate", task.name);
  const drawn = Array.from({ length: drawCount }, () => {
    const config = space.decode(Float64Array.from(space.dimensions, () => rng.uniform()));
    return (task.truth ?? task.evaluate)(config, 0);
  });
  if (task.objectives.length > 1) return calibrateFront(task, drawn);
  const losses = drawn.map(([loss]) => loss).sort((a, b) => a - b);
  return {
    // Where the optimum is not known it is the best that was seen; the analysis takes a better one if a run found it.
    best: task.best ?? losses[0],
    exact: task.best !== null && task.family !== "surrogate" && task.family !== "conditional",
    median: task.median ?? losses[Math.floor(drawCount / 2)],
    interquartileRange: losses[Math.floor(0.75 * drawCount)] - losses[Math.floor(0.25 * drawCount)],
  };
}

function calibrateFront({ front, objectives }, drawn) {
  const column = (k) => drawn.map((losses) => losses[k]).sort((a, b) => a - b);
  const reference = front?.referencePoint ?? objectives.map((_, k) => column(k)[Math.floor(0.9 * drawCount)]);
  const volumeOf = (rows) => hypervolume(Float64Array.from(rows.flat()), rows.length, objectives.length, reference);
  // The median of what 20 uniform configs dominate together.
  const twenties = Array.from({ length: drawCount / 20 }, (_, i) => volumeOf(drawn.slice(20 * i, 20 * i + 20))).sort(
    (a, b) => a - b,
  );
  const median = twenties[Math.floor(twenties.length / 2)];
  return { reference, best: -(front?.hypervolume ?? volumeOf(drawn)), exact: front !== undefined, median: -median };
}
