import { expect, it } from "vitest";
import { normalCdf } from "../../numerics/special-functions.ts";
import { tailEnd, upperTail } from "./upper-tail.ts";

it("is the normal tail within 1e-12 up to where it vanishes against 1", () => {
  let worst = 0;
  for (let i = 0; i <= 100_000; i++) {
    const z = (tailEnd * i) / 100_000;
    worst = Math.max(worst, Math.abs(upperTail(z) - normalCdf(-z)));
  }
  expect(worst).toBeLessThan(1e-12);
  expect(1 - upperTail(tailEnd)).toBe(1);
});
