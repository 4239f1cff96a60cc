import { asha, createStudy, openStudy } from "@tunesmith/core";
import { createPage } from "./page.mjs";
import { fidelity, objective, parameters } from "./space.mjs";
import { createTrialLog, observer, readSaved } from "./trial-log.mjs";

const trialLimit = 40;
const parallel = 2;
const savedAs = "tunesmith two moons";

let study = null;
let log = createTrialLog();
let interruption = null;

const page = createPage({ trialLimit, parallel, onStart: run, onPause: pause, onStop: stop });
await reopen();

/** Goes on with the study, or with a new one after the last is done. */
async function run() {
  if (study === null || study.state === "done") {
    await study?.close();
    study = await createStudy({ name: "two moons", parameters, objective, fidelity, scheduler: asha() });
    log = createTrialLog();
  }
  interruption = new AbortController();
  page.running(log);
  await study.optimize(new URL("./train.mjs", import.meta.url), {
    trials: trialLimit,
    parallel,
    signal: interruption.signal,
    observer: observer(log, page.changed),
  });
  localStorage.setItem(savedAs, JSON.stringify(await study.toJSON()));
  showEnd();
}

/** Interrupts: running trials go back to the queue. The study is kept in this browser and goes on from there. */
function pause() {
  interruption.abort();
}

/** Ends the study for good: running trials end as they are. */
async function stop() {
  await study.stop();
  if (interruption.signal.aborted) showEnd();
}

function showEnd() {
  if (study.state === "done") page.done(log);
  else page.paused(log);
}

/** Shows the study that this browser kept, if it did. */
async function reopen() {
  const saved = localStorage.getItem(savedAs);
  if (saved === null) return page.ready();
  const json = JSON.parse(saved);
  study = await openStudy(json);
  log = readSaved(json);
  interruption = new AbortController();
  interruption.abort();
  showEnd();
}
