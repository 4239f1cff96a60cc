import type { JsonObject } from "../json.ts";
import { createRng, type Rng } from "../numerics/rng.ts";
import type { AttemptEnd, Storage } from "../storage/storage.ts";
import type { AttemptRef } from "../trial/trial.ts";
import { TunesmithError } from "../tunesmith-error.ts";
import {
  cancelledEnd,
  completeEnd,
  draft,
  failedEnd,
  newStudy,
  pausedEnd,
  releasedEnd,
  report,
  StorageStage,
  stoppedEnd,
} from "./storage-stage.ts";

/** What a storage answered to each command of a walk, and everything it told afterwards; ids and clock times are left out. */
export interface StorageWalk {
  readonly answers: readonly string[];
  readonly everything: JsonObject;
}

const ends: readonly AttemptEnd[] = [
  completeEnd(1),
  completeEnd(Number.NaN),
  stoppedEnd(2),
  stoppedEnd(),
  failedEnd(),
  failedEnd("infra"),
  failedEnd("error", "error", "threw"),
  releasedEnd(),
  pausedEnd,
  pausedEnd,
  cancelledEnd,
];

/**
 * Sends `length` random commands, allowed ones and others, to one study of an empty storage. Equal seeds send equal commands, so two
 * implementations that keep the contract give equal walks. About one command in eight is sent without waiting for the last.
 */
export async function walkStorage(storage: Storage, seed: number, length: number): Promise<StorageWalk> {
  const rng = createRng(seed, "storage-walk");
  const study = await storage.createStudy(newStudy("walk"));
  await storage.addTrials(study.id, [draft({ begin: "claimed" }), draft({ begin: "claimed", seeds: [1, 2] }), draft()], null);
  const stage = new StorageStage(storage, study, () => Promise.resolve(storage));
  const answers: string[] = [];
  let pending: Promise<string>[] = [];
  for (let i = 0; i < length; i++) {
    const [name, command] = nextCommand(stage, rng);
    pending.push(answer(name, command));
    if (rng.int(8) === 0) continue;
    answers.push(...(await Promise.all(pending)));
    pending = [];
  }
  answers.push(...(await Promise.all(pending)));
  const best = await storage.bestTrials(study.id, 0, "maximize", 5);
  const window = await storage.readWindow(study.id, [1]);
  const totals = await storage.getTotals(study.id, "minimize");
  const everything = { ...(await stage.everything()), best, window, totals } as unknown as JsonObject;
  return { answers, everything: JSON.parse(JSON.stringify(everything, withoutOccasion)) as JsonObject };
}

type Command = readonly [name: string, send: () => Promise<unknown>];

// Few trials, replicates, attempts and steps, so that commands meet each other.
function nextCommand(stage: StorageStage, rng: Rng): Command {
  const { storage, id } = stage;
  const trial = rng.int(rng.int(5) + 1);
  const replicate = rng.int(rng.int(rng.int(3) + 1) + 1);
  const ref: AttemptRef = { studyId: id, trial, replicate, attempt: 1 + rng.int(rng.int(3) + 1) };
  const step = rng.int(3);
  const loss = rng.int(4) === 0 ? 9 : undefined;
  const end = ends[rng.int(ends.length)];
  const drawn = rng.int(5) === 0 ? 9 : 0;
  const seeds = Array.from({ length: 1 + rng.int(2) }, (_, i) => i);
  const begin = (["queued", "open", "claimed"] as const)[rng.int(3)];
  const place = `${trial}/${replicate}/${ref.attempt}`;
  const commands: readonly (readonly [weight: number, ...Command])[] = [
    [2, `add ${begin}`, () => storage.addTrials(id, [draft({ begin, seeds })], 5)],
    [2, `fill ${trial}`, () => storage.fillTrial(id, trial, draft({ config: { lr: step } }))],
    [8, `claim ${place}`, () => storage.claim(id, trial, replicate)],
    [8, `report ${place} ${step}`, () => storage.report(ref, [report(step), report(step + 1, loss)])],
    [1, `draw ${place} ${step}`, () => storage.recordValues(ref, { a: 1, [`b${step}`]: drawn })],
    [2, `decide ${place} ${step}`, () => storage.decide(ref, step, { kind: step % 2 ? "stop" : "pause", why: { code: "rung" } })],
    [8, `end ${place} ${end.outcome.kind}`, () => storage.end(ref, end)],
    [3, `resume ${trial}`, () => storage.resume(id, trial, step)],
    [0.5, `cancel ${trial}`, () => storage.cancel(id, trial)],
    [2, `confirm ${trial}`, () => storage.addReplicates(id, trial, seeds)],
    [2, `checkpoint ${place} ${step}`, () => storage.addCheckpoint(ref, { step, location: place })],
    [1, `forget ${place} ${step}`, () => storage.removeCheckpoint(id, trial, replicate, step)],
    [1, `annotate ${trial}`, () => storage.annotate(id, trial, [place])],
    [0.5, "recover", async () => (await storage.acquireRunner(id))?.release()],
    [0.25, "done", () => storage.setStudyState(id, "done", step === 0 ? "stopped" : "trials")],
  ];
  let left = rng.uniform() * commands.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, name, send] of commands) {
    left -= weight;
    if (left < 0) return [name, send];
  }
  return ["nothing", () => Promise.resolve()];
}

async function answer(name: string, send: () => Promise<unknown>): Promise<string> {
  try {
    return `${name}: ${JSON.stringify((await send()) ?? "done")}`;
  } catch (error) {
    if (error instanceof TunesmithError) return `${name}: ${error.code}`;
    throw error;
  }
}

const occasional = new Set(["id", "createdAt", "startedAt", "finishedAt", "deletedAt"]);

function withoutOccasion(key: string, value: unknown): unknown {
  if (occasional.has(key)) return value === null ? null : "set";
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
