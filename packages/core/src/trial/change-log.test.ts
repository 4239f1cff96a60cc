import { expect, test } from "vitest";
import { ChangeLog } from "./change-log.ts";

test("gives each changed row once, ascending, and nothing to who is up to date", () => {
  const log = new ChangeLog();
  for (const row of [5, 2, 5, 11]) log.note(row);
  expect(log.since(0)).toEqual({ cursor: 4, rows: Int32Array.of(2, 5, 11) });
  expect(log.since(3)).toEqual({ cursor: 4, rows: Int32Array.of(11) });
  expect(log.since(4)).toEqual({ cursor: 4, rows: new Int32Array() });
});

test("after a restart every earlier cursor is too old", () => {
  const log = new ChangeLog();
  log.note(1);
  const { cursor } = log.since(0) as { cursor: number };
  log.restart();
  expect(log.since(cursor)).toBeNull();
});

test("forgets the older half of very many changes: who fell behind starts anew, who kept up does not notice", () => {
  const log = new ChangeLog();
  let cursor = 0;
  for (let i = 0; i < 300_000; i++) {
    log.note(i % 7);
    if (i % 50_000 === 0) cursor = log.since(cursor)?.cursor ?? Number.NaN;
  }
  expect(cursor).toBe(250_001);
  expect(log.since(0)).toBeNull();
});
