import { describe, expect, it } from "vitest";
import { haltonPoint } from "./halton.ts";
import { sobolPoint } from "./sobol.ts";

// Frozen, not known to be right: stored studies replay only while these stay as they are. Recorded from version 0.1.0.
describe("scrambled points of seed 42 in five dimensions, frozen", () => {
  const out = new Float64Array(5);

  it.each([
    [0, [0.8747719841776416, 0.5993322116555646, 0.6676384768215939, 0.8947883521905169, 0.1257234081858769]],
    [1, [0.4625653534894809, 0.2666170709999278, 0.12125698116142303, 0.3176410087617114, 0.6166269454406574]],
    [2, [0.04631343937944621, 0.8964099561562762, 0.9661869163392112, 0.5764950424199924, 0.7913868523901328]],
  ])("Sobol point %d", (index, expected) => {
    sobolPoint(index, 5, 42, out);
    expect(Array.from(out)).toEqual(expected);
  });

  it.each([
    [0, [0.8814172522267668, 0.2655985551409272, 0.8821715453585229, 0.025113310333892247, 0.8508876089257595]],
    [1, [0.3814172522267668, 0.5989318884742608, 0.08217154535852303, 0.7393990246196064, 0.4872512452893959]],
    [2, [0.6314172522267668, 0.9322652218075941, 0.2821715453585231, 0.45368473890532074, 0.12361488165303217]],
  ])("Halton point %d", (index, expected) => {
    haltonPoint(index, 5, 42, out);
    expect(Array.from(out)).toEqual(expected);
  });
});
