import { expect, test } from "vitest";
import { whyMessage } from "./why-message.ts";

test.each([
  [{ code: "enqueued" }, "enqueued"],
  [{ code: "defaults" }, "the declared defaults"],
  [{ code: "filled-by-defaults" }, "filled with the defaults"],
  [{ code: "filled-by-draws", outcome: "bent", drawCount: 4 }, "filled at random, bent to satisfy the constraints"],
  [{ code: "person" }, "paused by hand"],
  [{ code: "left-early" }, "its objective left before it was done"],
  [{ code: "trial-ended" }, "the trial had ended"],
  [{ code: "random", outcome: "drawn", drawCount: 1 }, "random"],
  [{ code: "random", outcome: "left", drawCount: 100 }, "random, one of those left"],
  [{ code: "qmc", outcome: "bent", index: 12, drawCount: 2000 }, "Sobol point 12, bent to satisfy the constraints"],
  [
    { code: "tpe-startup", outcome: "drawn", index: 3, drawCount: 1, startupCount: 10 },
    "Sobol point 3, until 10 trials have a result",
  ],
  [{ code: "grid", index: 0, size: 24 }, "grid point 1 of 24"],
  [
    { code: "tpe", goodCount: 3, otherCount: 27, sharpness: 1.5, logRatio: Math.log(8.31), redraw: 0 },
    "TPE: near the 3 best, away from the other 27, looks 8.3 times as likely good as not",
  ],
  [
    { code: "tpe", goodCount: 1, otherCount: 9, sharpness: 1.5, logRatio: 300, redraw: 0 },
    "TPE: near the 1 best, away from the other 9, looks > 1000 times as likely good as not",
  ],
  [{ code: "asha-rung", rung: 1, fidelity: 9, rank: 4, of: 9, kept: 3, loss: 0.4 }, "ASHA: place 4 of 9 at 9, the best 3 go on"],
  [{ code: "asha-rung", rung: 1, fidelity: 9, rank: 9, of: 9, kept: 3, loss: null }, "ASHA: not a number at 9"],
  [
    { code: "halving-rung", bracket: 2, rung: 0, fidelity: 3, rank: 7, of: 9, kept: 3, loss: 0.4 },
    "bracket 2: place 7 of 9 at 3, the best 3 go on",
  ],
  [
    { code: "halving-rung", bracket: 2, rung: 0, fidelity: 3, rank: 9, of: 9, kept: 3, loss: null },
    "bracket 2: not a number at 3",
  ],
  [{ code: "exploited", parent: 3, step: 40, child: 9 }, "gave its place to trial 9, which goes on from step 40 of trial 3"],
  [{ code: "pbt-interval", target: 40, fidelity: 41 }, "paused: was told to train to 40 and went on to 41"],
  [
    { code: "pbt-exploit", replaced: 5, loss: 0.9, rank: 7, of: 8, parent: 3, parentLoss: 0.2, reached: 40 },
    "copy of trial 3, in place of trial 5: loss 0.2 against 0.9, which was place 7 of 8",
  ],
  [
    { code: "pbt-replace", replaced: 5, loss: null, rank: null, of: 8, parent: 3, parentLoss: 0.2, reached: 40 },
    "copy of trial 3, in place of trial 5, which failed or saved nothing to go on from",
  ],
  [
    { code: "random-share", share: 0.1, outcome: "drawn", drawCount: 1 },
    "at random, as 10 % of the suggestions are, in case early losses mislead",
  ],
  [{ code: "random", judgedAt: 9, outcome: "drawn" }, "random, judged at 9"],
  [
    { code: "freeze-thaw-start", threshold: 0.2, within: 9, chance: 0.25 },
    "of all trials and new configs the likeliest to come below 0.2 within 9: a chance of 0.25",
  ],
  [{ code: "freeze-thaw-unit", target: 6, fidelity: 7 }, "paused: was told to train to 6 and went on to 7"],
  [{ code: "rung-overstepped", rung: 0, fidelity: 3 }, "paused: it went on beyond 3, where it was told to stop"],
  [
    { code: "percentile", percentile: 50, fidelity: 9, of: 12, best: 0.41, limit: 0.3 },
    "best so far 0.41, worse than 0.3, the median of 12 others at 9",
  ],
  [
    { code: "percentile", percentile: 25, fidelity: 9, of: 12, best: "Infinity", limit: 0.3 },
    "best so far Infinity, worse than 0.3, the percentile 25 of 12 others at 9",
  ],
  [
    { code: "percentile-front", percentile: 50, fidelity: 9, of: 12, front: 4, limit: 2 },
    "front 4 at 9; up to front 2 of 12 others go on",
  ],
  [{ code: "threshold-above", metric: "loss", fidelity: 2, value: 9.5, limit: 5 }, "loss 9.5 is above 5 at 2"],
  [{ code: "threshold-below", metric: "acc", fidelity: 2, value: 0.1, limit: 0.2 }, "acc 0.1 is below 0.2 at 2"],
  [{ code: "threshold-not-finite", metric: "loss", fidelity: 2, value: "NaN" }, "loss is NaN at 2"],
  [{ code: "patience", reports: 5, minChange: 0, fidelity: 9, best: 0.4 }, "no better than 0.4 for 5 reports"],
  [{ code: "patience", reports: 5, minChange: 0.1, fidelity: 9, best: 0.4 }, "no better than 0.4 for 5 reports by more than 0.1"],
  [{ code: "patience-front", reports: 3, minChange: 0, fidelity: 9 }, "no objective improved for 3 reports"],
  [
    { code: "wilcoxon", p: 0.03125, limit: 0.1, rankSum: 15, folds: 5, best: 7 },
    "worse than trial 7 on 5 shared folds (Wilcoxon p = 0.03125)",
  ],
  [{ code: "budget", cause: "time" }, "the study's end: its time is used up"],
  [{ code: "budget" }, "the study's end"],
])("%j is worded %s", (why, words) => {
  expect(whyMessage(why, "en")).toBe(words);
  expect(whyMessage(why, "zh")).toMatch(/\p{sc=Han}/u);
});

test("no reason is worded with nothing, an unknown code shows itself, also one named like a member of every object", () => {
  expect(whyMessage(null, "en")).toBe("");
  expect(whyMessage({ code: "new-rule", rank: 3 }, "en")).toBe("new-rule");
  expect(whyMessage({ code: "toString" }, "zh")).toBe("toString");
});
