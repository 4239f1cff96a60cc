// NSGA-II and NSGA-III on three objectives: in which directions from the origin the members of their last populations lie.
import { importCore } from "../../benchmarks/quality/library.mjs";
import { runStudy, shownSeed } from "./runs.mjs";
import { dot, pathOf, sheet, text } from "./svg.mjs";

const { nonDominatedRanks } = await importCore("numerics/pareto-ranks.js");
const { referencePoints, divisionsWithin } = await importCore("samplers/nsga/reference-points.js");

const trialCount = 1_000;
const parameters = Object.freeze(
  Object.fromEntries(Array.from({ length: 7 }, (_, j) => [`x${j + 1}`, { type: "float", min: 0, max: 1, log: false }])),
);

/** The front is an eighth of the unit sphere. Source: K. Deb et al. (2002), DTLZ2, https://doi.org/10.1109/CEC.2002.1007032 */
function dtlz2({ x1, x2, ...rest }) {
  const radius = 1 + Object.values(rest).reduce((sum, value) => sum + (value - 0.5) ** 2, 0);
  const [a, b] = [(x1 * Math.PI) / 2, (x2 * Math.PI) / 2];
  return [radius * Math.cos(a) * Math.cos(b), radius * Math.cos(a) * Math.sin(b), radius * Math.sin(a)];
}

export async function directionsPicture() {
  const parts = [];
  for (const [index, sampler] of ["nsga2", "nsga3"].entries()) {
    const run = {
      sampler,
      seed: shownSeed,
      parameters: parameters,
      evaluate: dtlz2,
      objectiveCount: 3,
      trialCount: trialCount,
    };
    const trials = await runStudy(run);
    const opening = trials.findLast(({ note }) => note?.population !== undefined);
    parts.push(
      triangle(
        sampler,
        opening.note.population.map((number) => trials[number].values),
        40 + index * 364,
        66,
      ),
    );
  }
  const title = "nsga2 and nsga3 on three objectives";
  const description =
    `The last population of each after ${trialCount} trials of DTLZ2: the direction in which each member lies from the origin, in a triangle whose corners stand for the three objectives; ` +
    "crosses are the reference directions of nsga3, by which nsga2 does not go.";
  return sheet({ width: 760, height: 424, title, description }, parts);
}

function triangle(sampler, losses, left, top) {
  const side = 316;
  const height = (side * Math.sqrt(3)) / 2;
  const place = ([a, b, c]) => {
    const sum = a + b + c;
    return [left + (side * (b + c / 2)) / sum, top + height - (height * c) / sum];
  };
  const corners = [place([1, 0, 0]), place([0, 1, 0]), place([0, 0, 1])];
  const { weights } = referencePoints(3, divisionsWithin(3, losses.length));
  const ranks = nonDominatedRanks(Float64Array.from(losses.flat()), losses.length, 3);
  return [
    text(left, 30, `${sampler}, seed ${shownSeed}, ${losses.length} members`, { className: "title" }),
    `<path class="panel" d="${pathOf(corners)}Z"/>`,
    `<path class="frame" d="${pathOf(corners)}Z"/>`,
    chunks(weights, 3).map((point) => {
      const [x, y] = place(point);
      return `<path class="thin" d="${pathOf([
        [x - 4, y],
        [x + 4, y],
      ])}${pathOf([
        [x, y - 4],
        [x, y + 4],
      ])}"/>`;
    }),
    losses.filter((_, i) => ranks[i] === 0).map((values) => dot(...place(values), 4, 'class="ours-fill" fill-opacity="0.85"')),
    text(left, top + height + 20, "first loss", { className: "quiet small" }),
    text(left + side, top + height + 20, "second loss", { anchor: "end", className: "quiet small" }),
    text(left + side / 2, top - 10, "third loss", { anchor: "middle", className: "quiet small" }),
    text(left + side / 2, top + height + 48, "+ reference direction", { anchor: "end", className: "small" }),
    dot(left + side / 2 + 20, top + height + 44, 4, 'class="ours-fill"'),
    text(left + side / 2 + 29, top + height + 48, "member of the front", { className: "small" }),
  ];
}

function chunks(numbers, size) {
  return Array.from({ length: numbers.length / size }, (_, i) => [...numbers.slice(i * size, (i + 1) * size)]);
}
