import { helpMessages } from "@tunesmith/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createCommandLine } from "./command-line.ts";
import { textWidth } from "./terminal/text-width.ts";
import { usageFaultText } from "./usage-fault-text.ts";

const languages = ["en", "zh"] as const;

describe.each(languages)("the help in %s", (language) => {
  test("has words for every command, argument and option, and for nothing else", () => {
    const words = helpMessages(language);
    const program = createCommandLine(language, () => undefined);
    const described = [...program.commands, program].map((command) => ({
      name: command === program ? null : command.name(),
      about: command.description(),
      arguments: Object.fromEntries(command.registeredArguments.map((each) => [each.name(), each.description])),
      options: Object.fromEntries(command.options.map((each) => [each.long, each.description])),
    }));
    for (const each of described) {
      const own = each.name === null ? words.program : words.commands[each.name];
      const { "--help": _, ...options } = own.options ?? {};
      expect(each).toEqual({ name: each.name, about: own.about, arguments: own.arguments ?? {}, options });
      expect([each.about, ...Object.values(each.arguments), ...Object.values(each.options)]).not.toContain("");
    }
    expect(Object.keys(words.commands).sort()).toEqual([...program.commands.map((each) => each.name()), "help"].sort());
  });

  test("fits 80 columns", () => {
    const program = createCommandLine(language, () => undefined);
    const texts = [program, ...program.commands].map((command) => command.helpInformation());
    expect(
      texts
        .join("\n")
        .split("\n")
        .filter((line) => textWidth(line) > 80),
    ).toEqual([]);
  });
});

test("in Chinese all headings, placeholders and defaults are Chinese", () => {
  const program = createCommandLine("zh", () => undefined);
  const init = program.commands.find((command) => command.name() === "init")?.helpInformation();
  expect(init?.split("\n").slice(0, 9)).toEqual([
    "用法： tunesmith init [选项] [file]",
    "",
    "回答几个问题，写出带注释的研究文件",
    "",
    "参数：",
    '  file                 研究文件（默认："study.yaml"）',
    "",
    "选项：",
    "  --yes                全部采用默认值，不询问",
  ]);
  expect(program.helpInformation()).toContain("命令：");
});

describe("a command line that cannot be followed", () => {
  afterEach(() => vi.restoreAllMocks());

  /** What is written to standard error. */
  async function said(language: "en" | "zh", args: readonly string[]): Promise<string> {
    let text = "";
    vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
    await createCommandLine(language, () => undefined)
      .parseAsync(args, { from: "user" })
      .catch(() => undefined);
    vi.restoreAllMocks();
    return text;
  }

  test.each([
    [["frob"], "unknown command 'frob'\n", "未知命令 'frob'\n"],
    [["trails"], "unknown command 'trails'\n(Did you mean trials?)\n", "未知命令 'trails'\n（是否指 trials？）\n"],
    [
      ["run", "--trails", "3"],
      "unknown option '--trails'\n(Did you mean --trials?)\n",
      "未知选项 '--trails'\n（是否指 --trials？）\n",
    ],
    [["enqueue"], "missing required argument 'study'\n", "缺少参数 study\n"],
    [["ls", "x"], "too many arguments for 'ls'. Expected 0 arguments but got 1.\n", "ls 的参数过多：最多 0 个，给出了 1 个\n"],
    [["trials", "--limit"], "option '--limit <n>' argument missing\n", "选项 --limit <n> 缺少值\n"],
    [
      ["trials", "--limit", "x"],
      "option '--limit <n>' argument 'x' is invalid. allowed: a whole number.\n",
      "选项 --limit <n> 的值 'x' 无效。允许：整数。\n",
    ],
    [
      ["show", "a", "b\u001b[2J"],
      "command-argument value 'b\\x1b[2J' is invalid for argument 'trial'. allowed: a whole number.\n",
      "参数 trial 的值 'b\\x1b[2J' 无效。允许：整数。\n",
    ],
  ])("%j is answered %s", async (args, english, chinese) => {
    expect([await said("en", args), await said("zh", args)]).toEqual([english, chinese]);
  });

  test("several near names are all named; a text that is not known stays as it is", () => {
    const text = "error: unknown option '--x'\n(Did you mean one of --a, --b?)\n";
    expect(usageFaultText(text, "en")).toBe("unknown option '--x'\n(Did you mean one of --a, --b?)");
    expect(usageFaultText(text, "zh")).toBe("未知选项 '--x'\n（是否指 --a、--b？）");
    expect(usageFaultText("error: something new\n", "zh")).toBe("something new");
  });
});
