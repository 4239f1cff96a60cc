import { describe, expect, it } from "vitest";
import { didYouMean, nearestName } from "./nearest-name.ts";

describe("nearestName", () => {
  it.each([
    ["momentun", "momentum"],
    ["defualt", "default"],
    ["LR", "lr"],
    ["learning_rat", "learning_rate"],
    ["optmzer", "optimizer"],
    ["xx", null],
    ["x", null],
    ["completely", null],
    ["momnetun", "momentum"],
    ["mumentun_", null],
  ])("takes %s for %s", (found, name) => {
    expect(nearestName(found, ["lr", "momentum", "default", "learning_rate", "optimizer"])).toBe(name);
  });

  it("prefers fewer edits, then the first", () => {
    expect(nearestName("width", ["widths", "widht", "width_2"])).toBe("widths");
    expect(nearestName("widts", ["widths_", "width", "widts2"])).toBe("width");
  });

  it("gives up on names of a megabyte at once", () => {
    expect(nearestName("x".repeat(1_000_000), ["x"])).toBeNull();
    expect(nearestName("x", ["x".repeat(1_000_000)])).toBeNull();
  });

  it("quotes a suggestion that is no plain word", () => {
    expect(didYouMean("adm", ["adam"])).toBe("; did you mean adam?");
    expect(didYouMean("a bb", ["a b"])).toBe('; did you mean "a b"?');
    expect(didYouMean("zzz", ["adam"])).toBe("");
  });
});
