import { describe, expect, test } from "vitest";
import { parseByteSize, parseDuration } from "./quantity.ts";

describe("durations", () => {
  test.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["30m", 1_800_000],
    ["2h", 7_200_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
    ["1m500ms", 60_500],
    ["3650d", 315_360_000_000],
  ])("%s", (text, ms) => expect(parseDuration(text)).toEqual({ value: ms, fault: null }));

  test.each([
    ["", '"" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m'],
    ["30", '"30" has no unit: write 30s, 30m or 30h'],
    ["30m1h", '"30m1h" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m'],
    ["30M", '"30M" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m'],
    ["0h", '"0h" is outside [1ms, 3650d]'],
    ["3651d", '"3651d" is outside [1ms, 3650d]'],
    ["1e3s", '"1e3s" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m'],
    ["9".repeat(1_000), `"${"9".repeat(40)}…" is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m`],
  ])("%j is refused", (text, fault) => expect(parseDuration(text)).toEqual({ value: null, fault }));
});

describe("sizes", () => {
  test.each([
    ["8GiB", 8 * 2 ** 30],
    ["512MB", 512_000_000],
    ["1.5 KiB", 1_536],
    ["1B", 1],
    ["2TB", 2e12],
  ])("%s", (text, bytes) => expect(parseByteSize(text)).toEqual({ value: bytes, fault: null }));

  test.each([
    ["512", '"512" has no unit: write 512MB, 512GB or 512GiB'],
    ["8Gb", '"8Gb" has the unknown unit Gb; allowed: B, kB, KB, MB, GB, TB, KiB, MiB, GiB, TiB'],
    ["-1GB", '"-1GB" is no size: write it like 512MB or 8GiB'],
    ["0GB", '"0GB" is outside [1B, 8191TiB]'],
    ["99999TiB", '"99999TiB" is outside [1B, 8191TiB]'],
  ])("%j is refused", (text, fault) => expect(parseByteSize(text)).toEqual({ value: null, fault }));
});
