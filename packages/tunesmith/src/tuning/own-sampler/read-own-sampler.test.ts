import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestStudy, testProblem } from "@tunesmith/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatFaults } from "../../study-file/format-faults.ts";
import { readStudyFile } from "../../study-file/read-study-file.ts";
import { trainingChecks } from "../training-checks.ts";
import { moduleSampler } from "./module-sampler.ts";
import type { ModuleSpec } from "./own-sampler-spec.ts";
import { readOwnSampler } from "./read-own-sampler.ts";

let folder: string;
// A process loads a module once, so every text gets a file of its own.
let fileCount = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tunesmith-read-own-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string, ending = "mjs"): string {
  fileCount += 1;
  const name = `s${fileCount}.${ending}`;
  writeFileSync(join(folder, name), text);
  return name;
}

function settingsOf(sampler: string) {
  const { definition, faults } = readStudyFile(study(sampler), "study.yaml", folder, trainingChecks);
  if (definition === undefined) throw new Error(formatFaults("study.yaml", faults));
  return definition.settings.sampler;
}

function faultOf(sampler: string): string {
  const { faults = [] } = readStudyFile(study(sampler), "study.yaml", folder, trainingChecks);
  return faults.map(({ line, column, path, message }) => `${line}:${column} ${path} | ${message}`).join("\n");
}

const study = (sampler: string): string => `sampler: ${sampler}
command: node train.mjs \${args}
objectives: [{ name: a, goal: minimize }, { name: b, goal: minimize }]
parameters: { x: { min: 0.0, max: 1.0 } }
`;
const working = "export const createSampler = (options) => ({ suggest: () => null, refuse: () => options.refusal ?? null });";

describe("what a study keeps", () => {
  test("of a module: its file, folder, content and options in camelCase", () => {
    const name = file(working);
    expect(settingsOf(`{ type: ./${name}, step_size: 0.5 }`)).toEqual({
      type: `./${name}`,
      folder,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      options: { stepSize: 0.5 },
    });
    expect(settingsOf(name)).toMatchObject({ type: name, options: {} });
  });

  test("of a command: the line, folder, content of its files, timeout, and options as they were written", () => {
    const name = file("");
    expect(settingsOf(`{ command: node ${name}, timeout: 1m30s, step_size: 0.5 }`)).toEqual({
      type: "command",
      command: `node ${name}`,
      folder,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      timeoutMs: 90_000,
      options: { step_size: 0.5 },
    });
    expect(settingsOf(`{ command: [node, ${name}] }`)).toMatchObject({ command: ["node", name], timeoutMs: 60_000, options: {} });
  });

  test("names of ours stay ours", () => {
    expect(readOwnSampler({ type: "tpe" }, folder)).toBeNull();
    expect(readOwnSampler({ type: "auto" }, folder)).toBeNull();
  });
});

describe("a wrong module is a fault where it was named", () => {
  test.each([
    [
      "export const x = ;",
      /^1:10 sampler \| "\.\/s\d+\.mjs" cannot be loaded: SyntaxError: Unexpected token ';' \(s\d+\.mjs:1\)$/,
    ],
    ["throw new Error('no licence');", /cannot be loaded: Error: no licence \(s\d+\.mjs:1\)$/],
    ["import './nowhere.mjs';", /cannot be loaded: Error: Cannot find module .*nowhere\.mjs/],
    ["await 1;", /cannot be loaded: it awaits outside of a function; allowed: inside$/],
    ["export default 1;", /has no function createSampler: it exports default; write export function createSampler\(options\)/],
    ["", /has no function createSampler: it exports nothing; write/],
    ["export const createSampler = 7;", /has no function createSampler: createSampler is 7; write/],
    [
      "export const createSampler = () => { throw new Error('stepSize is -1; allowed: above 0') };",
      /: createSampler threw Error: stepSize is -1; allowed: above 0 \(s\d+\.mjs:1\)$/,
    ],
    ["export const createSampler = async () => ({});", /createSampler gave a promise; allowed: a sampler at once$/],
    ["export const createSampler = () => 3;", /createSampler gave 3; allowed: an object with a function suggest$/],
    ["export const createSampler = () => ({});", /whose suggest is undefined; allowed: a function$/],
    [
      "export const createSampler = () => ({ suggest() {}, type: 'My Sampler' });",
      /gave "My Sampler" as type; allowed: a name such as my-sampler$/,
    ],
    [
      "export const createSampler = () => ({ suggest() {}, version: 0.5 });",
      /gave 0\.5 as version; allowed: a whole number from 1$/,
    ],
    ["export const createSampler = () => ({ suggest() {}, options: { f() {} } });", /gave options that are no JSON/],
    [
      "export const createSampler = () => ({ suggest() {}, refuse: ({ objectives }) => `knows one objective, not ${objectives.length}` });",
      /^1:10 sampler \| knows one objective, not 2$/,
    ],
  ])("%s", (text, message) => {
    expect(faultOf(`./${file(text)}`)).toMatch(message);
  });

  test("a folder is no module", () => {
    expect(faultOf("./")).toBe(`1:10 sampler | "./" is no file: ${folder}`);
  });

  test("CommonJS modules are modules too", () => {
    const name = file("module.exports.createSampler = () => ({ suggest: () => null });", "cjs");
    expect(faultOf(`./${name}`)).toBe("");
  });
});

describe("a module's sampler", () => {
  const made = (text: string, options = {}) =>
    moduleSampler(readOwnSampler({ type: `./${file(text)}`, ...options }, folder)?.spec as ModuleSpec);
  const asked = (text: string) => {
    const study = new TestStudy(testProblem({ parameters: { x: { type: "boolean" } } }));
    return made(text).suggest(study.problem, study.history, study.context());
  };

  test("has defaults for all but suggest", () => {
    const { type, version, options } = made(working, { k: 1 });
    expect({ type, version, options }).toEqual({ type: expect.stringMatching(/^s\d+$/), version: 1, options: { k: 1 } });
  });

  test("gets the options and the whole library", () => {
    const text =
      "export const createSampler = (o, { tpe }) => ({ ...tpe({ startupCount: o.startupCount }), type: 'wrapped', version: 3 });";
    expect(made(text, { startupCount: 5 })).toMatchObject({ type: "wrapped", version: 3, options: { startupCount: 5 } });
  });

  test("a reason without a code, or none, gets the sampler's type", () => {
    const text =
      "export const createSampler = () => ({ type: 'mine', suggest: () => ({ config: { x: true }, why: { k: 1 } }) });";
    expect(asked(text)).toEqual({ config: { x: true }, why: { code: "mine", k: 1 } });
  });

  test.each([
    ["undefined", /suggested undefined; allowed: \{ config, why, note \}, or null/],
    ["({ x: true })", /gave undefined as config; allowed: values by parameter name/],
    ["({ config: {}, note: { k: NaN } })", /gave a note that is no JSON: NaN/],
    ["missing()", /threw in suggest: ReferenceError: missing is not defined \(s\d+\.mjs:1\)/],
  ])("that suggests %s is refused", (expression, message) => {
    expect(() => asked(`export const createSampler = () => ({ suggest: () => ${expression} });`)).toThrow(message);
  });

  test("that answers later may fail later", async () => {
    const text = "export const createSampler = () => ({ suggest: async () => { throw new Error('gone') } });";
    await expect(asked(text)).rejects.toThrow(/s\d+\.mjs threw in suggest: Error: gone/);
  });
});
