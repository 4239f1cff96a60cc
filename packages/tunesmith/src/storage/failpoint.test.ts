import { describe, expect, it } from "vitest";
import { createFailpoint } from "./failpoint.ts";

describe("a failpoint", () => {
  it.each([undefined, ""])("does nothing without an order", (order) => {
    expect(() => createFailpoint(order)("before-commit")).not.toThrow();
  });

  it("does nothing at other places than the one named", () => {
    const failpoint = createFailpoint("before-commit:1");
    expect(() => failpoint("after-commit")).not.toThrow();
  });

  it.each(["before-commit", "before-commit:0", "before-commit:x", ":1", "before-commit:1:2"])("refuses the order %s", (order) => {
    expect(() => createFailpoint(order)).toThrow(/allowed: a name, a colon and a count/);
  });
});
