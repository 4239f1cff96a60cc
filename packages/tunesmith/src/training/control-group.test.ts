import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  isInGroup,
  isRunGroup,
  killGroup,
  makeGroup,
  ownGroupFolder,
  pidsOfGroup,
  removeGroup,
  runGroupPlace,
} from "./control-group.ts";

const nonce = `c0de${process.pid}`;
const home = mkdtempSync(join(tmpdir(), "tunesmith-group-"));
afterAll(() => rmSync(home, { recursive: true }));

const unified = "31 23 0:27 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const hybrid = `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n`;

describe("ownGroupFolder", () => {
  it.each<[string, string, string, string | null]>([
    [
      "of a login",
      unified,
      "0::/user.slice/user-7.slice/session-3.scope\n",
      "/sys/fs/cgroup/user.slice/user-7.slice/session-3.scope",
    ],
    ["beside version 1", hybrid, "8:pids:/\n1:cpu:/docker/ab\n0::/\n", "/sys/fs/cgroup/unified"],
    ["in a mount of a part", "9 8 0:27 /pods/a /cg rw - cgroup2 none rw\n", "0::/pods/a/b\n", "/cg/b"],
    ["that is the mounted part itself", "9 8 0:27 /pods/a /cg rw - cgroup2 none rw\n", "0::/pods/a\n", "/cg"],
    ["beside the mounted part, whose name begins alike", "9 8 0:27 /pods/a /cg rw - cgroup2 none rw\n", "0::/pods/ab\n", null],
    ["in a folder with a blank", "9 8 0:27 / /my\\040groups rw master:1 shared:2 - cgroup2 none rw\n", "0::/x\n", "/my groups/x"],
    ["outside of the namespace", unified, "0::/../other\n", null],
    ["of version 1 only", hybrid.split("\n")[0], "1:cpu:/\n", null],
    ["that is known but mounted nowhere", "22 1 8:1 / / rw - ext4 /dev/root rw\n", "0::/\n", null],
  ])("%s", (_, mountInfo, groups, expected) => {
    expect(ownGroupFolder({ mountInfo, groups })).toBe(expected);
  });
});

describe("runGroupPlace", () => {
  it("is below the group that we are in, or tells why there is none", () => {
    const place = runGroupPlace(nonce);
    if ("reason" in place) expect(place.reason).not.toBe("");
    else {
      expect(pidsOfGroup(dirname(place.folder))).toContain(process.pid);
      expect(isInGroup(dirname(place.folder))).toBe(true);
      expect(isInGroup(place.folder)).toBe(false);
    }
  });
});

describe("makeGroup", () => {
  it("makes none where nothing could end it at once, and leaves nothing behind", () => {
    expect(makeGroup(join(home, "plain"))).toBe(false);
    expect(existsSync(join(home, "plain"))).toBe(false);
    expect(makeGroup(join(home, "no", "such"))).toBe(false);
  });
});

describe("isRunGroup", () => {
  it("asks for the nonce in the name and for a group", () => {
    for (const name of ["tunesmith-ab", "other-ab"]) mkdirSync(join(home, name));
    writeFileSync(join(home, "tunesmith-ab", "cgroup.kill"), "");
    writeFileSync(join(home, "other-ab", "cgroup.kill"), "");
    expect(isRunGroup(join(home, "tunesmith-ab"), "ab")).toBe(true);
    expect(isRunGroup(join(home, "tunesmith-ab"), "cd")).toBe(false);
    expect(isRunGroup(join(home, "other-ab"), "ab")).toBe(false);
    expect(isRunGroup(join(home, "tunesmith-ef"), "ef")).toBe(false);
  });
});

const place = runGroupPlace(nonce);
const skipped = "reason" in place ? ` (SKIPPED, no group may be made here: ${place.reason})` : "";

describe.skipIf(skipped !== "")(`a group${skipped}`, () => {
  it("is listed, ended and removed with the groups below it", async () => {
    const folder = "folder" in place ? place.folder : "";
    const below = join(folder, "a", "b");
    expect([folder, dirname(below), below].map(makeGroup)).toEqual([true, true, true]);
    expect(makeGroup(folder)).toBe(false);
    const children = [folder, below].map((group) => {
      const child = spawn("sleep", ["600"], { stdio: "ignore" });
      writeFileSync(join(group, "cgroup.procs"), String(child.pid));
      return { pid: child.pid ?? 0, ended: new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal))) };
    });
    expect(pidsOfGroup(folder)).toEqual(children.map(({ pid }) => pid));
    expect(pidsOfGroup(below)).toEqual([children[1].pid]);
    expect(await removeGroup(folder)).toBe(false);
    killGroup(folder);
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual(["SIGKILL", "SIGKILL"]);
    expect(pidsOfGroup(folder)).toEqual([]);
    expect(await removeGroup(folder)).toBe(true);
    expect(existsSync(folder)).toBe(false);
  });

  it("that is gone is empty, cannot be ended, and is removed already", async () => {
    const gone = join(home, "gone");
    expect(pidsOfGroup(gone)).toEqual([]);
    expect(() => killGroup(gone)).not.toThrow();
    expect(existsSync(gone)).toBe(false);
    expect(await removeGroup(gone)).toBe(true);
  });
});
