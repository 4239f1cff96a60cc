// Hostile study files and values against the command itself: each must end with exit code 2 and a message, without a stack trace, and
// change nothing that is stored. Prints one line per case that does otherwise and ends with counts.
//   node scripts/check-hostile.mjs [--lang zh] [results.json]
// With `--lang zh` every message must moreover be Chinese, without a sentence left in English.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: flags, positionals } = parseArgs({
  options: { lang: { type: "string", default: "en" } },
  allowPositionals: true,
});
if (flags.lang !== "en" && flags.lang !== "zh") throw new Error(`--lang is ${JSON.stringify(flags.lang)}; allowed: en, zh`);

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const command = join(root, "packages", "tunesmith", "bin", "tunesmith.mjs");
const folder = mkdtempSync(join(tmpdir(), "tunesmith-hostile-"));
const home = join(folder, "home");

const base = {
  command: "node train.mjs ${args}",
  objective: { name: "loss", goal: "minimize" },
  parameters: { lr: { min: 0.1, max: 1.0 } },
  budget: { trials: 1 },
};
const withParameter = (parameter) => JSON.stringify({ ...base, parameters: { lr: parameter } });
const yaml = (parameters, rest = "") =>
  `command: node train.mjs \${args}\nobjective: { name: loss, goal: minimize }\nparameters:\n  ${parameters}\n${rest}`;
const deep = (open, close, count) => open.repeat(count) + close.repeat(count);

const files = {
  empty: "",
  "only spaces": "   \n\n",
  "a scalar": "42",
  "a list": "- a\n- b",
  "two documents": `${yaml("lr: { min: 0.1, max: 1.0 }")}---\na: 1\n`,
  "a tab for indentation": "command: x\nparameters:\n\tlr: 1\n",
  "duplicate keys": `${yaml("lr: { min: 0.1, max: 1.0 }")}command: other\n`,
  "billion laughs": `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e]\n`,
  "a JavaScript tag": 'command: !!js/function "function () { process.exit(0) }"\n',
  "nested a million deep": deep("[", "]", 500_000),
  "ten megabytes": `name: ${"x".repeat(10 * 2 ** 20)}`,
  "UTF-16": Buffer.from(`\ufeff${yaml("lr: { min: 0.1, max: 1.0 }")}`, "utf16le"),
  "invalid UTF-8": Buffer.concat([Buffer.from("name: "), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from("\n")]),
  "NUL byte": yaml("lr: { min: 0.1, max: 1.0 }", 'name: "a\\0b"\n'),
  "lone surrogate": `{"name": "\\ud800", ${JSON.stringify(base).slice(1)}`,
  "trailing garbage": `${JSON.stringify(base)} }}`,
  "unknown key": yaml("lr: { min: 0.1, max: 1.0 }", "paralell: 2\n"),
  "min above max": yaml("lr: { min: 2.0, max: 1.0 }"),
  "log from zero": yaml("lr: { min: 0, max: 1.0, log: true }"),
  "log below zero": yaml("lr: { min: -1.0, max: 1.0, log: true }"),
  "NaN bound": yaml("lr: { min: .nan, max: 1.0 }"),
  "infinite bound": yaml("lr: { min: 0.0, max: .inf }"),
  "overflowing bound": withParameter({ min: 0, max: "1e400" }),
  "bare 1e400": '{"command":"a ${args}","objective":{"name":"l","goal":"minimize"},"parameters":{"lr":{"min":0.1,"max":1e400}}}',
  "range wider than a double": yaml("lr: { type: float, min: -1.7e308, max: 1.7e308 }"),
  "null bound": withParameter({ min: null, max: 1 }),
  "boolean bound": withParameter({ min: true, max: 1 }),
  "text bound": withParameter({ min: "low", max: 1 }),
  "int beyond 2^53": yaml("n: { type: int, min: 0, max: 9007199254740993 }"),
  "int with a fraction": yaml("n: { type: int, min: 0.5, max: 3 }"),
  "zero step": yaml("n: { type: int, min: 0, max: 3, step: 0 }"),
  "tiny step": yaml("x: { type: float, min: 0.0, max: 1.0, step: 1e-320 }"),
  "step that misses the end": yaml("n: { type: int, min: 0, max: 10, step: 3 }"),
  "empty choices": yaml("o: { values: [] }"),
  "duplicate choices": yaml("o: { values: [a, a] }"),
  "object as choice": yaml("o: { values: [{ a: 1 }] }"),
  "NaN as choice": yaml("o: { values: [.nan, 1] }"),
  "default outside": yaml("lr: { min: 0.1, max: 1.0, default: 3.0 }"),
  "default of another type": yaml("o: { values: [a, b], default: 1 }"),
  "__proto__ as a parameter":
    '{"command":"a ${args}","objective":{"name":"l","goal":"minimize"},"parameters":{"__proto__":{"min":0.1,"max":1}}}',
  "constructor as a parameter":
    '{"command":"a ${args}","objective":{"name":"l","goal":"minimize"},"parameters":{"constructor":{"min":0.1,"max":1}}}',
  "a parameter named like a macro": yaml("seed: { min: 0.1, max: 1.0 }"),
  "an empty parameter name":
    '{"command":"a ${args}","objective":{"name":"l","goal":"minimize"},"parameters":{"":{"min":0.1,"max":1}}}',
  "a name of a megabyte": JSON.stringify({ ...base, name: "n".repeat(900_000) }),
  "a condition in a circle": yaml("a: { values: [x, y], when: { b: x } }\n  b: { values: [x, y], when: { a: x } }"),
  "a condition on nobody": yaml("a: { values: [x, y], when: { nobody: x } }"),
  "a condition on an impossible value": yaml("o: { values: [x, y] }\n  a: { min: 0.1, max: 1.0, when: { o: z } }"),
  "a constraint that is no expression": yaml("lr: { min: 0.1, max: 1.0 }", 'parameter_constraints: ["lr <"]\n'),
  "a constraint that calls out": yaml("lr: { min: 0.1, max: 1.0 }", 'parameter_constraints: ["process.exit(1)"]\n'),
  "shell operators": yaml("lr: { min: 0.1, max: 1.0 }").replace("${args}", "${args} && touch canary"),
  "command substitution": yaml("lr: { min: 0.1, max: 1.0 }").replace("${args}", "${args} $(touch canary)"),
  "an unknown macro": yaml("lr: { min: 0.1, max: 1.0 }").replace("${args}", "${argz}"),
  "no command": JSON.stringify({ objective: base.objective, parameters: base.parameters }),
  "an empty command": JSON.stringify({ ...base, command: "" }),
  "an open quote": JSON.stringify({ ...base, command: "node 'train.mjs" }),
  "no parameters": JSON.stringify({ command: "a", objective: base.objective }),
  "no objective": JSON.stringify({ command: "a ${args}", parameters: base.parameters }),
  "a wrong goal": JSON.stringify({ ...base, objective: { name: "loss", goal: "minimise" } }),
  "objective and metric": JSON.stringify({ ...base, metric: { name: "loss", goal: "minimize" } }),
  "a duration without unit": JSON.stringify({ ...base, budget: { time: "30" } }),
  "a negative budget": JSON.stringify({ ...base, budget: { trials: -1 } }),
  "no trials at all": JSON.stringify({ ...base, budget: { trials: 0 } }),
  "a fractional budget": JSON.stringify({ ...base, budget: { trials: 1.5 } }),
  "parallel of zero": JSON.stringify({ ...base, parallel: 0 }),
  "an unknown sampler": JSON.stringify({ ...base, sampler: "tpee" }),
  "an unknown sampler option": JSON.stringify({ ...base, sampler: { type: "tpe", gama: 1 } }),
  "asha without fidelity": JSON.stringify({ ...base, scheduler: "asha" }),
  "a fidelity upside down": JSON.stringify({ ...base, fidelity: { name: "epochs", min: 9, max: 3 } }),
  "repeats and folds": JSON.stringify({ ...base, repeats: 2, folds: 3 }),
  "a seed below zero": JSON.stringify({ ...base, seed: -1 }),
  "an enqueued value outside": JSON.stringify({ ...base, enqueue: [{ lr: 12 }] }),
  "an enqueued stranger": JSON.stringify({ ...base, enqueue: [{ lrr: 0.5 }] }),
  "a size without unit": JSON.stringify({ ...base, limits: { trial_memory: "many" } }),
  "a beta distribution":
    '{"program":"t.py","method":"random","metric":{"name":"l","goal":"minimize"},"parameters":{"x":{"distribution":"beta","a":1}}}',
};

const uses = {
  "enqueue outside the range": ["enqueue", "safe", "lr=12"],
  "enqueue NaN": ["enqueue", "safe", "lr=NaN"],
  "enqueue infinity": ["enqueue", "safe", "lr=1e400"],
  "enqueue hexadecimal": ["enqueue", "safe", "lr=0x10"],
  "enqueue a stranger": ["enqueue", "safe", "lrr=0.5"],
  "enqueue __proto__": ["enqueue", "safe", "__proto__=1"],
  "enqueue without value": ["enqueue", "safe", "lr"],
  "enqueue twice the same name": ["enqueue", "safe", "lr=0.2", "lr=0.3"],
  "a study that is not there": ["show", "../../etc/passwd"],
  "a trial that is not there": ["show", "safe", "999"],
  "a trial that is no number": ["show", "safe", "1e3"],
  "retry of nothing": ["retry", "safe", "77"],
  "stop of a finished trial's number as text": ["stop", "safe", "zero"],
  "an unknown state": ["trials", "safe", "--state", "winning"],
  "a limit of text": ["trials", "safe", "--limit", "many"],
  "an unknown option": ["ls", "--frobnicate"],
  "an unknown verb": ["sl"],
  "a clone onto a taken name": ["clone", "safe", "safe"],
  "a range of one end": ["run", "--param", "lr=1..", "--minimize", "l", "--", "a", "${args}"],
  "log from zero by flag": ["run", "--param", "lr=0..1:log", "--minimize", "l", "--", "a", "${args}"],
  "no goal by flag": ["run", "--param", "lr=0.1..1", "--", "a", "${args}"],
  "no command by flag": ["run", "--param", "lr=0.1..1", "--minimize", "l"],
  "both --continue and --new": ["run", "safe-changed.json", "--continue", "--new"],
  "a changed file without an answer": ["run", "safe-changed.json"],
};

const results = [];
try {
  mkdirSync(join(folder, "cases"));
  writeFileSync(join(folder, "train.mjs"), "console.log('loss=' + process.argv[2].slice(5));");
  writeFileSync(join(folder, "safe.json"), JSON.stringify({ ...base, name: "safe", seed: 1 }));
  writeFileSync(
    join(folder, "safe-changed.json"),
    JSON.stringify({ ...base, name: "safe", seed: 1, parameters: { lr: { min: 0.2, max: 1.0 } } }),
  );
  const made = await tunesmith(["run", "safe.json"]);
  if (made.code !== 0) throw new Error(`the honest study does not run: ${made.out}${made.err}`);
  const before = await stored();
  let number = 0;
  for (const [name, content] of Object.entries(files)) {
    const file = join("cases", `case-${number++}.yaml`);
    writeFileSync(join(folder, file), content);
    await judge(name, await tunesmith(["run", file]), before);
  }
  for (const [name, args] of Object.entries(uses)) await judge(name, await tunesmith(args), before);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const failed = results.filter(({ fault }) => fault !== null);
for (const { name, fault, said } of failed) console.log(`${name}: ${fault}\n   ${said.slice(0, 400).replaceAll("\n", "\n   ")}`);
if (positionals.length > 0) writeFileSync(positionals[0], `${JSON.stringify(results, null, 1)}\n`);
console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;

async function judge(name, { code, out, err }, before) {
  const said = err + out;
  const fault =
    code !== 2
      ? `exit code ${code}`
      : said.trim() === ""
        ? "no message"
        : /^\s+at .+:\d+:\d+/m.test(said)
          ? "a stack trace"
          : said.length > 20_000
            ? `${said.length} characters of message`
            : (await stored()) !== before
              ? "something stored has changed"
              : flags.lang === "zh"
                ? englishIn(said)
                : null;
  results.push({ name, code, fault, said: said.slice(0, 2_000) });
}

/** What a Chinese message owes to English: null if nothing. Commands to paste, examples and what was quoted from the file may be Latin. */
function englishIn(said) {
  if (!/\p{sc=Han}/u.test(said)) return "no Chinese";
  const own = said
    .replace(/"(?:[^"\\]|\\.)*"|`[^`]*`|\{[^{}]*\}/g, "")
    .replace(/tunesmith [\w .=/<>-]+|(?:python3?|node) [\w./-]+(?: \$)?/g, "");
  const sentence = /[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}/.exec(own);
  return sentence === null ? null : `English: ${sentence[0]}`;
}

/** Everything that is stored, as text. */
async function stored() {
  const studies = await tunesmith(["--json", "ls"]);
  const study = await tunesmith(["export", "safe", "--json"]);
  const wall = /"(?:lastAt|activeMs)":[\d.]+/g;
  return studies.out.replace(wall, "") + study.out.replace(wall, "");
}

function tunesmith(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [command, "--home", home, ...args], {
      cwd: folder,
      env: { ...process.env, TUNESMITH_LANG: flags.lang },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.on("close", (code) => resolve({ code, out, err }));
  });
}
