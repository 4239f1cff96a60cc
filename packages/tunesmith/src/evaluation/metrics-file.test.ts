import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { csvDelimiterOf, splitCsvRow } from "./csv-row.ts";
import type { MetricRecord } from "./metric-record.ts";
import { createMetricRecordParser } from "./metric-record-parser.ts";
import { createMetricsFileReader, type MetricsFileOptions } from "./metrics-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tunesmith-metrics-"));
  path = join(folder, "metrics.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

function following(options: Partial<MetricsFileOptions> = {}) {
  const records: MetricRecord[] = [];
  const reader = createMetricsFileReader({ path, ...options, onRecord: (record) => records.push(record) });
  return { reader, records };
}

const record = (step: number | undefined, metrics: Record<string, number>, fold?: number): MetricRecord => ({
  ...(step === undefined ? {} : { step }),
  ...(fold === undefined ? {} : { fold }),
  metrics: new Map(Object.entries(metrics)),
});

test("a file that is not there holds nothing, and is read once it is", async () => {
  const { reader, records } = following();
  await reader.read();
  writeFileSync(path, '{"step":1,"val_loss":0.5}\n');
  await reader.read();
  expect(records).toEqual([record(1, { val_loss: 0.5 })]);
});

test("only what is new is read, and a torn last line waits for its rest", async () => {
  const { reader, records } = following();
  writeFileSync(path, '{"step":1,"val_loss":0.5}\n{"step":2,"val_');
  await reader.read();
  await reader.read();
  expect(records).toEqual([record(1, { val_loss: 0.5 })]);
  appendFileSync(path, 'loss":0.4}');
  await reader.read();
  expect(records.length).toBe(1);
  appendFileSync(path, '\n{"step":3,"val_loss":0.3}\n');
  await reader.read();
  expect(records.slice(1)).toEqual([record(2, { val_loss: 0.4 }), record(3, { val_loss: 0.3 })]);
  expect(reader.badLineCount).toBe(0);
});

test("the client's form has step, fold and metrics", async () => {
  const { reader, records } = following();
  writeFileSync(path, '{"step":3,"fold":0,"metrics":{"val_loss":0.3,"acc":"0.9"}}\n{"step":"4","metrics":{"val_loss":"NaN"}}\n');
  await reader.read();
  expect(records).toEqual([record(3, { val_loss: 0.3, acc: 0.9 }, 0), record(4, { val_loss: Number.NaN })]);
});

test("flat objects take their step from the step's key", async () => {
  const { reader, records } = following({ stepName: "epoch" });
  writeFileSync(path, '{"epoch":3,"fold":1,"step":900,"val_loss":0.3,"name":"run"}\n{"val_loss":0.2}\n');
  await reader.read();
  expect(records).toEqual([record(3, { step: 900, val_loss: 0.3 }, 1), record(undefined, { val_loss: 0.2 })]);
});

test("non-finite values are read as strings and as the bare words other languages write", async () => {
  const { reader, records } = following();
  writeFileSync(path, '{"step":1,"a":"NaN","b":"-Infinity","c":"Infinity"}\n{"step":2,"a":NaN,"b":-Infinity,"c":Infinity}\n');
  await reader.read();
  const metrics = { a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: Number.POSITIVE_INFINITY };
  expect(records).toEqual([record(1, metrics), record(2, metrics)]);
});

test("bad lines are counted and do not harm the others", async () => {
  const { reader, records } = following();
  writeFileSync(
    path,
    '{"step":1,"a":1}\nnot json\n[1]\n3\n"x"\n{"step":2,\n\n{}\n{"step":3,"a":1} {"step":4}\n{"step":5,"a":2}\n',
  );
  await reader.read();
  expect(records).toEqual([record(1, { a: 1 }), record(5, { a: 2 })]);
  expect(reader.badLineCount).toBe(6);
});

test("CSV has a header; empty cells are left out; rows of another length are bad", async () => {
  const { reader, records } = following({ stepName: "epoch" });
  writeFileSync(path, '\ufeffepoch,"val, loss",acc\r\n1,0.5,\r\n2,,0.9\r\n3,0.4\r\n4,nan,"0.8"\r\n');
  await reader.read();
  expect(records).toEqual([
    record(1, { "val, loss": 0.5 }),
    record(2, { acc: 0.9 }),
    record(4, { "val, loss": Number.NaN, acc: 0.8 }),
  ]);
  expect(reader.badLineCount).toBe(1);
});

test("columns may be separated by semicolons or tabs, and the first may have no name", async () => {
  const { reader, records } = following();
  writeFileSync(path, "\tstep\tval_loss\n0\t1\t0.5\n");
  await reader.read();
  expect(records).toEqual([record(1, { val_loss: 0.5 })]);
  expect(["a;b", "a\tb,c", "a,b;c", "a"].map(csvDelimiterOf)).toEqual([";", "\t", ",", ","]);
});

test("a file that became shorter, or got another beginning, is read anew", async () => {
  const { reader, records } = following();
  writeFileSync(path, "step,loss\n1,0.5\n2,0.4\n");
  await reader.read();
  writeFileSync(path, "step,loss\n1,0.3\n");
  await reader.read();
  writeFileSync(path, "step,loss,val_loss\n1,0.3,0.6\n2,0.2,0.5\n3,0.1,0.4\n");
  await reader.read();
  expect(records.map(({ step, metrics }) => [step, ...metrics.values()])).toEqual([
    [1, 0.5],
    [2, 0.4],
    [1, 0.3],
    [1, 0.3, 0.6],
    [2, 0.2, 0.5],
    [3, 0.1, 0.4],
  ]);
});

test("a long file cut back to its first lines and written on is read anew", async () => {
  const { reader, records } = following();
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `{"step":${from + index},"a":1}\n`).join("");
  writeFileSync(path, lines(0, 100));
  await reader.read();
  writeFileSync(path, lines(0, 50));
  await reader.read();
  expect(records.map(({ step }) => step)).toEqual([...Array(100).keys(), ...Array(50).keys()]);
});

test("at the end a last line without its end counts if it is a whole JSON object", async () => {
  const { reader, records } = following();
  writeFileSync(path, '{"step":1,"a":1}\n{"step":2,"a":2}');
  await reader.close();
  expect(records).toEqual([record(1, { a: 1 }), record(2, { a: 2 })]);
});

test("at the end a torn JSON line and a torn CSV row are bad", async () => {
  const json = following();
  writeFileSync(path, '{"step":1,"a":1}\n{"step":2,"a":2');
  await json.reader.close();
  expect([json.records.length, json.reader.badLineCount]).toEqual([1, 1]);
  writeFileSync(path, "step,a\n1,1\n2,0.3");
  const csv = following();
  await csv.reader.close();
  expect([csv.records.length, csv.reader.badLineCount]).toEqual([1, 1]);
});

test("a line of more than 8 MiB is bad, and the next is read", async () => {
  const { reader, records } = following();
  writeFileSync(path, `{"step":1,"a":1,"pad":"${"x".repeat(9 * 1024 * 1024)}"}\n{"step":2,"a":2}\n`);
  await reader.read();
  expect(records).toEqual([record(2, { a: 2 })]);
  expect(reader.badLineCount).toBe(1);
});

test("overlapping calls read every line once", async () => {
  const { reader, records } = following();
  writeFileSync(path, Array.from({ length: 5_000 }, (_, step) => `{"step":${step},"a":1}\n`).join(""));
  await Promise.all([reader.read(), reader.read(), reader.close()]);
  expect(records.map(({ step }) => step)).toEqual(Array.from({ length: 5_000 }, (_, step) => step));
});

test("a folder holds nothing", async () => {
  mkdirSync(path);
  const { reader, records } = following();
  await reader.close();
  expect(records).toEqual([]);
});

test.skipIf(process.platform === "win32")(
  "a pipe in the file's place neither blocks nor is read (Windows has no named pipes in folders)",
  async () => {
    execFileSync("mkfifo", [path]);
    const { reader, records } = following();
    await reader.close();
    expect(records).toEqual([]);
  },
);

test("a file that may not be opened is the caller's to know", async () => {
  const { reader } = following({ path: join(folder, "x".repeat(300)) });
  await expect(reader.read()).rejects.toThrow("ENAMETOOLONG");
});

test("however the file grows, the records are those of the whole file", async () => {
  const line = fc.oneof(
    fc
      .record({
        step: fc.nat(),
        metrics: fc.dictionary(fc.stringMatching(/^[a-zé]{1,5}$/), fc.double({ noNaN: true, noDefaultInfinity: true })),
      })
      .map((value) => JSON.stringify(value)),
    fc.constantFrom("", "bad", "{}", '{"a":NaN}'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.array(fc.nat(300), { maxLength: 4 }), async (lines, cuts) => {
      const all = Buffer.from(`{"step":0,"a":1}\n${lines.map((text) => `${text}\n`).join("")}`);
      rmSync(path, { force: true });
      const { reader, records } = following();
      for (const edge of [...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length]) {
        writeFileSync(path, all.subarray(0, edge));
        await reader.read();
      }
      const parser = createMetricRecordParser({});
      const expected = all
        .toString("utf8")
        .split("\n")
        .map((text) => parser.parse(text))
        .filter((item) => item !== undefined);
      expect(records).toEqual(expected);
      expect(reader.badLineCount).toBe(parser.badLineCount);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["a,b,,c", ["a", "b", "", "c"]],
  ['"a,b","say ""hi""",c', ["a,b", 'say "hi"', "c"]],
  ["", [""]],
  [",", ["", ""]],
  ['"open', ["open"]],
  ['"a"b,c', ["ab", "c"]],
  ['a"b,c', ['a"b', "c"]],
])("the CSV row %s", (row, cells) => expect(splitCsvRow(row, ",")).toEqual(cells));

test("any cells, quoted, are read back", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (cells) => {
      expect(splitCsvRow(cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(";"), ";")).toEqual(cells);
    }),
  );
});
