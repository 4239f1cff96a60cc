import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportCheckpoint, inspectCheckpoint, isIntact, listCheckpoints } from "./checkpoints.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tunesmith-checkpoints-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function make(name: string, files: Record<string, string>): string {
  const location = join(dir, name);
  mkdirSync(location, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(location, file, ".."), { recursive: true });
    writeFileSync(join(location, file), text);
  }
  return location;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("listCheckpoints", () => {
  it("gives step-N folders by number and nothing else", async () => {
    for (const name of [
      "step-10",
      "step-9",
      "step-0",
      "step-3.tmp",
      "step-03",
      "step-",
      "step--1",
      "step-1e3",
      "Step-4",
      "step-99999999999999999",
    ])
      make(name, { w: "1" });
    writeFileSync(join(dir, "step-7"), "a file");
    symlinkSync("/etc", join(dir, "step-8"));
    expect(await listCheckpoints(dir)).toEqual([0, 9, 10].map((step) => ({ step, location: join(dir, `step-${step}`) })));
  });

  it("gives nothing for a folder that is not there", async () => {
    expect(await listCheckpoints(join(dir, "none"))).toEqual([]);
  });
});

describe("inspectCheckpoint", () => {
  it("gives every file with size and hash, also empty ones and those in folders", async () => {
    const location = make("step-1", { "b/weights": "abc", a: "", "b/c/d": "x" });
    expect(await inspectCheckpoint(location)).toEqual([
      { file: "a", size: 0, sha256: sha256("") },
      { file: "b/c/d", size: 1, sha256: sha256("x") },
      { file: "b/weights", size: 3, sha256: sha256("abc") },
    ]);
  });

  it("hashes only as much as allowed, the small files first", async () => {
    const location = make("step-1", { big: "12345678", small: "12" });
    const manifest = await inspectCheckpoint(location, { hashedBytes: 4 });
    expect(manifest.map(({ file, sha256: hash }) => [file, hash !== null])).toEqual([
      ["big", false],
      ["small", true],
    ]);
  });

  it("does not read a sparse terabyte", async () => {
    const location = make("step-1", { hole: "" });
    truncateSync(join(location, "hole"), 2 ** 40);
    expect(await inspectCheckpoint(location)).toEqual([{ file: "hole", size: 2 ** 40, sha256: null }]);
  });

  it("refuses links, pipes, emptiness, depth, too many entries and what is gone", async () => {
    const link = make("step-1", { a: "1" });
    symlinkSync("/etc/passwd", join(link, "b"));
    await expect(inspectCheckpoint(link)).rejects.toThrow("holds b, which is no regular file");
    const pipe = make("step-2", {});
    execFileSync("mkfifo", [join(pipe, "p")]);
    await expect(inspectCheckpoint(pipe)).rejects.toThrow("holds p, which is no regular file");
    await expect(inspectCheckpoint(make("step-3", {}))).rejects.toThrow("holds no file");
    await expect(inspectCheckpoint(make("step-4", { [`${"d/".repeat(40)}w`]: "" }))).rejects.toThrow(
      "nested deeper than 32 folders",
    );
    await expect(inspectCheckpoint(make("step-5", { a: "", b: "", c: "" }), { maxEntryCount: 2 })).rejects.toThrow(
      "too many entries",
    );
    await expect(inspectCheckpoint(join(dir, "step-6"))).rejects.toMatchObject({ code: "refused" });
  });
});

describe("isIntact", () => {
  it("is true until a file changes, appears or goes", async () => {
    const location = make("step-1", { a: "one", b: "two" });
    const manifest = await inspectCheckpoint(location);
    expect(await isIntact(location, manifest)).toBe(true);
    writeFileSync(join(location, "a"), "ONE");
    expect(await isIntact(location, manifest)).toBe(false);
    writeFileSync(join(location, "a"), "one");
    writeFileSync(join(location, "c"), "");
    expect(await isIntact(location, manifest)).toBe(false);
    rmSync(join(location, "c"));
    rmSync(join(location, "b"));
    expect(await isIntact(location, manifest)).toBe(false);
  });
});

describe("exportCheckpoint", () => {
  it("copies all of it, whole or not at all", async () => {
    const location = make("step-1", { "d/w": "weights" });
    await exportCheckpoint(location, join(dir, "out"));
    expect(readFileSync(join(dir, "out/d/w"), "utf8")).toBe("weights");
    expect(existsSync(join(dir, "out.tmp"))).toBe(false);
  });

  it("refuses what inspection refuses", async () => {
    const location = make("step-1", {});
    symlinkSync("/etc", join(location, "all"));
    await expect(exportCheckpoint(location, join(dir, "out"))).rejects.toMatchObject({ code: "refused" });
    expect(existsSync(join(dir, "out"))).toBe(false);
  });
});
