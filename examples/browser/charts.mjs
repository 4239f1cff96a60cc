import { lossColour } from "./colours.mjs";
import * as format from "./format.mjs";

const margin = { top: 16, right: 16, bottom: 32, left: 40 };
/** Losses at or beyond this are drawn on the upper edge: guessing blindly has a loss of ln 2 = 0.69. */
const worstLoss = 1;

/** Validation loss of every trial, and the best of the complete ones so far. */
export function drawBestSoFar(plot, { log, trialLimit }) {
  const x = linearScale([0, trialLimit - 1], plot.xRange);
  const y = lossScale(log, plot);
  plot.axes({ x, xTicks: ticksUpTo(trialLimit), y });
  const finished = log.trials.filter(({ value }) => value !== null && !Number.isNaN(value));
  const [defaults] = finished;
  const hasDefaults = defaults?.number === 0;
  if (hasDefaults)
    plot.add("line", { class: "baseline", x1: plot.xRange[0], x2: plot.xRange[1], y1: y(defaults.value), y2: y(defaults.value) });
  let best = Number.POSITIVE_INFINITY;
  let line = "";
  for (const { number, state, value } of finished) {
    if (state !== "complete" || value >= best) continue;
    line += line === "" ? `M${x(number)},${y(value)}` : `H${x(number)}V${y(value)}`;
    best = value;
  }
  if (line !== "") plot.add("path", { class: "best-line", d: `${line}H${x(finished.at(-1).number)}` });
  for (const { number, state, value } of finished) plot.dot({ number, x: x(number), y: y(value), state, value });
  for (const { number, state } of log.trials) if (state === "failed") plot.cross({ number, x: x(number), y: y(worstLoss) });
  if (hasDefaults) plot.add("text", { x: plot.xRange[1], y: y(defaults.value) - 8, "text-anchor": "end" }, "defaults");
  if (log.best !== null)
    plot.add(
      "text",
      { class: "best", ...labelPlace(plot, x(log.best.number), y(log.best.value)) },
      `${format.loss(log.best.value)} #${log.best.number}`,
    );
}

function labelPlace({ xRange }, x, y) {
  return x > (xRange[0] + xRange[1]) / 2 ? { x: x + 4, y: y + 20, "text-anchor": "end" } : { x: x - 4, y: y + 20 };
}

/** Validation loss of every trial by epoch: the stopped ones pale and behind, the best on top. */
export function drawLearningCurves(plot, { log, fidelity, rungs }) {
  const x = logScale([1, fidelity.max], plot.xRange);
  const y = lossScale(log, plot);
  for (const rung of rungs) plot.add("line", { class: "rung", x1: x(rung), x2: x(rung), y1: plot.yRange[0], y2: plot.yRange[1] });
  plot.axes({ x, xTicks: [1, ...rungs, fidelity.max], y });
  const depth = ({ number, state }) => (number === log.best?.number ? 3 : state === "running" ? 2 : state === "complete" ? 1 : 0);
  for (const trial of log.trials.toSorted((a, b) => depth(a) - depth(b))) {
    const { number, curve, state } = trial;
    const known = curve.filter(([, loss]) => !Number.isNaN(loss));
    if (known.length === 0) continue;
    plot.curve({
      number,
      points: known.map(([epoch, loss]) => [x(epoch), y(loss)]),
      state,
      value: known.at(-1)[1],
      isBest: depth(trial) === 3,
    });
  }
}

/**
 * A chart in an SVG element that follows the element's width, and whose trials can be pointed at, or stepped through with the
 * arrow keys.
 *
 * @param {(plot: object, data: object) => void} draw
 * @param {(number: number | null) => void} onChoose  The trial under the pointer; null when it leaves.
 */
export function createChart(svg, draw, onChoose) {
  let latest = null;
  let marks = [];
  const chart = {
    show(data) {
      latest = data;
      marks = redraw(svg, draw, data);
    },
  };
  new ResizeObserver(() => latest && chart.show(latest)).observe(svg);
  svg.addEventListener("pointermove", ({ offsetX, offsetY }) => onChoose(nearest(marks, offsetX, offsetY)));
  svg.addEventListener("pointerdown", ({ offsetX, offsetY }) => onChoose(nearest(marks, offsetX, offsetY)));
  svg.addEventListener("pointerleave", () => onChoose(null));
  svg.addEventListener("blur", () => onChoose(null));
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const numbers = [...new Set(marks.map(({ number }) => number))].sort((a, b) => a - b);
    if (by === undefined || numbers.length === 0) return;
    event.preventDefault();
    const at = numbers.indexOf(latest.chosen);
    onChoose(numbers[at < 0 ? 0 : (at + by + numbers.length) % numbers.length]);
  });
  return chart;
}

/** The mark within 24 px, or null. */
function nearest(marks, x, y) {
  let best = null;
  let bestDistance = 24;
  for (const mark of marks) {
    const distance = Math.hypot(mark.x - x, mark.y - y);
    if (distance < bestDistance) [best, bestDistance] = [mark.number, distance];
  }
  return best;
}

function redraw(svg, draw, data) {
  const { width, height } = svg.getBoundingClientRect();
  if (width === 0) return [];
  const plot = createPlot(width, height, data.chosen);
  draw(plot, data);
  svg.replaceChildren(...plot.elements);
  return plot.marks;
}

function createPlot(width, height, chosen) {
  const elements = [];
  const marks = [];
  const xRange = [margin.left, width - margin.right];
  const yRange = [height - margin.bottom, margin.top];
  const add = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes))
      element.setAttribute(key, typeof value === "number" ? value.toFixed(1) : value);
    if (text !== undefined) element.textContent = text;
    elements.push(element);
  };
  const emphasis = (number, plain) => (number === chosen ? "chosen" : plain);
  return {
    elements,
    marks,
    xRange,
    yRange,
    add,
    axes({ x, xTicks, y }) {
      for (const tick of y.ticks) {
        add("line", { class: "grid", x1: xRange[0], x2: xRange[1], y1: y(tick), y2: y(tick) });
        add("text", { x: xRange[0] - 8, y: y(tick) + 4, "text-anchor": "end" }, tick === worstLoss ? "≥ 1" : String(tick));
      }
      for (const tick of xTicks) add("text", { x: x(tick), y: yRange[0] + 20, "text-anchor": "middle" }, String(tick));
    },
    dot({ number, x, y, state, value }) {
      const look = state === "complete" ? { fill: lossColour(value), stroke: "none" } : { stroke: "var(--pale)" };
      add("circle", {
        class: emphasis(number, state === "complete" ? "dot" : "dot hollow"),
        cx: x,
        cy: y,
        r: state === "complete" ? 4 : 3,
        ...look,
      });
      marks.push({ number, x, y });
    },
    cross({ number, x, y }) {
      add("path", { class: emphasis(number, "failed"), d: `M${x - 3},${y - 3}l6,6m0,-6l-6,6` });
      marks.push({ number, x, y });
    },
    curve({ number, points, state, value, isBest }) {
      const stroke = isBest
        ? "var(--accent)"
        : state === "stopped"
          ? "var(--pale)"
          : state === "failed"
            ? "var(--failed)"
            : lossColour(value);
      const d = `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;
      add("path", {
        class: emphasis(number, isBest ? "best-line" : state),
        d: points.length === 1 ? `${d}h0.1` : d,
        stroke,
        "stroke-linecap": "round",
      });
      for (const [x, y] of points) marks.push({ number, x, y });
    },
  };
}

function lossScale(log, { yRange }) {
  const least = Math.min(0.3, ...log.trials.flatMap(({ curve }) => curve.map(([, loss]) => (loss > 0 ? loss : 0.3))));
  const scale = logScale([least * 0.9, worstLoss], yRange);
  const clamped = (loss) => scale(Math.min(loss, worstLoss));
  clamped.ticks = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, worstLoss].filter((tick) => tick >= least * 0.9);
  return clamped;
}

function linearScale([from, to], [start, end]) {
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

function logScale([from, to], range) {
  const scale = linearScale([Math.log(from), Math.log(to)], range);
  return (value) => scale(Math.log(value));
}

function ticksUpTo(limit) {
  return Array.from({ length: Math.floor((limit - 1) / 10) + 1 }, (_, i) => 10 * i);
}
