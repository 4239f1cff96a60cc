import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Connection, loadDriver, requireNewEnough } from "./driver.ts";

const connection = new Connection(await loadDriver(), ":memory:", 0);
connection.exec("CREATE TABLE numbers (value REAL NOT NULL) STRICT");
afterAll(() => connection.close());

function stored(value: number): unknown {
  connection.rows("DELETE FROM numbers");
  connection.rows("INSERT INTO numbers (value) VALUES (?)", value);
  return connection.rows("SELECT value FROM numbers WHERE value = ?", value)[0]?.[0];
}

describe("a number in a REAL column", () => {
  it.each([
    5e-324,
    2 ** -1022,
    1e-300,
    1e-17,
    2 ** -52 - 2 ** -105,
    2 ** -52,
    -1 + 2 ** -53,
    1 - 2 ** -53,
    -1e-300,
    2 ** 53,
    Infinity,
    -Infinity,
  ])("comes back as it went in: %d", (value) => {
    expect(stored(value)).toBe(value);
  });

  it("comes back as it went in, whatever it is", () => {
    const anyNumber = fc.oneof(
      fc.double({ noNaN: true }),
      fc.double({ noNaN: true, min: 0, max: 2 ** -50 }),
      fc.double({ noNaN: true, min: -3, max: 3 }),
      fc.integer().map((n) => n + Number.EPSILON),
    );
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(stored(value)).toBe(value === 0 ? 0 : value);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is found in its place among several values of a statement", () => {
    const [row] = connection.rows("SELECT ?, ?, ?, ?", "a", 1e-20, 7, 1e-300);
    expect(row).toEqual(["a", 1e-20, 7, 1e-300]);
  });
});

describe("the version of SQLite", () => {
  it.each(["3.51.3", "3.51.10", "3.53.0", "4.0.0"])("%s is safe", (version) => {
    expect(() => requireNewEnough(version)).not.toThrow();
  });

  it.each(["3.51.2", "3.45.1", "3.9.0", "2.99.99"])("%s is refused, saying what is needed", (version) => {
    expect(() => requireNewEnough(version)).toThrow(`SQLite is ${version}; at least 3.51.3 is needed`);
  });
});
