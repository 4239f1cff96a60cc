// One sampler on a function of two parameters: where its trials went, and what it had found by when.
import { landscape, landscapeMap, parameters } from "./landscape.mjs";
import { bestSoFar, quantileAlong, runStudy, seeds, shownSeed } from "./runs.mjs";
import {
  dot,
  grey,
  line,
  linearScale,
  logScale,
  okabeIto,
  pathOf,
  polyline,
  powerOfTen,
  rect,
  sheet,
  shortNumber,
  text,
  viridis,
} from "./svg.mjs";

const trialCount = 60;
const map = { left: 50, top: 46, size: 340 };
const chart = { left: 472, top: 46, width: 268, height: 340 };
const losses = [1e-6, 30];
const toX = linearScale([parameters.x.min, parameters.x.max], [map.left, map.left + map.size]);
const toY = linearScale([parameters.y.min, parameters.y.max], [map.top + map.size, map.top]);

/** The trials of one sampler on `landscape`, for each of the seeds. */
export function searchRuns(sampler) {
  const evaluate = (config) => [landscape(config)];
  return inTurn(seeds, (seed) => runStudy({ sampler, seed, parameters, evaluate, trialCount }));
}

async function inTurn(items, act) {
  const results = [];
  for (const item of items) results.push(await act(item));
  return results;
}

/**
 * @param name        As a reader calls the sampler.
 * @param runs        Of `searchRuns`; those of the random sampler likewise.
 * @param categories  Colours of the dots by category instead of by order: `{ of: (trial) => name, colours: { name: colour } }`.
 */
export function searchPicture(name, runs, randomRuns, categories = null) {
  const trials = runs[seeds.indexOf(shownSeed)];
  const best = trials.reduce((a, b) => (b.values[0] < a.values[0] ? b : a));
  const title = `${name}: ${trialCount} trials on a curved valley with a second hole`;
  const description =
    `Left: a map of the loss over two parameters with the ${trialCount} trials of seed ${shownSeed}; the best, trial ${best.number + 1}, has the loss ` +
    `${shortNumber(best.values[0])}. Right: the best loss so far by the number of trials, against the median of the random sampler.`;
  return sheet({ width: 760, height: 492, title, description }, [
    landscapeMap(categories === null ? viridis : paleGrey, map),
    axes(),
    trials.map((trial) => mark(trial, categories)),
    ring(best),
    text(map.left, 30, `${name}, seed ${shownSeed}: where it tried`, { className: "title" }),
    categories === null ? orderLegend() : categoryLegend(trials, categories),
    bestLegend(best),
    text(map.left, legendY + 18, `${categories === null ? "yellow" : "white"}: low loss`, { className: "quiet small" }),
    progress(runs, randomRuns),
  ]);
}

/** White where the loss is least. */
function paleGrey(share) {
  return grey(1 - share, 5);
}

function axes() {
  const bottom = map.top + map.size;
  return [
    rect(map.left, map.top, map.size, map.size, 'class="frame"'),
    [-2, -1, 0, 1, 2].map((x) => text(toX(x), bottom + 18, sign(x), { anchor: "middle", className: "quiet small" })),
    [-1, 0, 1, 2].map((y) => text(map.left - 8, toY(y) + 4, sign(y), { anchor: "end", className: "quiet small" })),
    text(map.left + map.size / 2, bottom + 36, "x", { anchor: "middle" }),
    text(map.left - 34, map.top + map.size / 2 + 4, "y", { anchor: "middle" }),
  ];
}

const sign = (value) => String(value).replace("-", "−");

function mark({ number, config, ...trial }, categories) {
  const fill = categories === null ? grey(number, trialCount) : categories.colours[categories.of(trial)];
  const edge = categories === null && number > 0.55 * trialCount ? "#fff" : "#000";
  return dot(toX(config.x), toY(config.y), 4, `fill="${fill}" stroke="${edge}" stroke-width="0.8"`);
}

function ring({ config }) {
  const [x, y] = [toX(config.x), toY(config.y)];
  return [
    dot(x, y, 8.5, 'fill="none" stroke="#fff" stroke-width="4.5"'),
    dot(x, y, 8.5, `fill="none" stroke="${okabeIto.vermillion}" stroke-width="2.5"`),
  ];
}

const legendY = map.top + map.size + 66;

function orderLegend() {
  const steps = 12;
  const [left, width] = [map.left + 44, 108];
  return [
    text(map.left, legendY, "trial 1"),
    Array.from({ length: steps }, (_, i) =>
      rect(left + (i * width) / steps, legendY - 10, width / steps + 0.3, 11, `fill="${grey(i, steps)}"`),
    ),
    rect(left, legendY - 10, width, 11, 'class="frame"'),
    text(left + width + 6, legendY, String(trialCount)),
  ];
}

function categoryLegend(trials, { of, colours }) {
  let x = map.left + 4;
  return [...new Set(trials.map(of))].map((category) => {
    const words = `${category} ${trials.filter((trial) => of(trial) === category).length}`;
    const part = [
      dot(x, legendY - 4, 4.5, `fill="${colours[category]}" stroke="#000" stroke-width="0.8"`),
      text(x + 9, legendY, words),
    ];
    x += 34 + 7.2 * words.length;
    return part;
  });
}

function bestLegend({ number, values }) {
  const right = map.left + map.size;
  const words = `best: trial ${number + 1}`;
  return [
    dot(right - 7.1 * words.length - 6, legendY - 4.5, 6, `fill="none" stroke="${okabeIto.vermillion}" stroke-width="2.5"`),
    text(right, legendY, words, { anchor: "end" }),
    text(right, legendY + 18, `loss ${shortNumber(values[0])}`, { anchor: "end", className: "quiet small" }),
  ];
}

function progress(runs, randomRuns) {
  const series = runs.map((trials) => bestSoFar(trials.map(({ values }) => values[0])));
  const randomSeries = randomRuns.map((trials) => bestSoFar(trials.map(({ values }) => values[0])));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantileAlong(series, share));
  const x = linearScale([1, trialCount], [chart.left, chart.left + chart.width]);
  const y = logScale(losses, [chart.top + chart.height, chart.top]);
  const steps = (values) => values.map((value, i) => [x(i + 1), y(value)]);
  const isRandom = runs === randomRuns;
  const keys = [
    ["this", `seed ${shownSeed}`],
    ["ours", `median and quartiles of ${seeds.length} seeds`],
    ...(isRandom ? [] : [["other", `random: median of ${seeds.length} seeds`]]),
  ];
  return [
    text(chart.left, 30, "what it had found by then", { className: "title" }),
    chartAxes(x, y),
    `<path class="ours-fill" fill-opacity="0.18" d="${pathOf([...steps(low), ...steps(high).reverse()])}Z"/>`,
    isRandom ? [] : polyline(steps(quantileAlong(randomSeries, 0.5)), 'class="other" stroke-width="1.6" stroke-dasharray="5 3"'),
    polyline(steps(series[seeds.indexOf(shownSeed)]), 'class="this" stroke-width="1.4"'),
    polyline(steps(middle), 'class="ours" stroke-width="2.2"'),
    keys.map(([look, words], i) => {
      const at = legendY - 4 + i * 17 - 10;
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

function chartAxes(x, y) {
  const [right, bottom] = [chart.left + chart.width, chart.top + chart.height];
  const exponents = [-6, -5, -4, -3, -2, -1, 0, 1];
  return [
    exponents.map((exponent) => [
      line(chart.left, y(10 ** exponent), right, y(10 ** exponent), 'class="grid"'),
      text(chart.left - 8, y(10 ** exponent) + 4, powerOfTen(exponent), { anchor: "end", className: "quiet small" }),
    ]),
    rect(chart.left, chart.top, chart.width, chart.height, 'class="frame"'),
    [1, 20, 40, 60].map((trial) => text(x(trial), bottom + 18, String(trial), { anchor: "middle", className: "quiet small" })),
    text(chart.left + chart.width / 2, bottom + 36, "trials", { anchor: "middle" }),
    text(chart.left - 52, chart.top + chart.height / 2, "best loss", { anchor: "middle", turn: -90 }),
  ];
}
