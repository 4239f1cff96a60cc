// NSGA-II on its way to the front of two objectives.
import { importCore } from "../../benchmarks/quality/library.mjs";
import { quantileAlong, runStudy, seeds, shownSeed } from "./runs.mjs";
import { dot, line, linearScale, okabeIto, pathOf, polyline, rect, sheet, text } from "./svg.mjs";

const { hypervolume } = await importCore("numerics/hypervolume.js");
const { zdt1 } = await importCore("problems/two-objectives.js");

const zdt = zdt1(10);
const trialCount = 600;
const worst = [1.1, 7];
// 1.1 · 7 less the area below the front f2 = 1 − √f1 and right of it.
const frontVolume = 1.1 * 7 - 1 / 3;
const plot = { left: 50, top: 46, size: 340 };
const chart = { left: 472, top: 46, width: 268, height: 340 };

export async function frontPicture() {
  const [runs, randomRuns] = [await zdtRuns("nsga2"), await zdtRuns("random")];
  const trials = runs[seeds.indexOf(shownSeed)];
  const title = "nsga2: generations on their way to the front of ZDT1";
  const description =
    `Left: trials of some generations in the plane of two objectives, with the exact front. Right: hypervolume by the number of trials, median of ${seeds.length} seeds, ` +
    "against random.";
  return sheet({ width: 760, height: 474, title, description }, [
    text(plot.left, 30, `nsga2, seed ${shownSeed}: two losses of each trial`, { className: "title" }),
    generationsPlot(trials),
    text(chart.left, 30, "share of the front's volume", { className: "title" }),
    volumeChart(runs, randomRuns),
  ]);
}

async function zdtRuns(sampler) {
  const runs = [];
  const evaluate = (config) => Object.values(zdt.evaluate(config));
  for (const seed of seeds)
    runs.push(await runStudy({ sampler, seed, parameters: zdt.parameters, evaluate, objectiveCount: 2, trialCount }));
  return runs;
}

function generationsPlot(trials) {
  const x = linearScale([0, 1], [plot.left, plot.left + plot.size]);
  const y = linearScale([0, 7], [plot.top + plot.size, plot.top]);
  const bottom = plot.top + plot.size;
  const generationOf = ({ note }) => note.generation;
  const last = Math.max(...trials.map(generationOf));
  const shown = [0, Math.round(last / 4), Math.round(last / 2), last];
  const colours = ["#8c959f", okabeIto.orange, okabeIto.skyBlue, okabeIto.green];
  const along = Array.from({ length: 81 }, (_, i) => (i / 80) ** 2);
  return [
    rect(plot.left, plot.top, plot.size, plot.size, 'class="panel"'),
    [0, 1, 2, 3, 4, 5, 6, 7].map((value) => [
      line(plot.left, y(value), plot.left + plot.size, y(value), 'class="grid"'),
      text(plot.left - 8, y(value) + 4, String(value), { anchor: "end", className: "quiet small" }),
    ]),
    [0, 0.25, 0.5, 0.75, 1].map((value) =>
      text(x(value), bottom + 18, String(value), { anchor: "middle", className: "quiet small" }),
    ),
    rect(plot.left, plot.top, plot.size, plot.size, 'class="frame"'),
    polyline(
      along.map((f1) => [x(f1), y(1 - Math.sqrt(f1))]),
      'class="thin" stroke-width="2"',
    ),
    shown.map((generation, k) =>
      trials
        .filter((trial) => generationOf(trial) === generation)
        .map(({ values: [f1, f2] }) =>
          dot(x(f1), y(Math.min(7, f2)), 3.6, `fill="${colours[k]}" stroke="#000" stroke-width="0.6"`),
        ),
    ),
    text(plot.left + plot.size / 2, bottom + 36, "first loss", { anchor: "middle" }),
    text(plot.left - 28, plot.top + plot.size / 2, "second loss", { anchor: "middle", turn: -90 }),
    text(plot.left, bottom + 66, "generation"),
    shown.map((generation, k) => [
      dot(plot.left + 88 + 48 * k, bottom + 62, 4.5, `fill="${colours[k]}" stroke="#000" stroke-width="0.6"`),
      text(plot.left + 97 + 48 * k, bottom + 66, String(generation)),
    ]),
    line(plot.left + 284, bottom + 62, plot.left + 302, bottom + 62, 'class="thin" stroke-width="2"'),
    text(plot.left + 340, bottom + 66, "front", { anchor: "end" }),
  ];
}

const volumeStep = 25;

/** After 0, 25, 50 … trials. */
function volumes(trials) {
  return Array.from({ length: trialCount / volumeStep + 1 }, (_, k) => {
    const found = trials.slice(0, k * volumeStep);
    return hypervolume(Float64Array.from(found.flatMap(({ values }) => values)), found.length, 2, worst) / frontVolume;
  });
}

function volumeChart(runs, randomRuns) {
  const series = runs.map(volumes);
  const randomSeries = randomRuns.map(volumes);
  const x = linearScale([0, trialCount], [chart.left, chart.left + chart.width]);
  const y = linearScale([0, 1], [chart.top + chart.height, chart.top]);
  const points = (values) => values.map((value, k) => [x(k * volumeStep), y(value)]);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => points(quantileAlong(series, share)));
  const [right, bottom] = [chart.left + chart.width, chart.top + chart.height];
  const keys = [
    ["ours", `median and quartiles of ${seeds.length} seeds`],
    ["other", `random: median of ${seeds.length} seeds`],
  ];
  return [
    [0, 0.2, 0.4, 0.6, 0.8, 1].map((value) => [
      line(chart.left, y(value), right, y(value), 'class="grid"'),
      text(chart.left - 8, y(value) + 4, value.toFixed(1), { anchor: "end", className: "quiet small" }),
    ]),
    rect(chart.left, chart.top, chart.width, chart.height, 'class="frame"'),
    [0, 200, 400, 600].map((trial) => text(x(trial), bottom + 18, String(trial), { anchor: "middle", className: "quiet small" })),
    text(chart.left + chart.width / 2, bottom + 36, "trials", { anchor: "middle" }),
    `<path class="ours-fill" fill-opacity="0.18" d="${pathOf([...low, ...high.reverse()])}Z"/>`,
    polyline(points(quantileAlong(randomSeries, 0.5)), 'class="other" stroke-width="1.6" stroke-dasharray="5 3"'),
    polyline(middle, 'class="ours" stroke-width="2.2"'),
    keys.map(([look, words], i) => {
      const at = bottom + 58 + i * 18;
      return [
        line(
          chart.left,
          at,
          chart.left + 22,
          at,
          `class="${look}" stroke-width="2.2"${look === "other" ? ' stroke-dasharray="5 3"' : ""}`,
        ),
        text(chart.left + 30, at + 4, words, { className: "small" }),
      ];
    }),
  ];
}
