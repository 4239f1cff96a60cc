import { describe, expect, test } from "vitest";
import {
  asha,
  createMemoryStorage,
  createSampler,
  createStudy,
  none,
  qmc,
  random,
  type Sampler,
  type Storage,
  tpe,
} from "../index.ts";
import type { JsonObject } from "../json.ts";
import { float } from "../parameters/build-parameter.ts";
import type { StudyRecord } from "../storage/storage.ts";
import type { SearchOptions } from "./search-options.ts";

function memoryStorage(): Storage {
  return createMemoryStorage({ wallClockMs: () => 0, studyId: () => "study" });
}

/** Makes a study, or continues it; and leaves it. */
async function visit(storage: Storage, search: SearchOptions): Promise<StudyRecord> {
  const fidelity = { name: "epochs", min: 1, max: 9 };
  const study = await createStudy({ parameters: { x: float(0, 1) }, fidelity, seed: 1, ifExists: "resume", storage, ...search });
  await study.close();
  return (await storage.getStudy("study")) as StudyRecord;
}

// The same several times, first as it is stored.
const forms: readonly (readonly [
  string,
  "sampler" | "scheduler",
  readonly NonNullable<SearchOptions["sampler" | "scheduler"]>[],
])[] = [
  [
    "random",
    "sampler",
    [{ type: "random" }, "random", random(), { type: "random", withoutReplacement: false }, createSampler("random")],
  ],
  ["tpe", "sampler", [{ type: "tpe" }, "tpe", tpe(), { ...tpe().options, type: "tpe" }]],
  ["tpe with an option", "sampler", [{ type: "tpe", startupCount: 4 }, tpe({ startupCount: 4 })]],
  ["qmc with an option", "sampler", [{ type: "qmc", scramble: false }, qmc({ scramble: false })]],
  ["auto", "sampler", [{ type: "auto" }, "auto", createSampler("auto")]],
  ["asha", "scheduler", [{ type: "asha" }, "asha", asha(), { type: "asha", eta: 3 }, { type: "asha", brackets: 1, eta: 3 }]],
  ["asha with an option", "scheduler", [{ type: "asha", eta: 4 }, asha({ eta: 4 }), { type: "asha", eta: 4, brackets: 1 }]],
  ["none", "scheduler", [{ type: "none" }, "none", none()]],
];

describe("a sampler or scheduler that is given in different ways", () => {
  test.each(forms)("is stored as one: %s", async (_, part, [stored, ...others]) => {
    for (const given of [stored, ...others])
      expect((await visit(memoryStorage(), { [part]: given })).settings[part]).toEqual(stored);
  });

  test.each(forms)("is no change when the study is continued: %s", async (_, part, given) => {
    const storage = memoryStorage();
    const { seq } = await visit(storage, { [part]: given[0] });
    for (const form of given) expect(await visit(storage, { [part]: form })).toMatchObject({ revision: 1, seq });
  });

  test("is no change of a study that was stored with all options", async () => {
    const storage = memoryStorage();
    const record = await visit(storage, { parallel: 2 });
    const settings: JsonObject = {
      ...record.settings,
      sampler: { ...tpe().options, type: "tpe" },
      scheduler: { ...asha().options, type: "asha" },
    };
    const change = { problem: record.problem, settings, definition: null, silent: true, reason: "as it was" };
    const { seq } = await storage.reviseStudy("study", change);
    for (const search of [{}, { sampler: "tpe" }, { scheduler: asha() }, { sampler: tpe(), scheduler: "asha", parallel: 2 }])
      expect(await visit(storage, search)).toMatchObject({ revision: 1, seq, settings });
    // Another setting is a change, but none of the search.
    expect(await visit(storage, { sampler: "tpe", parallel: 3 })).toMatchObject({ revision: 1, settings: { parallel: 3 } });
    expect(await visit(storage, { sampler: tpe({ startupCount: 4 }) })).toMatchObject({ revision: 2 });
  });
});

test("a sampler that the program made itself keeps all its options", async () => {
  const storage = memoryStorage();
  const own: Sampler = { ...random(), type: "own", options: { withoutReplacement: false, depth: 0 } };
  const { seq, settings } = await visit(storage, { sampler: own });
  expect(settings.sampler).toEqual({ type: "own", withoutReplacement: false, depth: 0 });
  expect(await visit(storage, { sampler: own })).toMatchObject({ revision: 1, seq });
  expect(await visit(storage, { sampler: { ...own, options: { depth: 1 } } })).toMatchObject({ revision: 2 });
});

test.each<SearchOptions>([{ sampler: { type: "tpe", startupCount: Number.NaN } }, { sampler: {} }, { scheduler: "hurry" }])(
  "%j is refused as before",
  async (search) => {
    await expect(visit(memoryStorage(), search)).rejects.toMatchObject({ code: "invalid-input" });
  },
);
