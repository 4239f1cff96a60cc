import { expect, test } from "vitest";
import { type ProgressView, progressLines } from "./progress-lines.ts";

const view: ProgressView = {
  ...{ finishedCount: 10, totalCount: 40, best: { trial: 4, value: 0.2037 }, ahead: null, waitingCount: 0, population: null },
  ...{ stoppedCount: 7, failedCount: 0, ratePerSecond: 2, objectiveName: "val_loss", fidelityName: "epochs", stepName: "epoch" },
  ...{ lastStep: 27, running: [] },
};

function line(changes: Partial<ProgressView>, language: "en" | "zh" = "en"): string {
  return progressLines({ ...view, ...changes }, language, 200)[0].replace(/^▕.*▏ /u, "");
}

test("how many are done, the best, what was stopped, how fast, how long yet", () => {
  expect(line({})).toBe("10/40   best 0.2037 #4   stopped early 7   failed 0   2/s   about 15 s left");
  expect(line({ totalCount: null, ratePerSecond: null })).toBe("10 finished   best 0.2037 #4   stopped early 7   failed 0");
});

test("while trials wait on their way they are counted, and no time is promised from those that are done", () => {
  expect(line({ waitingCount: 12 })).toBe("10/40   best 0.2037 #4   waiting 12   stopped early 7   failed 0   2/s");
});

test("before the first result the trial that is ahead is told, with how far it is", () => {
  const ahead = { trial: 9, value: 0.3126, fidelity: 9 };
  expect(line({ best: null, ahead })).toContain("   ahead 0.3126 #9 at epochs 9   ");
  expect(line({ best: null, ahead }, "zh")).toContain("   领先 0.3126 #9（epochs 9）   ");
  expect(line({ best: null })).toContain("   no result yet   ");
  expect(line({ ahead })).toContain("   best 0.2037 #4   ");
});

test("a population is as far as its members have trained", () => {
  const population = { memberCount: 6, copyCount: 9, reached: 81, total: 162, msLeft: 9_500 };
  const [first] = progressLines({ ...view, population }, "en", 200);
  expect(first).toBe(
    "▕██████████████              ▏ 81/162 epochs   best 0.2037 #4   6 members   copies 9   failed 0   about 9.5 s left",
  );
  expect(line({ population: { ...population, msLeft: null } }, "zh")).toBe(
    "81/162 epochs   最优 0.2037 #4   6 个成员   复制 9   失败 0",
  );
});
