import { createChart, drawBestSoFar, drawLearningCurves } from "./charts.mjs";
import { dark } from "./colours.mjs";
import * as format from "./format.mjs";
import { drawMap } from "./map.mjs";
import { validation } from "./moons.mjs";
import { retrain, testAccuracy } from "./retrain.mjs";
import { fidelity, parameters, rungs } from "./space.mjs";
import { bestFirst, countOf, createTrialLog } from "./trial-log.mjs";

const find = (id) => document.getElementById(id);
const names = Object.keys(parameters);

/** Everything on screen. Says what the study does; knows nothing of how it does it. */
export function createPage({ trialLimit, parallel, onStart, onPause, onStop }) {
  let log = createTrialLog();
  let chosen = null;
  let network = null;
  let networkOf = null;
  let frame = null;
  let timer = null;
  let sinceMs = null;

  const choose = (number) => {
    if (number === chosen) return;
    chosen = number;
    drawSoon();
  };
  const charts = [
    createChart(find("best-chart"), drawBestSoFar, choose),
    createChart(find("curve-chart"), drawLearningCurves, choose),
  ];

  /** Draws once before the next frame, however often it is called. */
  function drawSoon() {
    if (frame !== null) return;
    frame = requestAnimationFrame(() => {
      frame = null;
      draw();
    });
  }

  /** Ten pictures a second are enough for the eye, and leave this thread free to answer the workers. */
  function changed() {
    if (timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      drawSoon();
    }, 100);
  }

  function draw() {
    drawFacts();
    for (const chart of charts) chart.show({ log, chosen, trialLimit, fidelity, rungs });
    find("readout").textContent = chosen === null || !log.trials[chosen] ? hint() : describe(log.trials[chosen]);
    drawParameters();
    drawTable();
    if (log.best !== networkOf) void learnAgain();
  }

  function hint() {
    return log.trials.length === 0 ? "" : "Point at a trial, or choose a chart and press the arrow keys.";
  }

  function drawFacts() {
    const ms = log.activeMs + (sinceMs === null ? 0 : performance.now() - sinceMs);
    const perSecond = log.finishedCount / (ms / 1000);
    find("progress").textContent = `${log.finishedCount}/${trialLimit}`;
    find("best").textContent = log.best === null ? "–" : `${format.loss(log.best.value)} #${log.best.number}`;
    find("stopped").textContent = String(countOf(log, "stopped"));
    // A rate from a few trials means nothing yet.
    find("rate").textContent = ms > 0 && log.finishedCount >= 5 ? `${perSecond.toFixed(1)}/s` : "–";
    const leftMs = ((trialLimit - log.finishedCount) / perSecond) * 1000;
    const isForeseen = sinceMs !== null && log.finishedCount >= 5;
    find("time").textContent = isForeseen ? `about ${format.duration(leftMs)} left` : ms > 0 ? format.duration(ms) : "–";
    find("bar").value = log.finishedCount;
    const best = log.best === null ? "none yet" : `${format.loss(log.best.value)} by trial ${log.best.number}`;
    find("best-chart").setAttribute(
      "aria-label",
      `Validation loss of ${log.finishedCount} trials; best ${best}. The table below has all numbers.`,
    );
    find("curve-chart").setAttribute(
      "aria-label",
      `Learning curves of ${log.trials.length} trials, ${countOf(log, "stopped")} stopped early.`,
    );
  }

  function drawParameters() {
    find("copy").disabled = log.best === null;
    find("parameters").classList.toggle("empty", log.best === null);
    if (log.best === null) return find("parameters").replaceChildren("After the first complete trial.");
    const used = names.filter((name) => log.best.params[name] !== undefined);
    find("parameters").replaceChildren(...used.map((name) => pair(name, show(log.best.params[name]))));
  }

  function drawTable() {
    const rows = bestFirst(log).map((trial) => {
      const row = document.createElement("tr");
      const isBest = trial === log.best;
      row.className = [trial.state, isBest ? "best" : "", trial.number === chosen ? "chosen" : ""].join(" ").trim();
      const last = trial.curve.at(-1)?.[1];
      const cells = [
        trial.number,
        format.stateWords[trial.state],
        format.loss(trial.value ?? last),
        trial.fidelity ?? 0,
        ...names.map((name) => show(trial.params[name])),
      ];
      row.append(...cells.map((text, i) => cell("td", text, i)));
      row.addEventListener("pointerenter", () => choose(trial.number));
      row.addEventListener("pointerleave", () => choose(null));
      return row;
    });
    find("rows").replaceChildren(...rows);
  }

  /** Trains the best trial's network once more in this thread: same parameters, same seed, so the very same network. */
  async function learnAgain() {
    const trial = log.best;
    networkOf = trial;
    find("map-note").textContent = "";
    network = trial === null ? null : await retrain(trial, trial.fidelity, () => networkOf !== trial);
    if (networkOf === trial) drawLearned();
  }

  function drawLearned() {
    drawMap(find("map"), network, validation);
    const { number } = networkOf ?? {};
    find("map-note").textContent = network === null ? "nothing yet" : `network of #${number}, validation points`;
    find("map").setAttribute(
      "aria-label",
      network === null
        ? "The validation points of two moons."
        : `The two moons as the network of trial ${number} tells them apart.`,
    );
  }

  function settle(state, isRunning, startText) {
    const now = performance.now();
    if (sinceMs !== null) log.activeMs += now - sinceMs;
    sinceMs = isRunning ? now : null;
    find("state").textContent = state;
    find("start").textContent = startText;
    find("start").disabled = isRunning;
    find("pause").disabled = !isRunning;
    find("stop").disabled = !isRunning && state !== "paused";
    drawSoon();
  }

  find("columns").replaceChildren(headRow());
  find("start").addEventListener("click", () => onStart().catch(broken));
  find("pause").addEventListener("click", () => {
    find("pause").disabled = true;
    onPause();
  });
  find("stop").addEventListener("click", () => onStop().catch(broken));
  find("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(JSON.stringify(log.best.params));
    find("copy").textContent = "Copied";
    setTimeout(() => {
      find("copy").textContent = "Copy";
    }, 2000);
  });
  dark.addEventListener("change", () => {
    draw();
    drawLearned();
  });
  new ResizeObserver(drawLearned).observe(find("map"));
  function say(text) {
    find("story").textContent = text;
  }

  function broken(error) {
    settle("failed", false, "Start");
    say(`This did not work: ${error.message}`);
    throw error;
  }

  return {
    changed,
    ready() {
      settle("ready", false, "Start");
      say(
        `Finds good hyperparameters for a small neural network, all in this page: ${trialLimit} trials, ${parallel} at a time. Press Start.`,
      );
    },
    running(current) {
      log = current;
      settle("running", true, "Start");
      say(`Each trial trains a network in a Web Worker; after ${rungs.join(" and ")} epochs the weak ones are stopped.`);
    },
    paused(current) {
      log = current;
      settle("paused", false, "Continue");
      say(
        `Paused at ${log.finishedCount} of ${trialLimit} trials. Nothing is lost: this browser keeps the study, even when the page is closed.`,
      );
    },
    done(current) {
      log = current;
      settle("done", false, "Start over");
      say(summary(log));
      void testAccuracy(log).then((text) => find("state").textContent === "done" && say(`${summary(log)} ${text}`));
    },
  };

  function summary({ activeMs, epochCount, finishedCount }) {
    const share = 1 - epochCount / (finishedCount * fidelity.max);
    const counts = `${finishedCount} trials, ${countOf(log, "complete")} to the end, ${countOf(log, "stopped")} stopped early`;
    const saved = finishedCount === 0 ? "" : `, ${format.percent(share)} fewer epochs than running all to the end`;
    return `${finishedCount < trialLimit ? "Stopped" : "Done"} in ${format.duration(activeMs)}: ${counts}${saved}.`;
  }
}

function describe({ number, state, value, curve, params }) {
  const last = curve.at(-1);
  const where = last === undefined ? "" : `loss ${format.loss(value ?? last[1])} at epoch ${last[0]}`;
  const said = names.filter((name) => params[name] !== undefined).map((name) => `${name} ${show(params[name])}`);
  return [`#${number} ${format.stateWords[state]}`, where, ...said].filter((part) => part !== "").join("  ·  ");
}

function headRow() {
  const row = document.createElement("tr");
  row.append(...["#", "state", "loss", "epochs", ...names].map((text, i) => cell("th", text, i)));
  return row;
}

function cell(tag, text, i) {
  const element = document.createElement(tag);
  const name = names[i - 4];
  if (i === 1 || ["categorical"].includes(parameters[name]?.type)) element.className = "text";
  if (tag === "th") element.scope = "col";
  element.textContent = String(text);
  return element;
}

function pair(name, value) {
  const element = document.createElement("div");
  const term = document.createElement("dt");
  const detail = document.createElement("dd");
  term.textContent = name;
  detail.textContent = value;
  element.append(term, detail);
  return element;
}

function show(value) {
  return value === undefined ? "" : typeof value === "number" ? format.number(value) : String(value);
}
