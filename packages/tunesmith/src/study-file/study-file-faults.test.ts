import { describe, expect, test } from "vitest";
import { trainingChecks } from "../tuning/training-checks.ts";
import { readStudyFile } from "./read-study-file.ts";

/** `line:column path | message` of every fault. */
function faultsOf(content: string | Uint8Array): string[] {
  const { faults = [] } = readStudyFile(content, "study.yaml", "/project", trainingChecks);
  return faults.map(({ line, column, path, message }) => `${line}:${column} ${path} | ${message}`);
}

/** A whole study around some lines, which begin at line 4. */
const around = (lines: string): string => `command: python train.py \${args}
objective: { name: loss, goal: minimize }
${lines.startsWith("parameters:") ? "" : "parameters: { x: { min: 0.0, max: 1.0 } }"}
${lines}
`;
const withCommand = (command: string): string => `${command}
objective: { name: loss, goal: minimize }
parameters: { x: { min: 0.0, max: 1.0 } }
`;
const withObjective = (objective: string): string => `${objective}
command: python train.py \${args}
parameters: { x: { min: 0.0, max: 1.0 } }
`;
/** A study whose only parameter `x` is given, in line 5, from column 6 on. */
const withX = (x: string): string => around(`parameters:\n  x: ${x}`);

const tooBig = `x: ${"a".repeat(1 << 20)}`;

describe("every fault at its place", () => {
  test.each<[string, string | Uint8Array, ...string[]]>([
    // The file itself.
    ["more than 1 MiB", tooBig, "1:1  | the file has 1048579 bytes; allowed: at most 1 MiB (1048576 bytes)"],
    ["10 MB", "a: 1\n".repeat(2_000_000), "1:1  | the file has 10000000 bytes; allowed: at most 1 MiB (1048576 bytes)"],
    ["UTF-16 with a mark", Buffer.from("\ufeffname: x", "utf16le"), "1:1  | the file is UTF-16; save it as UTF-8"],
    [
      "UTF-16 without a mark",
      Buffer.from("name: x", "utf16le"),
      "1:2  | a NUL character: this is no text, or UTF-16; save it as UTF-8",
    ],
    ["Latin-1", Buffer.from("a: 1\nname: caf\xe9", "latin1"), "2:10  | this is not valid UTF-8; save the file as UTF-8"],
    ["a NUL", "name: a\n  \0", "2:3  | a NUL character: this is no text, or UTF-16; save it as UTF-8"],
    ["a mark in the middle", "name: a\n\ufeffb: 1", "2:1  | a byte order mark in the middle of the file; remove it"],
    ["nothing", "", "1:1  | the file is empty"],
    ["a list", "- a\n- b\n", "1:1  | a list of 2; allowed: keys such as $schema, name, command, program, shell, workdir"],
    ["a lone value", "42", "1:1  | 42; allowed: keys such as $schema, name, command, program, shell, workdir"],
    [
      "trailing garbage",
      `${withX("{ value: 1 }")}---\na: 1\n`,
      "6:1  | a second document begins here; allowed: one study in a file",
    ],
    ["a tab", around("budget:\n\ttrials: 3"), "5:1  | a tab indents this line; YAML allows only spaces there"],
    [
      "no closing bracket",
      withX("{ values: [a, b }"),
      "5:22  | no valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]",
      "5:23  | no valid YAML: flow map in block collection must be sufficiently indented and end with a }",
    ],
    [
      "a duplicate parameter",
      around("parameters:\n  x: { value: 1 }\n  x: { value: 2 }"),
      "6:3 parameters.x | stands twice; keep one",
    ],
    [
      "only a name",
      "name: x\n",
      "1:1 parameters | missing; give what may vary, such as lr: { min: 1e-5, max: 1e-1, log: true }",
      "1:1 objective | missing; give what to look for, such as { name: val_loss, goal: minimize }",
      "1:1 command | missing; give the command that trains, such as python train.py ${args}",
    ],
    // Keys.
    ["an unknown key", around("paramters: {}"), "4:1 paramters | unknown; did you mean parameters?"],
    ["an unknown key far from all", around("foo_bar_baz: 1"), "4:1 foo_bar_baz | unknown; docs/study-file.md lists the keys"],
    ["an unknown key in a group", around("budget: { trails: 3 }"), "4:11 budget.trails | unknown; did you mean trials?"],
    [
      "an unknown key in a parameter",
      withX("{ min: 0.0, max: 1.0, sclae: log }"),
      "5:28 parameters.x.sclae | unknown; docs/study-file.md lists the keys",
    ],
    ["a key with control characters", around('"na\\u001bme": 1'), "4:1 na\ufffdme | unknown; did you mean name?"],
    [
      "a value where keys belong",
      around("budget: 100"),
      "4:9 budget | 100; allowed: keys such as trials, time, no_improvement, steps",
    ],
    ["nothing after a key", around("budget:"), "4:8 budget | empty; allowed: keys such as trials, time, no_improvement, steps"],
    // Names (21–28).
    ["a blank name", around('name: "  "'), '4:7 name | "  "; allowed: text that is not blank'],
    ["a huge name", around(`name: ${"n".repeat(100_000)}`), "4:7 name | 100000 characters; allowed: at most 200"],
    ["a name with a control character", around('name: "a\\u0007"'), "4:7 name | holds control characters; allowed: any others"],
    ["a name with blanks around it", around("name: ' a'"), '4:7 name | " a" begins or ends with a blank'],
    [
      "a parameter named like a macro",
      around("parameters:\n  args: { value: 1 }"),
      "5:9 parameters.args | ${args} means something else in a command; give the parameter another name",
    ],
    ["a parameter with an empty name", around('parameters:\n  "": { value: 1 }'), "5:7 parameters. | the name is empty"],
    [
      "a parameter name that reverses text",
      around('parameters:\n  "a\\u202eb": { value: 1 }'),
      "5:15 parameters.a\ufffdb | the name holds control characters or broken Unicode",
    ],
    [
      "names that look alike",
      around('parameters:\n  "\\u00e9": { value: 1 }\n  "e\\u0301": { value: 1 }'),
      '6:14 parameters.e\u0301 | another parameter is called "e\u0301" too',
    ],
    // Numbers (1–17).
    ["NaN for a number", withX("{ min: NaN, max: 1.0 }"), '5:13 parameters.x.min | "NaN"; allowed: a finite number'],
    [
      ".nan",
      withX("{ min: .nan, max: 1.0 }"),
      "5:13 parameters.x.min | .nan is no finite number; quote it if it is meant as text",
    ],
    [
      "infinity by size",
      withX("{ min: 0.0, max: 1e400 }"),
      "5:23 parameters.x.max | 1e400 is too large for a number; the largest is 1.79e308",
    ],
    ["null for a number", withX("{ min: null, max: 1.0 }"), "5:13 parameters.x.min | null; allowed: a finite number"],
    ["true for a number", withX("{ min: true, max: 1.0 }"), "5:13 parameters.x.min | true; allowed: a finite number"],
    ["a quoted number", withX('{ min: "0.5", max: 1.0 }'), '5:13 parameters.x.min | "0.5"; allowed: a finite number'],
    [
      "an inexact integer",
      withX("{ min: 0, max: 9007199254740993 }"),
      "5:21 parameters.x.max | 9007199254740993 is beyond 2^53 - 1, where whole numbers are no longer exact",
    ],
    [
      "1e21 as an integer",
      withX("{ type: int, min: 0, max: 1e21 }"),
      "5:32 parameters.x.max | 1e+21; allowed: a whole number between -(2^53 - 1) and 2^53 - 1",
    ],
    ["underscores in a number", withX("{ min: 1_000, max: 2.0 }"), '5:13 parameters.x.min | "1_000"; allowed: a finite number'],
    [
      "a leading zero",
      withX("{ min: 01, max: 2 }"),
      "5:13 parameters.x.min | 01 starts with 0, which some read as octal: write 1, or quote it if it is text",
    ],
    ["low above high", withX("{ min: 2.0, max: 1.0 }"), "5:13 parameters.x.min | 2, above max 1"],
    ["log from 0", withX("{ min: 0, max: 1.0, log: true }"), "5:13 parameters.x.min | 0 with log: the range must lie above 0"],
    [
      "a range wider than the doubles",
      withX("{ min: -1.7e308, max: 1.7e308 }"),
      "5:28 parameters.x.max | 1.7e+308: the range from -1.7e+308 is too wide",
    ],
    ["a negative step", withX("{ min: 0, max: 10, step: -1 }"), "5:31 parameters.x.step | -1; allowed: above 0"],
    [
      "a tiny step",
      withX("{ min: 0.0, max: 1.0, step: 1e-320 }"),
      "5:34 parameters.x.step | 1e-320, too small to tell values near 1 apart",
    ],
    [
      "a step that misses the end",
      withX("{ min: 0, max: 10, step: 3 }"),
      "5:21 parameters.x.max | 10, off the step 3 from 0; the nearest are 9 and 12",
    ],
    [
      "a fraction where the ends are whole",
      withX("{ min: 0, max: 1, default: 0.5 }"),
      "5:33 parameters.x.default | 0.5, off the step 1; the nearest are 0 and 1; x is searched in whole numbers because its ends are written without a point",
    ],
    ["a default outside", withX("{ min: 0.0, max: 1.0, default: 2.0 }"), "5:37 parameters.x.default | 2, outside [0, 1]"],
    // Choices and parameters as a whole (18, 19).
    [
      "too many choices",
      withX(`{ values: [${Array.from({ length: 10_001 }, (_, i) => i).join(",")}] }`),
      "5:16 parameters.x.values | holds 10001 choices; allowed: at most 10000",
    ],
    ["a choice twice", withX("{ values: [1, 1.0] }"), "5:20 parameters.x.values.1 | 1 stands twice"],
    [
      "a choice that is a list",
      withX("{ values: [a, [b]] }"),
      "5:20 parameters.x.values.1 | a list of 1; allowed: text, a finite number, true, false, null",
    ],
    ["no choice", withX("{ values: [] }"), "5:16 parameters.x.values | empty; allowed: at least one choice"],
    ["one choice without a list", withX("{ values: adam }"), '5:16 parameters.x.values | "adam"; allowed: a list of choices'],
    [
      "weights that do not fit",
      withX("{ values: [a, b], weights: [1] }"),
      "5:33 parameters.x.weights | a list of 1; allowed: a list of 2, one for each choice",
    ],
    [
      "an unknown type",
      withX("{ type: flaot, min: 0, max: 1 }"),
      '5:14 parameters.x.type | "flaot"; allowed: float, int, categorical, ordinal, boolean, constant; did you mean float?',
    ],
    ["a bare constant", withX("0.1"), "5:6 parameters.x | 0.1; for a constant write { value: … }"],
    ["a range as a flag", withX("1..4"), '5:6 parameters.x | "1..4"; for a range write { min: 1, max: 4 }'],
    [
      "a log range as a flag",
      withX("1e-5..0.1:log"),
      '5:6 parameters.x | "1e-5..0.1:log"; for a range write { min: 1e-5, max: 0.1, log: true }',
    ],
    ["bare choices", withX("[a, b]"), "5:6 parameters.x | a list of 2; for choices write { values: […] }"],
    [
      "nothing said",
      withX("{ default: 1 }"),
      "5:6 parameters.x | says what it may be by none of: min and max, values, value, type: boolean",
    ],
    ["a missing end", withX("{ min: 0.0 }"), "5:6 parameters.x.max | missing; allowed: a finite number"],
    [
      "keys of another type",
      withX("{ values: [a], min: 0 }"),
      "5:26 parameters.x.min | unknown; allowed: type, values, weights, default, when",
    ],
    ["no parameter", around("parameters: {}"), "4:13 parameters | holds no parameter"],
    [
      "parameters as a list",
      around("parameters: [x]"),
      "4:13 parameters | a list of 1; allowed: parameters by name, such as lr: { min: 1e-5, max: 1e-1, log: true }",
    ],
    [
      "an argument with a blank",
      withX("{ value: 1, arg: --a b }"),
      '5:23 parameters.x.arg | "--a b"; allowed: a word such as --epochs, without blanks and =',
    ],
    [
      "an argument twice",
      around("parameters:\n  a: { value: 1 }\n  b: { value: 1, arg: --a }"),
      "6:23 parameters.b.arg | --a is the argument of a already",
    ],
    // Conditions and constraints (65).
    [
      "a cycle",
      around("parameters:\n  a: { values: [1, 2], when: { b: 1 } }\n  b: { values: [1, 2], when: { a: 1 } }"),
      "5:30 parameters.a.when | depends on itself: a → b → a",
    ],
    [
      "a missing parent",
      withX("{ value: 1, when: { optmizer: sgd } }"),
      '5:24 parameters.x.when | names "optmizer", which is no parameter',
    ],
    [
      "an impossible condition",
      around("parameters:\n  o: { values: [adam] }\n  m: { value: 1, when: { o: sgd } }"),
      '6:29 parameters.m.when.o | "sgd"; allowed: "adam"',
    ],
    [
      "a constraint with an unknown name",
      around('parameter_constraints: ["y < 3"]'),
      '4:25 parameter_constraints.0 | names "y", which is no parameter',
    ],
    [
      "a broken outcome constraint",
      around('outcome_constraints: ["a < 3", "b <"]'),
      "4:32 outcome_constraints.1 | column 4: expected a value, found the end",
    ],
    // Commands (32).
    [
      "a pipe",
      withCommand("command: python train.py | tee log"),
      '1:10 command | "|" needs a shell; quote it if it belongs to an argument, or set shell: true',
    ],
    [
      "&&",
      withCommand("command: cd x && python train.py"),
      '1:10 command | "&&" needs a shell; quote it if it belongs to an argument, or set shell: true',
    ],
    [
      "a substitution",
      withCommand("command: python train.py $(touch canary)"),
      "1:10 command | $( needs a shell; quote it with ' if it belongs to an argument, or set shell: true",
    ],
    [
      "a macro in a shell",
      withCommand("shell: true\ncommand: python train.py ${args}"),
      "2:10 command | ${args} is not replaced with shell: true; parameters arrive in the environment, e.g. $TUNESMITH_PARAM_X",
    ],
    [
      "a part of an element that is a list",
      withCommand('command: [python, "--x=${args}"]'),
      "1:10 command | ${args} stands for several arguments: it must be an element of its own",
    ],
    ["an empty command", withCommand("command: []"), "1:10 command | is empty; give a command such as python train.py ${args}"],
    [
      "a command that is a group",
      withCommand("command: { a: 1 }"),
      "1:10 command | a group of keys; allowed: a line of text, or a list of arguments",
    ],
    [
      "an evaluation with a shell operator",
      around("evaluate: a; b"),
      '4:11 evaluate | ";" needs a shell; quote it if it belongs to an argument, or set shell: true',
    ],
    [
      "${fidelity} without one",
      around("evaluate: a ${fidelity}"),
      "4:11 evaluate | ${fidelity} is used, but the study declares no fidelity",
    ],
    ["~ as the folder", around("workdir: ~/x"), '4:10 workdir | "~/x": ~ is not expanded; write the folder out'],
    [
      "our own variables",
      around("env: { TUNESMITH_DIR: x }"),
      "4:8 env.TUNESMITH_DIR | variables that begin with TUNESMITH_ are set by the tuner",
    ],
    [
      "a variable with a blank",
      around('env: { "A B": x }'),
      "4:8 env.A B | no name of a variable; allowed: any characters but blanks, = and control characters",
    ],
    ["a variable without value", around("env: { A: }"), "4:11 env.A | empty; allowed: text or a number"],
    ["a truth value in words", around("shell: yes"), '4:8 shell | "yes"; allowed: true, false'],
    // Objectives.
    [
      "an unknown goal",
      withObjective("objective: { name: a, goal: min }"),
      '1:29 objective.goal | "min"; allowed: minimize, maximize',
    ],
    ["no goal", withObjective("objective: { name: a }"), "1:12 objective.goal | missing; give minimize or maximize"],
    [
      "only a name",
      withObjective("objective: val_loss"),
      '1:12 objective | "val_loss"; allowed: keys such as name, goal, stop_at, take, step',
    ],
    [
      "an objective twice",
      withObjective("objectives: [{ name: a, goal: minimize }, { name: a, goal: maximize }]"),
      "1:51 objectives.1.name | a stands twice",
    ],
    [
      "a wrong take",
      withObjective("objective: { name: a, goal: minimize, take: mean }"),
      '1:45 objective.take | "mean"; allowed: last, best, mean:3',
    ],
    ["objective and objectives", around("objectives: []"), "4:13 objectives | given besides objective; keep one of the two"],
    // Search and budget (20).
    [
      "a misspelled sampler",
      around("sampler: tpee"),
      '4:10 sampler | "tpee" is no sampler; did you mean tpe?; allowed: auto, cma-es, gp, grid, manual, nsga2, nsga3, qmc, random, tpe',
    ],
    [
      "an own sampler that is not there",
      around("sampler: ./mine.mjs"),
      '4:10 sampler | "./mine.mjs" is not there: no file /project/mine.mjs',
    ],
    [
      "an own sampler with options that is not there",
      around("sampler: { step: 1, type: ./mine.mjs }"),
      '4:10 sampler | "./mine.mjs" is not there: no file /project/mine.mjs',
    ],
    [
      "an own scheduler",
      around("scheduler: ./mine.mjs"),
      '4:12 scheduler | "./mine.mjs" is a file; allowed: a scheduler that comes with Tunesmith',
    ],
    [
      "a sampler's command that is not there",
      around("sampler: { command: no-such-program x }"),
      "4:21 sampler.command | cannot find the program no-such-program",
    ],
    [
      "a sampler's script that is not there",
      around("sampler: { command: node ./mine.mjs }"),
      "4:21 sampler.command | there is no file ./mine.mjs in /project",
    ],
    [
      "a sampler's command that needs a shell",
      around("sampler: { command: node a.mjs | tee x }"),
      '4:21 sampler.command | "|" needs a shell; quote it if it belongs to an argument, or start one: sh -c "…"',
    ],
    [
      "a macro in a sampler's command",
      around("sampler: { command: [node, '${args}'] }"),
      "4:21 sampler.command | ${args}: a sampler's command has no macros; everything reaches it on standard input",
    ],
    [
      "a sampler's timeout without a unit",
      around("sampler: { command: node, timeout: 30 }"),
      '4:36 sampler.timeout | "30" has no unit: write 30s, 30m or 30h',
    ],
    [
      "a sampler with type and command",
      around("sampler: { command: node, type: tpe }"),
      "4:10 sampler | names a type and a command; keep one of the two",
    ],
    [
      "an option out of range",
      around("sampler: { type: tpe, startup_count: 0 }"),
      "4:38 sampler.startup_count | 0; allowed: a whole number from 1",
    ],
    [
      "an unknown option",
      around("sampler: { type: grid, point: 3 }"),
      '4:31 sampler.point | "point" is no option of grid; did you mean points?; allowed: points, shuffle',
    ],
    [
      "a sampler without type",
      around("sampler: { points: 3 }"),
      "4:10 sampler | names no type; write { type: … } with a sampler's name",
    ],
    [
      "a grid of continuous parameters",
      around("sampler: grid"),
      "4:10 sampler | grid: x is continuous: give it a step, or say how many points to take of it",
    ],
    [
      "a population to confirm",
      around("fidelity: { name: epochs, min: 1, max: 9 }\nscheduler: { type: pbt, interval: 3 }\nconfirm: { top: 3 }"),
      "6:10 confirm | repeats one config from the start, but pbt finds a schedule of values; leave confirm out",
    ],
    [
      "a population among rules",
      around("fidelity: { name: epochs, min: 1, max: 9 }\nscheduler: [median, pbt]"),
      "5:12 scheduler | pbt drives the whole study; allowed: schedulers that only say how long trials train",
    ],
    [
      "a scheduler without fidelity",
      around("scheduler: asha"),
      "4:12 scheduler | asha stops trials early and needs a fidelity to measure how far they are",
    ],
    ["a duration without unit", around("budget: { time: 30 }"), '4:17 budget.time | "30" has no unit: write 30s, 30m or 30h'],
    ["a duration of nothing", around("budget: { time: 0s }"), '4:17 budget.time | "0s" is outside [1ms, 3650d]'],
    [
      "a negative duration",
      around("limits: { trial_time: -5m }"),
      '4:23 limits.trial_time | "-5m" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m',
    ],
    [
      "a duration beyond all studies",
      around("limits: { trial_time: 1000000000000ms }"),
      '4:23 limits.trial_time | "1000000000000ms" is outside [1ms, 3650d]',
    ],
    [
      "an endless duration",
      around("limits: { trial_time: Infinity }"),
      '4:23 limits.trial_time | "Infinity" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m',
    ],
    [
      "hours as in YAML 1.1",
      around("budget: { time: 1:30:00 }"),
      '4:17 budget.time | "1:30:00" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m',
    ],
    [
      "a size without unit",
      around("limits: { trial_memory: 512 }"),
      '4:25 limits.trial_memory | "512" has no unit: write 512MB, 512GB or 512GiB',
    ],
    [
      "an ambiguous size",
      around("limits: { trial_memory: 8G }"),
      '4:25 limits.trial_memory | "8G" has the unknown unit G; allowed: B, kB, KB, MB, GB, TB, KiB, MiB, GiB, TiB',
    ],
    ["no trials", around("budget: { trials: 0 }"), "4:19 budget.trials | 0; allowed: a whole number from 1 to 1000000000"],
    ["half a trial", around("budget: { trials: 1.5 }"), "4:19 budget.trials | 1.5; allowed: a whole number from 1 to 1000000000"],
    [
      "a word for parallel",
      around("parallel: maybe"),
      '4:11 parallel | "maybe"; allowed: auto, or a whole number from 1 to 10000',
    ],
    ["no slots", around("parallel: 0"), "4:11 parallel | 0; allowed: a whole number from 1 to 10000"],
    ["a negative seed", around("seed: -1"), "4:7 seed | -1; allowed: a whole number from 0 to 9007199254740991"],
    ["a fidelity upside down", around("fidelity: { name: e, min: 5, max: 2 }"), "4:27 fidelity.min | 5 lies above max 2"],
    [
      "half a step",
      around("fidelity: { name: e, min: 0.5, max: 2 }"),
      "4:27 fidelity.min | 0.5; allowed: a positive whole number",
    ],
    ["a fidelity without end", around("fidelity: { name: e, min: 1 }"), "4:11 fidelity.max | missing; give the longest training"],
    ["repeats and folds", around("repeats: 3\nfolds: 5"), "5:8 folds | given besides repeats; keep one of the two"],
    ["one fold", around("folds: 1"), "4:8 folds | 1; allowed: a whole number from 2 to 1000"],
    [
      "a wrong rule for checkpoints",
      around("keep: { checkpoints: last }"),
      '4:22 keep.checkpoints | "last"; allowed: all, none, best, last2, best+last2',
    ],
    ["enqueue out of range", around("enqueue:\n  - { x: 0.5 }\n  - { x: 5 }"), "6:10 enqueue.1.x | 5, outside [0, 1]"],
    ["enqueue of an unknown name", around("enqueue: [{ y: 1 }]"), "4:16 enqueue.0.y | unknown"],
    [
      "enqueue of no config",
      around("enqueue: [3]"),
      "4:11 enqueue.0 | 3; allowed: parameter values by name, such as { lr: 0.001 }",
    ],
  ])("%s", (_, content, ...faults) => {
    expect(faultsOf(content)).toEqual(faults);
  });
});
