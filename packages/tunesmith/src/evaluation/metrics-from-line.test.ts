import fc from "fast-check";
import { expect, test } from "vitest";
import { metricsFromLine } from "./metrics-from-line.ts";

const read = (line: string, ...wanted: string[]) => Object.fromEntries(metricsFromLine(line, new Set(wanted)));
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

test.each<[string, Record<string, number>]>([
  ["epoch=3 val_loss=0.31", { epoch: 3, val_loss: 0.31 }],
  ["val_loss: 0.31", { val_loss: 0.31 }],
  ["loss=0.35, accuracy=0.81", { loss: 0.35, accuracy: 0.81 }],
  ["loss=0.35,accuracy=0.81;f1=.5|auc=1", { loss: 0.35, accuracy: 0.81, f1: 0.5, auc: 1 }],
  ["val_loss = 1e-3", { val_loss: 0.001 }],
  ["loss:\t0.5\tacc:\t0.9", { loss: 0.5, acc: 0.9 }],
  [
    "train/loss=0.1 eval.acc: 0.9 my-metric=2 mAP@0.5: 0.4 3d_iou=0.7",
    { "train/loss": 0.1, "eval.acc": 0.9, "my-metric": 2, "mAP@0.5": 0.4, "3d_iou": 0.7 },
  ],
  ["acc=97.5% loss: 3%", { acc: 97.5, loss: 3 }],
  ["a=nan b=inf c=-inf d=NaN e=Infinity f=-INFINITY", { a: nan, b: inf, c: -inf, d: nan, e: inf, f: -inf }],
  ["step=1,000 loss=0.5", { step: 1000, loss: 0.5 }],
  ["The final loss is loss=0.5.", { loss: 0.5 }],
  ["验证损失：0.31 准确率＝97%", { 验证损失: 0.31, 准确率: 97 }],
  ["loss=1 loss=2", { loss: 2 }],
  ["....score=0.5", { score: 0.5 }],
])("pairs: %s", (line, expected) => expect(read(line)).toEqual(expected));

test.each<[string, Record<string, number>]>([
  ["Epoch 3/10", { Epoch: 3 }],
  ["Epoch [3/10], Step [1/600], Loss: 0.3", { Epoch: 3, Step: 1, Loss: 0.3 }],
  ["Epoch: [3][ 10/500]\tLoss 6.9", { Epoch: 3 }],
  ["epoch 007: 1", { epoch: 7 }],
  ["Epoch 00003: val_loss improved from 0.5 to 0.3", { Epoch: 3 }],
  ["step #12 done", { step: 12 }],
  ["Fold 2/5", { Fold: 2 }],
  ["Epoch 3:  50%|█████     | 5/10 [00:01<00:01, 4.9it/s, v_num=0, val_loss=0.31]", { Epoch: 3, v_num: 0, val_loss: 0.31 }],
  ["1500/1500 - 4s - 3ms/step - accuracy: 0.91 - loss: 0.31 - val_loss: 5e-1", { accuracy: 0.91, loss: 0.31, val_loss: 0.5 }],
  ["[10]\tvalidation_0-logloss:0.31", { iteration: 10, "validation_0-logloss": 0.31 }],
  ["[3]\ttrain-rmse:0.5+0.01\ttest-rmse:0.6+0.02", { iteration: 3, "train-rmse": 0.5, "test-rmse": 0.6 }],
  ["100:\tlearn: 0.12\ttotal: 1.21s", { iteration: 100, learn: 0.12 }],
  ["cost=0.5; runtime=0.01; status=SUCCESS", { cost: 0.5, runtime: 0.01 }],
  ["INFO:root:loss: 0.5", { loss: 0.5 }],
  ["2026-03-01 12:30:15,123 - train - INFO - loss: 0.5", { loss: 0.5 }],
  ["train.py:42 loss=0.5", { loss: 0.5 }],
])("what tools print: %s", (line, expected) => expect(read(line)).toEqual(expected));

test.each<[string, Record<string, number>]>([
  ['{"step": 3, "val_loss": 0.31, "tag": "a", "ok": true, "none": null, "list": [1]}', { step: 3, val_loss: 0.31 }],
  ['{"step":3,"fold":0,"metrics":{"val_loss":0.31}}', { step: 3, fold: 0, val_loss: 0.31 }],
  ['{"train":{"loss":0.5},"val":{"loss":"0.4"}}', { "train.loss": 0.5, "val.loss": 0.4 }],
  ['{"loss": NaN, "a": -Infinity, "text": "NaN and \\" Infinity"}', { loss: nan, a: -inf }],
  ['{"loss": 1e400, "val loss": 2}', { loss: inf, "val loss": 2 }],
  ['[tune-metric]: {"epoch": 1, "loss": 0.3}', { epoch: 1, loss: 0.3 }],
  ['epoch=2 {"loss": 0.3}', { epoch: 2, loss: 0.3 }],
  ["{'loss': '0.31', 'epoch': 1.0}", { loss: 0.31, epoch: 1 }],
  ["INFO:root:{'train': {'loss': 0.5}, 'val': {'loss': nan}}", { "train.loss": 0.5, "val.loss": nan }],
  ["{'loss': np.float64(0.31), 'acc': tensor(0.9, device='cuda:0'), 'd': Decimal('1.5')}", { loss: 0.31, acc: 0.9, d: 1.5 }],
  ["result {'a': None, 'b': True, 'c': 3}", { c: 3 }],
  ['{"broken": 1, "loss": 2', { broken: 1, loss: 2 }],
])("objects: %s", (line, expected) => expect(read(line)).toEqual(expected));

test.each([
  "12:30:15",
  "http://127.0.0.1:7860",
  "python train.py --lr=0.01 --val-loss=3",
  "loss=0,31",
  "time: 3.2s",
  "latency=12ms",
  "a==3",
  "a=>3",
  "a::3",
  "Accuracy: 9843/10000 (98%)",
  "device cuda:0",
  "worker.cc:17]",
  "localhost:8080",
  "version=1.2.3",
  "addr=0x10",
  "n=1_000",
  "loss=",
  "loss=abc",
  "=3",
  ": 3",
  "-=3",
  "loss 0.3",
  "ETA: 0:00:12",
  "assert x: 3/4",
  "",
  " ",
  "{}",
  "{{{{",
  "}}}}",
  "tensor(0.3)",
  "loss: tensor([0.3, 0.4])",
  "max: foo(3)",
])("nothing is read from: %s", (line) => expect(read(line)).toEqual({}));

test("names that are looked for may stand before a bare number, or be printed as words", () => {
  expect(read(" * Acc@1 12.31 Acc@5 29.87", "Acc@1")).toEqual({ "Acc@1": 12.31 });
  expect(read("step 250: train loss 2.5, val loss 2.6", "val_loss")).toEqual({ step: 250, val_loss: 2.6 });
  expect(read("train loss: 2.5, val loss: 2.6", "val_loss")).toEqual({ loss: 2.5, val_loss: 2.6 });
  expect(read("val, loss: 2.6", "val_loss")).toEqual({ loss: 2.6 });
  expect(read("accuracy 9843/10000", "accuracy")).toEqual({});
});

test("names longer than 200 characters are left out, also when joined", () => {
  const long = "n".repeat(201);
  expect(read(`${long}=1 ${long.slice(1)}=2`)).toEqual({ [long.slice(1)]: 2 });
  const half = "n".repeat(120);
  expect(read(`{'${half}': {'${half}': 1, 'x': 2}}`)).toEqual({ [`${half}.x`]: 2 });
  expect(read(`{"${half}": {"${half}": 1, "x": 2}}`)).toEqual({ [`${half}.x`]: 2 });
});

test("names like __proto__ are ordinary names", () => {
  expect([...metricsFromLine('{"__proto__": 1, "constructor": 2}')]).toEqual([
    ["__proto__", 1],
    ["constructor", 2],
  ]);
  expect([...metricsFromLine("__proto__=1 constructor=2")]).toEqual([
    ["__proto__", 1],
    ["constructor", 2],
  ]);
});

const name = fc
  .stringMatching(/^[a-z_][a-zA-Z0-9_/.-]{0,20}[a-z0-9]$/)
  .filter((text) => !/^(?:metrics|epoch|step)$|\.(?:py|[cm]?[jt]s|cc|cpp|cu|h|rs|go|jl|sh|java)$/.test(text));
const value = fc.double();
const printed = (number: number) =>
  Number.isNaN(number) ? "nan" : Number.isFinite(number) ? String(number) : number > 0 ? "inf" : "-inf";
const normal = (entries: Iterable<readonly [string, number]>) => new Map([...entries].map(([key, number]) => [key, number + 0]));

test("whatever numbers a program prints as pairs are read back exactly", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, value)),
      fc.constantFrom("=", ": ", " = ", ":"),
      fc.constantFrom(" ", ", ", "; ", " - ", "\t", " | "),
      (pairs, separator, between) => {
        expect(metricsFromLine(pairs.map(([key, number]) => key + separator + printed(number)).join(between))).toEqual(
          normal(pairs),
        );
      },
    ),
  );
});

test("an object printed as JSON and as a Python dict reads the same", () => {
  const nested = fc.uniqueArray(
    fc.tuple(name, fc.oneof(value, fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 }))),
    { selector: ([key]) => key },
  );
  fc.assert(
    fc.property(nested, (entries) => {
      const show = (quote: string, word: (number: number) => string) => {
        const pair = ([key, item]: readonly [string, number | readonly (readonly [string, number])[]]): string =>
          `${quote}${key}${quote}: ${typeof item === "number" ? word(item) : `{${item.map(pair).join(", ")}}`}`;
        return `{${entries.map(pair).join(", ")}}`;
      };
      expect(metricsFromLine(show('"', (number) => String(number)))).toEqual(metricsFromLine(show("'", printed)));
    }),
  );
});

test("no text throws, and all names are bounded", () => {
  const pieces = fc.constantFrom(
    "=",
    ":",
    "{",
    "}",
    "'",
    '"',
    "[",
    "]",
    "(",
    ")",
    "nan",
    "inf",
    "-",
    ".",
    "/",
    "@",
    "1",
    "0.5",
    "e",
    ",",
    " ",
    "\t",
    "loss",
    "epoch",
    "tensor(",
    "%",
    "\\",
    "é",
    "\ud800",
    "NaN",
    "Infinity",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: "binary" })), { maxLength: 60 }), (parts) => {
      for (const [key, number] of metricsFromLine(parts.join(""), new Set(["loss", "a_b"]))) {
        expect(key.length).toBeLessThanOrEqual(200);
        expect(typeof number).toBe("number");
      }
    }),
    { numRuns: 1_000 },
  );
});

/** The shortest of some runs, so that what else the machine does counts little. */
function shortestMs(run: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

test.each([
  ["one long name", "a"],
  ["names without values", "a "],
  ["separators", "="],
  ["pairs", "a=1 "],
  ["open braces", "{"],
  ["nested names", "{a:"],
  ["nested pairs", "{a: 1, b:"],
  ["one long number", "1"],
  ["number groups", "a=1,111"],
  ["blanks after a name", " "],
  ["quotes", "'"],
  ["escaped quotes", '\\"'],
  ["JSON with NaN and escapes", '{"\\"NaN'],
  ["dots", "."],
  ["wrappers", "a=tensor(tensor("],
  ["epochs", "epoch "],
  ["counts", "epoch [1/"],
  ["names of other scripts", "é"],
  ["nan words", "a=nan"],
  ["JSON lists", "["],
  ["closing braces", "{}"],
])("eight times the adversarial line costs about eight times as much, far from 64: %s", (_title, piece) => {
  const wanted = new Set(["a", "val_loss"]);
  const lineOf = (length: number) => `{a ${piece.repeat(Math.ceil(length / piece.length))}}`;
  const [short, long] = [lineOf(1 << 15), lineOf(1 << 18)];
  const run = (line: string) => shortestMs(() => metricsFromLine(line, wanted));
  run(short);
  // Half a millisecond is added to both so that very short times are not compared with the clock's grain.
  expect((run(long) + 0.5) / (run(short) + 0.5)).toBeLessThan(32);
});
