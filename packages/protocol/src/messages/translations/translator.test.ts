import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { templatesOf } from "./template.ts";
import { translations } from "./translations.ts";
import { createTranslator, translatorOf } from "./translator.ts";

const { text, error } = createTranslator("zh");

describe("a text in Chinese", () => {
  test("keeps what users wrote, in the place where Chinese has it", () => {
    expect(text("there is no study digits")).toBe("没有名为 digits 的研究");
    expect(text("is 12, outside [1e-6, 1]")).toBe("12 超出 [1e-6, 1]");
    expect(text("12, outside [1e-6, 1]")).toBe("12 超出 [1e-6, 1]");
  });

  test("is put together of the texts it was put together of", () => {
    expect(text('is "sdg"; allowed: "adam", "sgd"; did you mean sgd?')).toBe('"sdg"；允许："adam", "sgd"；是否指 sgd？');
    expect(text('"tpee" is no sampler; did you mean tpe?; allowed: auto, tpe')).toBe(
      '"tpee" 不是采样器；是否指 tpe？；允许：auto, tpe',
    );
    const samplers = "auto, cma-es, gp, grid, manual, nsga2, nsga3, qmc, random, tpe";
    expect(text(`"tpee" is no sampler; did you mean tpe?; allowed: ${samplers}`)).toBe(
      `"tpee" 不是采样器；是否指 tpe？；允许：${samplers}`,
    );
    expect(text("expected a value, found the end")).toBe("此处应为值，但写的是结尾");
    expect(text("expected a value, found )")).toBe("此处应为值，但写的是 )");
    expect(text("study: lr: is 0; allowed: a number above 0")).toBe("study：lr：0；允许：大于 0 的数");
    expect(text('"a: b"; allowed: "c"')).toBe('"a: b"；允许："c"');
    expect(
      text("lr: q_normal has no ends: searched from -3 to 3, 3 sigma around mu; with q 1 ends at multiples of q: -3 to 3"),
    ).toBe("lr：q_normal 没有边界：从 -3 到 3 搜索，即 mu 两侧 3 个 sigma；以 q 1 为步长，两端取 q 的倍数：-3 到 3");
    expect(text("val_loss is NaN")).toBe("val_loss 为 NaN");
    expect(text("is 0; allowed: null or a whole number from 4 to 100")).toBe("0；允许：null 或 4 到 100 的整数");
    expect(text("evaluate: exit code 137 (not by Tunesmith; often the system, short of memory), Killed")).toBe(
      "evaluate：退出码 137（不是 Tunesmith；常常是系统内存不足），Killed",
    );
    expect(text("no val_loss in 214 lines; seen: loss, acc and 3 more")).toBe(
      "214 行输出中没有 val_loss；看到了：loss, acc 等（另有 3 个）",
    );
  });

  test("shows the words of a training as they are, whatever they look like", () => {
    expect(text("exit code 1, there is no study digits")).toBe("退出码 1，there is no study digits");
    expect(text("exit code 1, KeyError: {line} {code#} $& $1")).toBe("退出码 1，KeyError: {line} {code#} $& $1");
    expect(text("ModuleNotFoundError: No module named 'torch'")).toBe("ModuleNotFoundError: No module named 'torch'");
    expect(text("the loss is large; it must be small")).toBe("the loss is large; it must be small");
  });

  test("holds every fault of an error, whatever separators stand in them", () => {
    const faults = [
      { path: "lr", message: 'is "a; b: c"; allowed: a number in [0, 1]' },
      { path: "", message: "lr + momentum <= 1 does not hold with lr = 2" },
      { path: "frob", message: "something that nobody has put into Chinese" },
    ];
    const list =
      'lr："a; b: c"；允许：[0, 1] 内的数；lr = 2 不满足 lr + momentum <= 1；frob：something that nobody has put into Chinese';
    const joined = (joint: string): string =>
      faults.map(({ path, message }) => (path === "" ? message : path + joint + message)).join("; ");
    expect(error({ message: `ask: ${joined(": ")}`, faults })).toBe(`ask：${list}`);
    expect(error({ message: `sampler mine suggested a config that is not allowed: ${joined(" ")}`, faults })).toBe(
      `采样器 mine 建议了不允许的配置：${list}`,
    );
    expect(error({ message: joined(": "), faults })).toBe(list);
    expect(error({ message: "there is no study digits", faults })).toBe("没有名为 digits 的研究");
  });

  test("is English in English", () => {
    const english = createTranslator("en");
    expect(english.text("there is no study digits")).toBe("there is no study digits");
    expect(english.error({ message: "lr: is 2", faults: [{ path: "lr", message: "is 2" }] })).toBe("lr: is 2");
  });

  test("of a text that is made to fit in many ways is that text", () => {
    const hostile = [
      "a: ".repeat(1_300),
      "a, ".repeat(1_300),
      "a; ".repeat(1_300),
      `is ${"1, ".repeat(600)}; allowed: ${"; allowed: ".repeat(150)}`,
    ];
    for (const each of hostile) expect(text(each).length).toBeLessThanOrEqual(each.length);
    expect(text(`there is no study ${"x".repeat(5_000)}`)).toBe(`there is no study ${"x".repeat(5_000)}`);
  });

  test("never fails and loses nothing of a slot, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60, unit: "binary-ascii" }), (name) => {
        expect(text(`there is no study ${name}`)).toBe(`没有名为 ${name} 的研究`);
      }),
    );
  });
});

describe("the translations", () => {
  test("say in Chinese what they say in English: the same slots, and Chinese characters", () => {
    for (const translation of translations) {
      const [template] = templatesOf(translation);
      const slots = template.chinese.flatMap((part) => ("slot" in part ? part.slot : []));
      expect([translation[0], [...slots].sort()]).toEqual([translation[0], template.slots.map(({ name }) => name).sort()]);
    }
    const withoutHan = translations.filter(([, chinese]) => !/[\p{sc=Han}（）：；，、]/u.test(chinese));
    expect(withoutHan).toEqual([]);
  });

  test("are each there once", () => {
    const all = translations.map(([english]) => english.replace(/\{\w+/g, "{"));
    expect(all.filter((english, i) => all.indexOf(english) !== i)).toEqual([]);
  });

  test("are compared longest first, and tell which was used", () => {
    const used: string[] = [];
    const translator = translatorOf(
      [
        ["{a}, {b}", "{b}{a}"],
        ["{a}, or {b}", "{a}或{b}"],
      ],
      ([english]) => used.push(english),
    );
    expect([translator.text("x, or y"), translator.text("x, y")]).toEqual(["x或y", "yx"]);
    expect(used).toEqual(["{a}, or {b}", "{a}, {b}"]);
  });
});
