import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOutputLog } from "./output-log.ts";
import { readLog } from "./read-log.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tunesmith-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const final = (text: string) => ({ text, redrawn: false });
const redrawn = (text: string) => ({ text, redrawn: true });
const bytesOnDisk = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

test("both streams go to one file in order, and are told apart when read", async () => {
  const log = createOutputLog({ folder });
  log.write(final("starting"), "stdout");
  log.write(final("warning: é 🙂"), "stderr");
  log.write(final(""), "stdout");
  log.write(final("! looks like stderr"), "stdout");
  const summary = await log.close();
  const file = readFileSync(join(folder, "output.log"), "utf8");
  expect(file).toBe("| starting\n! warning: é 🙂\n| \n| ! looks like stderr\n");
  expect(summary).toEqual({ takenBytes: Buffer.byteLength(file), lostBytes: 0, fault: undefined });
  expect(await readLog(folder)).toEqual([
    { from: "stdout", text: "starting" },
    { from: "stderr", text: "warning: é 🙂" },
    { from: "stdout", text: "" },
    { from: "stdout", text: "! looks like stderr" },
  ]);
  expect(await readLog(folder, { tailLines: 1 })).toEqual([{ from: "stdout", text: "! looks like stderr" }]);
  expect(await readLog(folder, { tailLines: 0 })).toEqual([]);
});

test("a log without lines makes no file and reads as empty", async () => {
  await createOutputLog({ folder }).close();
  expect(readdirSync(folder)).toEqual([]);
  expect(await readLog(folder)).toEqual([]);
});

test("of a progress bar only what stays on the screen is kept, per stream", async () => {
  const log = createOutputLog({ folder });
  log.write(redrawn("10%"), "stderr");
  log.write(redrawn("50%"), "stderr");
  log.write(final("from stdout"), "stdout");
  log.write(final("100%"), "stderr");
  log.write(redrawn("kept by its newline"), "stderr");
  log.write(final(""), "stderr");
  log.write(redrawn("kept by the end"), "stderr");
  await log.close();
  expect((await readLog(folder)).map((line) => line.text)).toEqual([
    "from stdout",
    "100%",
    "kept by its newline",
    "kept by the end",
  ]);
});

test("beyond the limit the beginning and the end are kept, and a notice says how much is missing", async () => {
  const log = createOutputLog({ folder, limitBytes: 1_000 });
  const lines = Array.from({ length: 1_000 }, (_, index) => `line ${String(index).padStart(4, "0")}`);
  for (const line of lines) log.write(final(line), "stdout");
  const { takenBytes } = await log.close();
  expect(takenBytes).toBe(12_000);
  expect(bytesOnDisk()).toBeLessThanOrEqual(1_000 + 60);
  const read = await readLog(folder);
  const gap = read.findIndex((line) => line.from === "notice");
  expect(read.slice(0, gap).map((line) => line.text)).toEqual(lines.slice(0, 41));
  const tail = read.slice(gap + 1).map((line) => line.text);
  expect(tail).toEqual(lines.slice(-tail.length));
  expect(tail.length * 12).toBeGreaterThanOrEqual(250);
  expect(read[gap].text).toBe(`… ${12_000 - (41 + tail.length) * 12} bytes left out …`);
});

test("a log that just exceeds its head lacks nothing", async () => {
  const log = createOutputLog({ folder, limitBytes: 1_000 });
  const lines = Array.from({ length: 60 }, (_, index) => `line ${String(index).padStart(4, "0")}`);
  for (const line of lines) log.write(final(line), "stderr");
  await log.close();
  expect((await readLog(folder)).map((line) => line.text)).toEqual(lines);
});

test("lines far apart in time are on disk without close", async () => {
  const log = createOutputLog({ folder });
  log.write(final("first"), "stdout");
  await expect.poll(() => readLog(folder)).toEqual([{ from: "stdout", text: "first" }]);
  log.write(final("second"), "stdout");
  await expect.poll(async () => (await readLog(folder)).length).toBe(2);
  await log.close();
});

test("what a slow disk cannot take is lost, counted and told where it is missing; the buffer stays bounded", async () => {
  const log = createOutputLog({ folder, limitBytes: 64 * 1024 * 1024 });
  const line = final("x".repeat(65_533));
  // All in one turn of the event loop, so nothing can be written in between: 6 MiB meet a buffer of 4 MiB.
  for (let index = 0; index < 96; index++) log.write(line, "stdout");
  await expect.poll(() => bytesOnDisk()).toBe(64 * 65_536);
  log.write(final("later"), "stdout");
  expect(await log.close()).toEqual({ takenBytes: 96 * 65_536 + 8, lostBytes: 32 * 65_536, fault: undefined });
  expect((await readLog(folder)).slice(-2)).toEqual([
    { from: "notice", text: `… ${32 * 65_536} bytes lost: the disk was too slow …` },
    { from: "stdout", text: "later" },
  ]);
});

test("a folder that cannot be written is told at the end and the last lines are still in memory", async () => {
  const log = createOutputLog({ folder: join(folder, "missing") });
  log.write(final("a"), "stdout");
  log.write(final("b"), "stderr");
  const summary = await log.close();
  expect(summary.fault).toContain("ENOENT");
  expect(summary.lostBytes).toBe(summary.takenBytes);
  expect(log.tail(5)).toEqual(["a", "b"]);
});

test("the last lines are bounded in number and length, in order, and one stream cannot push out the other", async () => {
  const log = createOutputLog({ folder: join(folder, "missing") });
  log.write(final("the error"), "stderr");
  for (let index = 0; index < 1_000; index++) log.write(final(`${index}`), "stdout");
  log.write(final("y".repeat(5_000)), "stdout");
  expect(log.tail(2, "stderr")).toEqual(["the error"]);
  expect(log.tail(3, "stdout")).toEqual(["998", "999", `${"y".repeat(2_000)}…`]);
  expect(log.tail(1_000).length).toBe(201);
  expect(log.tail(1_000)[0]).toBe("the error");
  expect(log.tail(0)).toEqual([]);
  await log.close();
});

test("any lines within the limit are read back as they were", async () => {
  const line = fc.tuple(
    fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, "")),
    fc.constantFrom("stdout" as const, "stderr" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1 }), async (lines) => {
      const log = createOutputLog({ folder });
      for (const [text, stream] of lines) log.write(final(text), stream);
      await log.close();
      expect(await readLog(folder)).toEqual(lines.map(([text, from]) => ({ from, text })));
    }),
    { numRuns: 40 },
  );
});

test("whatever the line lengths, the files stay within the limit and the head is a prefix and the tail a suffix", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(80), { minLength: 1, maxLength: 120 }), async (lengths) => {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      const log = createOutputLog({ folder, limitBytes: 800 });
      const lines = lengths.map((length, index) => `${index}:${"z".repeat(length)}`);
      for (const text of lines) log.write(final(text), "stdout");
      const { takenBytes } = await log.close();
      expect(bytesOnDisk()).toBeLessThanOrEqual(800 + 60);
      const read = await readLog(folder);
      const gap = read.findIndex((line) => line.from === "notice");
      const texts = (part: typeof read) => part.map((item) => item.text);
      if (gap < 0) {
        expect(texts(read)).toEqual(lines);
        return;
      }
      const kept = [...read.slice(0, gap), ...read.slice(gap + 1)];
      expect(texts(read.slice(0, gap))).toEqual(lines.slice(0, gap));
      expect(texts(read.slice(gap + 1))).toEqual(lines.slice(-(read.length - gap - 1)));
      const keptBytes = kept.reduce((sum, item) => sum + item.text.length + 3, 0);
      expect(read[gap].text).toBe(`… ${takenBytes - keptBytes} bytes left out …`);
    }),
    { numRuns: 60 },
  );
});
