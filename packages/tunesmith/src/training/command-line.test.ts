import { TunesmithError } from "@tunesmith/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CommandOptions, commandFaults, compileCommand, type MacroValues } from "./command-line.ts";
import { formatValue } from "./format-value.ts";
import { shellName, shellVariables } from "./shell-variables.ts";

const options: CommandOptions = {
  shell: false,
  program: "train.py",
  parameterNames: ["lr", "layers", "fast", "slow", "optimizer", "momentum"],
  parameterArgs: { lr: "--learning-rate" },
  fidelity: { name: "epochs", unit: "steps", arg: null },
};

const values: MacroValues = {
  params: { slow: false, optimizer: "adam w", fast: true, layers: 2, lr: 1.2e-5 },
  trial: 4,
  seed: 42,
  fold: null,
  fidelity: 9,
  checkpoint: "/c/step-3",
  argsJsonFile: () => "/a/args.json",
  env: { DATA: "/my data" },
};

function expand(
  command: string | readonly string[],
  more: { options?: Partial<CommandOptions>; values?: Partial<MacroValues> } = {},
): string[] {
  return compileCommand(command, { ...options, ...more.options }).expand({ ...values, ...more.values });
}

describe("macros", () => {
  it("${args} is every active parameter, in the order they were declared", () => {
    expect(expand("x ${args} y")).toEqual([
      "x",
      "--learning-rate=0.000012",
      "--layers=2",
      "--fast=true",
      "--slow=false",
      "--optimizer=adam w",
      "y",
    ]);
  });

  it("the fidelity is among ${args} only if it has an argument of its own", () => {
    const fidelity = { name: "epochs", unit: "steps" as const, arg: "--epochs" };
    expect(expand("${args}", { options: { fidelity } }).at(-1)).toBe("--epochs=9");
    expect(expand("${args}", { options: { fidelity }, values: { fidelity: null } }).at(-1)).toBe("--optimizer=adam w");
  });

  it.each<[string, string[]]>([
    ["${args_no_hyphens}", ["learning-rate=0.000012", "layers=2", "fast=true", "slow=false", "optimizer=adam w"]],
    ["${args_no_boolean_flags}", ["--learning-rate=0.000012", "--layers=2", "--fast", "--optimizer=adam w"]],
    ["${args_json}", ['{"slow":false,"optimizer":"adam w","fast":true,"layers":2,"lr":0.000012}']],
    ["${args_json_file}", ["/a/args.json"]],
    ["${env} ${interpreter} ${program}", ["/usr/bin/env", "python3", "train.py"]],
    ["--d=${envvar:DATA}/x", ["--d=/my data/x"]],
    ["out-${trial}-${seed}.${lr} ${fidelity}", ["out-4-42.0.000012", "9"]],
    ["--from=${checkpoint}", ["--from=/c/step-3"]],
    ["$${lr} \\${lr} '$${args}'", ["${lr}", "${lr}", "${args}"]],
  ])("%s", (command, elements) => {
    expect(expand(`x ${command}`)).toEqual(["x", ...elements]);
  });

  it("an element with an empty macro is left out: no checkpoint, no fold, an inactive parameter", () => {
    expect(expand("x --c=${checkpoint} --f=${fold} --m=${momentum} y", { values: { checkpoint: null } })).toEqual(["x", "y"]);
  });

  it("a list of elements is taken as it is: nothing is split or unquoted", () => {
    expect(expand(["x y", "'a'", "&&", "${args_no_hyphens}"]).slice(0, 3)).toEqual(["x y", "'a'", "&&"]);
  });

  it("values are never read again: what looks like a macro, a quote or an operator stays in its element", () => {
    const hostile = "${lr} $(touch canary) `id` ; rm -rf / ' \" \\ \n -rf";
    expect(expand("x ${args} ${optimizer}", { values: { params: { optimizer: hostile } } })).toEqual([
      "x",
      `--optimizer=${hostile}`,
      hostile,
    ]);
  });

  it.each<[string, string]>([
    ["x ${learning_rate}", "${learning_rate} is unknown"],
    ["x ${HOME:-a}", "${HOME:-a} is unknown"],
    ["x ${envvar:}", "${envvar:} is unknown"],
    ["x --a=${args}", "must be an element of its own"],
    ["x ${args}y", "must be an element of its own"],
  ])("%s is a fault", (command, message) => {
    expect(commandFaults(command, options)[0]).toMatchObject({ path: "command", message: expect.stringContaining(message) });
    expect(() => compileCommand(command, options)).toThrow(TunesmithError);
  });

  it("${program} and ${fidelity} without one are faults", () => {
    expect(commandFaults("${program} ${fidelity}", { ...options, program: null, fidelity: null })).toHaveLength(2);
  });

  it("an unset ${envvar:…} is told when the command is to be filled in", () => {
    expect(() => expand("x ${envvar:NOT_SET}")).toThrow("NOT_SET is not set");
  });
});

describe("shell: true", () => {
  const shell = { ...options, shell: true };

  it("hands the text to a shell as it is", () => {
    expect(compileCommand("a | b > $HOME ${X:-1}", shell).expand(values)).toEqual(["/bin/sh", "-c", "a | b > $HOME ${X:-1}"]);
  });

  it.each(["a ${args}", "a ${lr}", "a ${envvar:HOME}", "a ${checkpoint}"])("%s is a fault: nothing is replaced", (command) => {
    expect(commandFaults(command, shell)[0].message).toContain("TUNESMITH_PARAM_LR");
  });

  it("two parameters with one variable are a fault", () => {
    expect(commandFaults("a", { ...shell, parameterNames: ["a-b", "a.b"] })[0].message).toContain("TUNESMITH_PARAM_A_B");
  });

  it("a list is a fault", () => {
    expect(commandFaults(["a"], shell)).toHaveLength(1);
  });

  it("names variables after parameters", () => {
    expect(shellName("lr.max-2é")).toBe("TUNESMITH_PARAM_LR_MAX_2_");
    expect(shellVariables({ lr: 0.1, on: true })).toEqual({ TUNESMITH_PARAM_LR: "0.1", TUNESMITH_PARAM_ON: "true" });
  });
});

describe("formatValue", () => {
  it("gives numbers that read back to the last bit", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(formatValue(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it.each([
    [1e-7, "1e-7"],
    [0.004118273, "0.004118273"],
    [-0, "0"],
    [1e21, "1e+21"],
    [2 ** 53 - 1, "9007199254740991"],
    [true, "true"],
    [null, "null"],
    ["", ""],
  ])("%s is %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});
