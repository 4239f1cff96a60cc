import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  compileProblem,
  compose,
  type Engine,
  type Intent,
  int,
  type JsonObject,
  none,
  type Policy,
  problemJson,
  random,
  replaySuggestions,
  runLoop,
  type Storage,
  type StudyRecord,
  StudySession,
  studySettingsDefaults,
  trialStateCodes,
} from "@tunesmith/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nodeHost } from "../platform/node-host.ts";
import { createSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import { type Agent, startAgent } from "../training/agent.ts";
import { createLocalEngine } from "../training/local-engine.ts";
import { planSlots } from "../training/slots.ts";
import { trainingDefaults } from "../training/training-options.ts";

let home: string;
let storage: Storage;
let agent: Agent;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "tunesmith-children-"));
  storage = await createSqliteStorage({ folder: home, wallClockMs: Date.now });
  agent = startAgent(home);
});

afterEach(async () => {
  await agent.close();
  await storage.close();
  rmSync(home, { recursive: true, force: true });
});

const max = 6;
const why = Object.freeze({ code: "throw-away" });

/** Trial 0 trains to the end, trial 1 two steps; then a child of trial 0 takes the place of trial 1. */
function replacing(): Policy {
  return {
    ...compose(random(), none()),
    next(_, history): Intent {
      const { length: count } = history.rows;
      const start = { kind: "start", suggestion: { config: { rate: 1 + count }, why }, bracket: count } as const;
      if (count === 0) return { ...start, target: max };
      if (count === 1) return { ...start, target: 2 };
      const isTime = count === 2 && history.states[1] === trialStateCodes.paused && history.hasCheckpoint(0);
      if (!isTime) return { kind: "wait" };
      return { kind: "exploit", trial: 1, parent: 0, suggestion: { config: { rate: 9 }, why }, target: max, bracket: 1 };
    },
  };
}

/**
 * Counts steps in its checkpoint, and notes there which trial trained each. Trial 0 waits at step 2 for its child to start, and goes on
 * until older checkpoints have been collected; only then the child looks at the one that it was given.
 */
const trainer = `
await_file() { i=0; while [ ! -e "$1" ] && [ $i -lt 400 ]; do sleep 0.05; i=$((i+1)); done; }
await_gone() { i=0; while [ -e "$1" ] && [ $i -lt 400 ]; do sleep 0.05; i=$((i+1)); done; }
n=0
if [ -n "$TUNESMITH_RESUME_DIR" ]; then
  touch child-started; await_file parent-past
  n=$(cat "$TUNESMITH_RESUME_DIR/count")
fi
while [ $n -lt $TUNESMITH_FIDELITY ]; do
  n=$((n+1)); echo "epoch=$n loss=$((100-n*$1))"
  draft="$TUNESMITH_SAVE_DIR/step-$n.tmp"; mkdir "$draft"; echo $n > "$draft/count"
  last="$TUNESMITH_SAVE_DIR/step-$((n-1))/trained"; [ -e "$last" ] || last="$TUNESMITH_RESUME_DIR/trained"
  [ -e "$last" ] && cp "$last" "$draft/trained"
  echo $TUNESMITH_TRIAL >> "$draft/trained"
  mv "$draft" "$TUNESMITH_SAVE_DIR/step-$n"
  if [ $TUNESMITH_TRIAL = 0 ] && [ $n = 2 ]; then await_file child-started; fi
  if [ $TUNESMITH_TRIAL = 0 ] && [ $n = 5 ]; then await_gone "$TUNESMITH_SAVE_DIR/step-4"; touch parent-past; fi
done
`;

async function newStudy(): Promise<StudyRecord> {
  const settings = {
    ...studySettingsDefaults,
    budget: { trials: 2 },
    parallel: 2,
    sampler: { type: "random" },
    scheduler: { type: "none" },
  };
  const problem = compileProblem(
    {
      parameters: { rate: int(1, 9) },
      objectives: [{ name: "loss", goal: "minimize", step: "epoch" }],
      fidelity: { name: "epochs", min: 1, max },
      seed: 1,
    },
    1,
    settings,
  );
  return storage.createStudy({
    name: "children",
    problem: problemJson(problem),
    settings: settings as unknown as JsonObject,
    definition: null,
  });
}

function newEngine(): Engine {
  writeFileSync(join(home, "train.sh"), trainer);
  const training = {
    ...trainingDefaults,
    command: ["/bin/sh", join(home, "train.sh"), "${rate}"],
    workdir: home,
    parameterNames: ["rate"],
    objectiveNames: ["loss"],
    goal: "minimize" as const,
    stepName: "epoch",
    fidelity: { name: "epochs", unit: "steps" as const, arg: null },
    keepCheckpoints: "last1",
  };
  const slots = planSlots({ cores: 2, gpus: [] }, { cpus: 1, gpus: 0, gpusSharedBy: 1 }, 2);
  return createLocalEngine({ home, training, slots, agent, pythonClientDir: null });
}

it("a child goes on from its parent's count, from a checkpoint that stays as long as it may be needed", async () => {
  const record = await newStudy();
  const lock = await storage.acquireRunner(record.id);
  const session = await StudySession.open(storage, nodeHost(), record, replacing);
  const engine = newEngine();
  expect(await runLoop({ session, engine, parallel: 2 })).toBe("done");
  await engine.close();
  await lock?.release();

  const [parent, member, child] = await storage.getTrials(record.id);
  const step = child.parent?.step ?? 0;
  expect([1, 2]).toContain(step);
  expect(child).toMatchObject({
    state: "complete",
    source: "child",
    parent: { trial: 0, step },
    values: [100 - max * 9],
    bracket: 1,
  });
  expect(parent).toMatchObject({ state: "complete", values: [100 - max], replicates: [{ attempt: 1 }] });
  expect(member).toMatchObject({
    state: "stopped",
    stopWhy: { code: "exploited", parent: 0, step, child: 2 },
  });
  const steps = (await storage.getReports(record.id, 2)).map((report) => report.step);
  expect(steps).toEqual(Array.from({ length: max - step }, (_, i) => step + 1 + i));
  const [newest] = await storage.getCheckpoints(record.id, 2, 0);
  const trained = readFileSync(join(newest.location, "trained"), "utf8").trim().split("\n");
  expect(trained).toEqual([...Array<string>(step).fill("0"), ...Array<string>(max - step).fill("2")]);
  // The parent's other checkpoints are gone.
  const kept = (await storage.getCheckpoints(record.id, 0, 0)).map((checkpoint) => checkpoint.step);
  expect(kept).not.toContain(4);
  for (const checkpoint of await storage.getCheckpoints(record.id, 0, 0)) expect(existsSync(checkpoint.location)).toBe(true);
  expect(session.progress()).toMatchObject({ trialCount: 2, stepSum: max + 2 + (max - step) });
  const replayed = await replaySuggestions(storage, (await storage.getStudy(record.id)) as StudyRecord, replacing);
  expect(replayed).toEqual({ replayedCount: 3, earlierRevisionCount: 0, differences: [] });
});
