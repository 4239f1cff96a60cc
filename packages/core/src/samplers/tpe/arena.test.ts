import { expect, it } from "vitest";
import { Arena } from "./arena.ts";

it("hands out pieces that do not overlap, also when it had to grow between them", () => {
  const arena = new Arena();
  const floats = [1, 5, 0, 300].map((length, k) => arena.float64(length).fill(k));
  const ints = [2, 0, 70].map((length, k) => arena.int32(length).fill(k));
  floats.forEach((piece, k) => {
    expect([...piece]).toEqual(Array([1, 5, 0, 300][k]).fill(k));
  });
  ints.forEach((piece, k) => {
    expect([...piece]).toEqual(Array([2, 0, 70][k]).fill(k));
  });
});

it("hands out the same memory again once it has been cleared", () => {
  const arena = new Arena();
  arena.float64(100);
  arena.int32(100);
  arena.clear();
  const [float, int] = [arena.float64(10), arena.int32(10)];
  arena.clear();
  expect(arena.float64(10).buffer).toBe(float.buffer);
  expect(arena.int32(10).buffer).toBe(int.buffer);
});
