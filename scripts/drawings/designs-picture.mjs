// Nine trials each of grid, random and qmc where one parameter matters and one hardly does: how many values of the important one they try.
// After Figure 1 of J. Bergstra, Y. Bengio (2012), "Random search for hyper-parameter optimization", https://jmlr.org/papers/v13/bergstra12a.html
import { runStudy, shownSeed } from "./runs.mjs";
import { dot, line, linearScale, polyline, rect, sheet, text } from "./svg.mjs";

const trialCount = 9;
const parameters = Object.freeze({
  important: { type: "float", min: 0, max: 1, log: false },
  unimportant: { type: "float", min: 0, max: 1, log: false },
});
const important = (x) => 1 - 0.85 * Math.exp(-(((x - 0.3) / 0.12) ** 2)) - 0.3 * Math.exp(-(((x - 0.72) / 0.2) ** 2));
const unimportant = (y) => 0.16 - 0.12 * Math.exp(-(((y - 0.6) / 0.35) ** 2));

const size = 172;
const marginal = 46;
const panels = [
  ["grid, 3 × 3", { type: "grid", points: 3 }],
  ["random", "random"],
  ["qmc", "qmc"],
];

export async function designsPicture() {
  const drawn = [];
  for (const [index, [name, sampler]] of panels.entries()) {
    const evaluate = (config) => [important(config.important) + unimportant(config.unimportant)];
    const trials = await runStudy({ sampler, seed: shownSeed, parameters, evaluate, trialCount });
    drawn.push(panel(name, trials, 44 + index * 244, 92));
  }
  const title = "Nine trials of grid, random and qmc";
  const description =
    "Each dot is a trial. The curve above a square is the loss by the important parameter, the one beside it by the unimportant one, both drawn to one scale; " +
    "their dots are the values that were tried.";
  return sheet({ width: 760, height: 372, title, description }, drawn);
}

function panel(name, trials, left, top) {
  const x = linearScale([0, 1], [left, left + size]);
  const y = linearScale([0, 1], [top + size, top]);
  const above = linearScale([0, 1.2], [top - 8, top - 8 - marginal]);
  const beside = linearScale([0, 1.2], [left + size + 8, left + size + 8 + marginal]);
  const along = Array.from({ length: 101 }, (_, i) => i / 100);
  const values = [...new Set(trials.map(({ config }) => config.important))];
  const others = [...new Set(trials.map(({ config }) => config.unimportant))];
  const best = Math.min(...trials.map((trial) => trial.values[0]));
  return [
    text(left, 26, name, { className: "title" }),
    rect(left, top, size, size, 'class="panel"'),
    values.map((value) => line(x(value), above(important(value)), x(value), top + size, 'class="grid"')),
    others.map((value) => line(left, y(value), beside(unimportant(value)), y(value), 'class="grid"')),
    rect(left, top, size, size, 'class="frame"'),
    polyline(
      along.map((at) => [x(at), above(important(at))]),
      'class="thin" stroke-width="1.5"',
    ),
    polyline(
      along.map((at) => [beside(unimportant(at)), y(at)]),
      'class="thin" stroke-width="1.5"',
    ),
    values.map((value) => dot(x(value), above(important(value)), 3.2, 'class="ours-fill"')),
    others.map((value) => dot(beside(unimportant(value)), y(value), 3.2, 'class="ours-fill"')),
    trials.map(({ config, values: [loss] }) =>
      dot(
        x(config.important),
        y(config.unimportant),
        loss === best ? 6 : 4.5,
        loss === best ? 'class="this-fill"' : 'class="ours-fill"',
      ),
    ),
    text(left - 8, above(important(0)) + 4, "loss", { anchor: "end", className: "quiet small" }),
    text(beside(unimportant(0)), top + size + 20, "loss", { anchor: "middle", className: "quiet small" }),
    text(left + size / 2, top + size + 20, "important", { anchor: "middle", className: "small" }),
    text(left - 10, top + size / 2, "unimportant", { anchor: "middle", className: "small", turn: -90 }),
    text(left, top + size + 50, `${values.length} different values`, { className: "title" }),
    text(left, top + size + 68, "of the important parameter", { className: "small" }),
    text(left, top + size + 88, `best loss ${best.toFixed(2)}`, { className: "quiet small" }),
  ];
}
