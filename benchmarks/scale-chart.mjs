// Draws what a suggestion costs over trials and parameters: one panel per method, all on the same two logarithmic scales.

const panel = { width: 250, height: 190, left: 58, top: 84, gapX: 66, gapY: 66, columns: 3 };
const milliseconds = { from: 1e-3, to: 1e4 };
const labels = new Map([
  [1e-3, "1 µs"],
  [1e-2, "10 µs"],
  [1e-1, "0.1 ms"],
  [1, "1 ms"],
  [10, "10 ms"],
  [100, "0.1 s"],
  [1e3, "1 s"],
  [1e4, "10 s"],
]);
// From few parameters to many: viridis, kept to the part that stands out from the page, and lighter on a dark one.
const light = ["#440154", "#3b528b", "#21808d", "#1e8f5e", "#7a7a00"];
const dark = ["#b58be0", "#7fa2e8", "#4cc3cf", "#5fd38d", "#fde725"];
// Pixels: between two labels one under the other, and how far apart they no longer meet.
const label = { height: 13, width: 34 };

/**
 * @param suggestions  `{ trialCounts, parameterCounts, cells }` of results/scale.json.
 * @returns An SVG that follows the reader's light or dark page; equal figures give equal text.
 */
export function drawScale({ trialCounts, parameterCounts, cells }) {
  const methods = [...new Set(cells.map(({ method }) => method))];
  const rowCount = Math.ceil(methods.length / panel.columns);
  const width = panel.left + panel.columns * (panel.width + panel.gapX);
  const height = panel.top + rowCount * (panel.height + panel.gapY) - 8;
  const panels = methods.map((method, i) =>
    drawPanel({
      method,
      x: panel.left + (i % panel.columns) * (panel.width + panel.gapX),
      y: panel.top + Math.floor(i / panel.columns) * (panel.height + panel.gapY),
      cells: cells.filter((cell) => cell.method === method),
      trialCounts,
      parameterCounts,
    }),
  );
  const description = `Median time of one suggestion by ${methods.join(", ")} for ${parameterCounts.join(", ")} parameters and ${trialCounts.join(", ")} trials.`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">What a suggestion costs</title>`,
    `<desc id="description">${description}</desc>`,
    style(),
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="head" x="14" y="24">What a suggestion costs</text>`,
    `<text class="tick" x="14" y="43">median time, by trials in the study (across) and number of parameters (lines: ${key(parameterCounts)}); both scales logarithmic</text>`,
    ...panels,
    "</svg>",
  ].join("\n")}\n`;
}

function key(parameterCounts) {
  return parameterCounts.map((d, i) => `<tspan class="end l${i}">${d.toLocaleString("en")}</tspan>`).join(", ");
}

function style() {
  const strokes = (colours) => colours.map((colour, i) => `.d${i}{stroke:${colour}}.l${i},.p${i}{fill:${colour}}`).join("");
  return [
    "<style>",
    "text{font:11px system-ui,sans-serif;fill:#1f2328}.head{font-size:16px;font-weight:600}.name{font-size:13px;font-weight:600}",
    ".page{fill:#ffffff}.grid{stroke:#d8dde3;stroke-width:1}.tick{fill:#59636e}.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.end{font-weight:600}",
    strokes(light),
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.grid{stroke:#2d343d}.tick{fill:#9aa4af}",
    strokes(dark),
    "}",
    "</style>",
  ].join("");
}

function drawPanel({ method, x, y, cells, trialCounts, parameterCounts }) {
  const [fewest, most] = [trialCounts[0], trialCounts.at(-1)];
  const atX = (n) => x + (panel.width * Math.log(n / fewest)) / Math.log(most / fewest);
  const atY = (ms) => y + panel.height * (1 - Math.log(ms / milliseconds.from) / Math.log(milliseconds.to / milliseconds.from));
  const lines = cells
    .filter(({ points }) => points?.length > 0)
    .map((cell) => ({
      index: parameterCounts.indexOf(cell.d),
      d: cell.d,
      spots: cell.points.map(({ n, p50Ms }) => ({ x: atX(n), y: atY(clamp(p50Ms)) })),
    }));
  return [
    `<text class="name" x="${x}" y="${y - 8}">${method}</text>`,
    ...[...labels].map(
      ([ms, text]) =>
        `<line class="grid" x1="${x}" x2="${x + panel.width}" y1="${at(atY(ms))}" y2="${at(atY(ms))}"/>` +
        `<text class="tick" x="${x - 6}" y="${at(atY(ms) + 4)}" text-anchor="end">${text}</text>`,
    ),
    ...trialCounts
      .filter((n) => Number.isInteger(Math.log10(n)))
      .map(
        (n) =>
          `<line class="grid" x1="${at(atX(n))}" x2="${at(atX(n))}" y1="${y}" y2="${y + panel.height}"/>` +
          `<text class="tick" x="${at(atX(n))}" y="${y + panel.height + 16}" text-anchor="middle">${n.toLocaleString("en")}</text>`,
      ),
    ...lines.map(drawLine),
    ...endLabels(lines, y + panel.height),
  ].join("\n");
}

function drawLine({ index, spots }) {
  const path = spots.map((spot) => `${at(spot.x)},${at(spot.y)}`).join(" ");
  const dots = spots.map((spot) => `<circle class="p${index}" cx="${at(spot.x)}" cy="${at(spot.y)}" r="2.4"/>`).join("");
  return `<polyline class="line d${index}" points="${path}"/>${dots}`;
}

/** Each line's number of parameters at its end; labels that would lie on each other are moved apart, and up from the panel's bottom. */
function endLabels(lines, bottom) {
  const placed = lines.map(({ index, d, spots }) => ({ index, d, x: spots.at(-1).x, y: spots.at(-1).y }));
  placed.sort((a, b) => a.y - b.y);
  const meet = (a, b) => Math.abs(a.x - b.x) < label.width;
  for (const [i, lower] of placed.entries())
    for (const upper of placed.slice(0, i)) if (meet(upper, lower)) lower.y = Math.max(lower.y, upper.y + label.height);
  for (const [i, upper] of [...placed.entries()].reverse()) {
    upper.y = Math.min(upper.y, bottom - 4);
    for (const lower of placed.slice(i + 1)) if (meet(upper, lower)) upper.y = Math.min(upper.y, lower.y - label.height);
  }
  return placed.map(
    ({ index, d, x, y }) => `<text class="end l${index}" x="${at(x + 7)}" y="${at(y + 4)}">${d.toLocaleString("en")}</text>`,
  );
}

function clamp(ms) {
  return Math.min(milliseconds.to, Math.max(milliseconds.from, ms));
}

function at(pixel) {
  return Number(pixel.toFixed(1));
}
