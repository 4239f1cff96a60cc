import { canonicalJson } from "../json.ts";
import type { Config } from "../parameters/parameter.ts";
import { compose } from "../policies/compose.ts";
import { createLattice } from "../samplers/lattice.ts";
import type { Sampler, Suggestion } from "../samplers/sampler.ts";
import { none } from "../schedulers/none.ts";
import { expectEqual, expectTrue } from "./contract-assertions.ts";
import { contractProblems, contractStudy, lossKinds } from "./sampler-problems.ts";
import { TestStudy, testProblem } from "./test-study.ts";

/** One promise of an interface, with the program that checks it. */
export interface SamplerContractCase {
  readonly name: string;
  /** @param makeSampler  A new instance at every call. Rejects if the promise is broken. */
  run(makeSampler: () => Sampler): Promise<void>;
}

/** What every sampler promises; a problem that a sampler refuses is passed over. */
export const samplerContract: readonly SamplerContractCase[] = [
  {
    name: "suggests what the space allows, whatever the history holds",
    async run(makeSampler) {
      for (const name of Object.keys(contractProblems)) {
        for (const kind of lossKinds)
          for (const count of [0, 1, 12, 60]) await checkSuggestion(makeSampler(), contractStudy(name, kind, count, count + 1));
      }
    },
  },
  {
    name: "answers the same question with the same answer",
    async run(makeSampler) {
      for (const name of Object.keys(contractProblems)) {
        const study = contractStudy(name, "plain", 40, 5);
        const sampler = makeSampler();
        if (sampler.refuse(study.problem) !== null) continue;
        const first = await ask(sampler, study);
        expectEqual(await ask(sampler, study), first, `${name}, asked again`);
        expectEqual(await ask(makeSampler(), study), first, `${name}, a fresh instance`);
        expectEqual(await ask(sampler, contractStudy(name, "plain", 40, 5)), first, `${name}, an equal study`);
      }
    },
  },
  {
    name: "answers from the history alone: a fresh instance continues like one that saw it grow",
    async run(makeSampler) {
      for (const name of Object.keys(contractProblems)) {
        const study = contractStudy(name, "plain", 6, 9);
        const warm = makeSampler();
        if (warm.refuse(study.problem) !== null) continue;
        for (let i = 0; i < 25; i++) {
          const suggestion = await ask(warm, study);
          expectEqual(await ask(makeSampler(), study.fork()), suggestion, `${name}, trial ${study.trialCount}`);
          if (suggestion === null) break;
          const trial = study.add(suggestion);
          const losses = study.problem.objectives.map((_, k) => Math.sin(i + k));
          if (i % 4 !== 3) study.finish(trial, { losses, durationMs: 4 ** (i % 7) });
        }
      }
    },
  },
  {
    name: "completes fixed values to a config that holds them",
    async run(makeSampler) {
      const policy = compose(makeSampler(), none());
      const study = contractStudy("conditional", "plain", 30, 2);
      if (policy.refuse(study.problem) !== null) return;
      const cases: readonly Config[] = [{ optimizer: "sgd" }, { layers: 3, width3: 8 }, { optimizer: "adam", layers: 1 }];
      for (const fixed of cases) {
        const intent = await policy.fill(study.problem, study.history, study.context(fixed));
        if (intent.kind !== "start") throw new Error(`fill gave ${intent.kind}; expected start`);
        for (const [name, value] of Object.entries(fixed)) expectEqual(intent.suggestion.config[name], value, name);
      }
    },
  },
  {
    name: "has a name, a version and options that JSON can carry",
    async run(makeSampler) {
      const { type, version, options } = makeSampler();
      expectTrue(/^[a-z][a-z0-9-]*$/.test(type), `a kebab-case name, found ${type}`);
      expectTrue(Number.isSafeInteger(version) && version >= 1, `a whole version from 1, found ${version}`);
      expectEqual(JSON.parse(canonicalJson(options)), options, "options");
    },
  },
];

/** Samplers that never repeat a config of a finite space before all have been tried promise this too. */
export const withoutRepetitionContract: readonly SamplerContractCase[] = [
  {
    name: "tries every config of a finite space once before it repeats one",
    async run(makeSampler) {
      for (const spec of [contractProblems.tiny, contractProblems.choices, conditionalGrid, constrainedGrid]) {
        const study = new TestStudy(testProblem({ ...spec, seed: 3 }));
        const { space } = study.problem;
        const lattice = createLattice(space, {});
        if (typeof lattice === "string") throw new Error(lattice);
        const all = Array.from({ length: lattice.size }, (_, i) => lattice.config(i)).filter((config) => space.satisfies(config));
        const seen = new Set<string>();
        const sampler = makeSampler();
        for (let i = 0; i < all.length; i++) {
          const suggestion = await ask(sampler, study);
          if (suggestion === null) throw new Error(`nothing left after ${i} of ${all.length} configs`);
          seen.add(space.key(suggestion.config));
          const trial = study.add(suggestion);
          study.finish(trial, i % 5 === 4 ? { state: "failed", losses: null } : { losses: [i % 3] });
        }
        expectEqual(seen.size, all.length, "different configs");
      }
    },
  },
];

const conditionalGrid = {
  parameters: {
    a: { type: "categorical", values: ["p", "q"] },
    b: { type: "int", min: 1, max: 3, log: false, when: { a: "p" } },
    c: { type: "boolean", when: "b >= 2" },
  },
} as const;

const constrainedGrid = {
  parameters: { i: { type: "int", min: 1, max: 6, log: false }, j: { type: "int", min: 1, max: 6, log: false } },
  parameterConstraints: ["i * j <= 8"],
} as const;

async function ask(sampler: Sampler, study: TestStudy): Promise<Suggestion | null> {
  return sampler.suggest(study.problem, study.history, study.context());
}

async function checkSuggestion(sampler: Sampler, study: TestStudy): Promise<void> {
  if (sampler.refuse(study.problem) !== null) return;
  const suggestion = await ask(sampler, study);
  if (suggestion === null) return;
  const { config, why, note = {} } = suggestion;
  expectEqual(study.problem.space.check(config), [], `faults of ${JSON.stringify(config)}`);
  expectEqual(JSON.parse(canonicalJson(why)), why, "why");
  expectTrue(why.code.length > 0, "a code in why");
  expectEqual(JSON.parse(canonicalJson(note)), note, "note");
  const limit = 16_384 + 32 * study.problem.space.dimensions.length;
  expectTrue(canonicalJson(note).length <= limit, `a note of at most ${limit} bytes`);
}
