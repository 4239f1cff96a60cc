import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Connection, loadDriver } from "./sqlite/driver.ts";
import { sqliteTransactions } from "./sqlite/sqlite-transactions.ts";
import { type Operation, statement } from "./statement.ts";
import { WriterQueue } from "./writer-queue.ts";

const driver = await loadDriver();
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Bench {
  readonly queue: WriterQueue;
  readonly connection: Connection;
  readonly path: string;
  /** Names of the failpoints passed, in order. */
  readonly passed: string[];
  readonly rollbackCount: () => number;
  readonly beginCount: () => number;
}

async function bench(busyTimeoutMs = 0, makeRoom = (): boolean => false): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "tunesmith-queue-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  const path = join(folder, "queue.db");
  const connection = open(path, busyTimeoutMs);
  connection.exec("PRAGMA journal_mode = WAL; CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT");
  const passed: string[] = [];
  let rollbackCount = 0;
  let beginCount = 0;
  const failpoint = (name: string): number => passed.push(name);
  const queue = new WriterQueue(sqliteTransactions(connection), {
    failpoint,
    onBegin: () => void beginCount++,
    onRollback: () => void rollbackCount++,
    makeRoom,
  });
  return { queue, connection, path, passed, rollbackCount: () => rollbackCount, beginCount: () => beginCount };
}

function open(path: string, busyTimeoutMs = 0): Connection {
  const connection = new Connection(driver, path, busyTimeoutMs);
  cleanUps.push(() => connection.close());
  return connection;
}

function* insert(text: string): Operation<string> {
  yield statement("INSERT INTO lines (text) VALUES (?)", text);
  return text;
}

function* insertThenThrow(text: string): Operation<never> {
  yield* insert(text);
  throw new Error(`no ${text}`);
}

function* all(): Operation<readonly unknown[]> {
  return (yield statement("SELECT text FROM lines ORDER BY id")).map(([text]) => text);
}

function committed(path: string): readonly unknown[] {
  return open(path)
    .rows("SELECT text FROM lines ORDER BY id")
    .map(([text]) => text);
}

function commitCount({ passed }: Bench): number {
  return passed.filter((name) => name === "after-commit").length;
}

describe("the writer queue", () => {
  it("commits what comes together in one transaction and answers in order", async () => {
    const made = await bench();
    const order: string[] = [];
    const texts = ["a", "b", "c"];
    await Promise.all(texts.map((text) => made.queue.write(() => insert(text)).then((done) => order.push(done))));
    expect(order).toEqual(texts);
    expect(commitCount(made)).toBe(1);
    expect(committed(made.path)).toEqual(texts);
  });

  it("answers only after the commit", async () => {
    const made = await bench();
    const seen = await made.queue.write(() => insert("a")).then(() => committed(made.path));
    expect(seen).toEqual(["a"]);
  });

  it("takes what comes during a commit into the next transaction, all of it", async () => {
    const made = await bench();
    const chain = async (name: string): Promise<void> => {
      await made.queue.write(() => insert(`${name} 1`));
      // Some turns of the microtask queue, as callers in several layers have.
      await Promise.resolve().then(() => Promise.resolve());
      await made.queue.write(() => insert(`${name} 2`));
    };
    await Promise.all(["a", "b", "c"].map(chain));
    expect(commitCount(made)).toBe(2);
  });

  it("bounds a transaction to 256 operations", async () => {
    const made = await bench();
    await Promise.all(Array.from({ length: 600 }, (_, i) => made.queue.write(() => insert(`line ${i}`))));
    expect(commitCount(made)).toBe(3);
    expect(committed(made.path)).toHaveLength(600);
  });

  it("rolls a failing operation back alone, beside others that are acknowledged", async () => {
    const made = await bench();
    const results = await Promise.allSettled([
      made.queue.write(() => insert("a")),
      made.queue.write(() => insertThenThrow("b")),
      made.queue.write(() => insert("a")),
      made.queue.write(() => insert("c")),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(committed(made.path)).toEqual(["a", "c"]);
    expect(commitCount(made)).toBe(1);
    expect(made.rollbackCount()).toBe(2);
  });

  it("rolls back a failing operation that is alone in its transaction", async () => {
    const made = await bench();
    await expect(made.queue.write(() => insertThenThrow("a"))).rejects.toThrow("no a");
    expect(made.connection.inTransaction).toBe(false);
    expect(committed(made.path)).toEqual([]);
    await made.queue.write(() => insert("b"));
    expect(committed(made.path)).toEqual(["b"]);
  });

  it("rejects every write of a transaction that a full disk ends, and goes on when there is space", async () => {
    const made = await bench();
    const pageCount = Number(made.connection.rows("PRAGMA page_count")[0][0]);
    made.connection.exec(`PRAGMA max_page_count = ${pageCount + 1}`);
    const results = await Promise.allSettled([
      made.queue.write(() => insert("a")),
      made.queue.write(() => insert("b".repeat(100_000))),
      made.queue.write(() => insert("c")),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: "storage-unusable", message: expect.stringContaining("the disk is full") },
      });
    }
    expect(made.connection.inTransaction).toBe(false);
    expect(committed(made.path)).toEqual([]);
    made.connection.exec("PRAGMA max_page_count = 100000");
    await made.queue.write(() => insert("d"));
    expect(committed(made.path)).toEqual(["d"]);
  });

  it("begins a transaction again that found no room, when room could be made", async () => {
    const made = await bench(0, () => {
      made.connection.exec("PRAGMA max_page_count = 100000");
      return true;
    });
    const pageCount = Number(made.connection.rows("PRAGMA page_count")[0][0]);
    made.connection.exec(`PRAGMA max_page_count = ${pageCount + 1}`);
    const results = await Promise.allSettled([
      made.queue.write(() => insert("a")),
      made.queue.write(() => insertThenThrow("b")),
      made.queue.write(() => insert("c".repeat(100_000))),
      made.queue.write(() => insert("d")),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(committed(made.path)).toEqual(["a", "c".repeat(100_000), "d"]);
    expect(made.rollbackCount()).toBeGreaterThan(1);
  });

  it("tries once more only, when there is no room after all", async () => {
    let askedCount = 0;
    const made = await bench(0, () => ++askedCount > 0);
    made.connection.exec("PRAGMA max_page_count = 1");
    await expect(made.queue.write(() => insert("a".repeat(100_000)))).rejects.toMatchObject({ code: "storage-unusable" });
    expect(askedCount).toBe(1);
    expect(made.connection.inTransaction).toBe(false);
  });

  it("reads after the writes that came before, and alone while the disk is full", async () => {
    const made = await bench();
    const [, seen, , later] = await Promise.all([
      made.queue.write(() => insert("a")),
      made.queue.read(() => all()),
      made.queue.write(() => insert("b")),
      made.queue.read(() => all()),
    ]);
    expect(seen).toContain("a");
    expect(later).toEqual(["a", "b"]);
    made.connection.exec("PRAGMA max_page_count = 1");
    const [write, read] = await Promise.allSettled([
      made.queue.write(() => insert("x".repeat(100_000))),
      made.queue.read(() => all()),
    ]);
    expect(write.status).toBe("rejected");
    expect(read).toEqual({ status: "fulfilled", value: ["a", "b"] });
  });

  it("reads after more writes than one transaction takes", async () => {
    const made = await bench();
    const writes = Array.from({ length: 300 }, (_, i) => made.queue.write(() => insert(`line ${i}`)));
    expect(await made.queue.read(() => all())).toHaveLength(300);
    await Promise.all(writes);
  });

  it("tells each beginning of a transaction and each look, when others may have written since", async () => {
    const made = await bench();
    await Promise.all([made.queue.write(() => insert("a")), made.queue.write(() => insert("b"))]);
    expect(made.beginCount()).toBe(1);
    await made.queue.read(() => all());
    await made.queue.look(() => all());
    expect(made.beginCount()).toBe(3);
  });

  it("looks at once when nothing waits, and after the writes that came before otherwise", async () => {
    const made = await bench();
    await made.queue.write(() => insert("a"));
    let turned = false;
    setImmediate(() => (turned = true));
    expect(await made.queue.look(() => all())).toEqual(["a"]);
    expect(turned).toBe(false);
    void made.queue.write(() => insert("b"));
    expect(await made.queue.look(() => all())).toEqual(["a", "b"]);
  });

  it("lets others have their turn between many looks", async () => {
    const made = await bench();
    let turned = false;
    setImmediate(() => (turned = true));
    for (let i = 0; i < 100; i++) await made.queue.look(() => all());
    expect(turned).toBe(true);
  });

  it("refuses a look that fails, alone", async () => {
    const made = await bench();
    await expect(made.queue.look(() => insertThenThrow("a"))).rejects.toThrow("no a");
    await made.queue.write(() => insert("b"));
    expect(committed(made.path)).toContain("b");
  });

  it("waits for another process that writes, and says so when it takes too long", async () => {
    const made = await bench();
    const other = open(made.path);
    other.exec("BEGIN IMMEDIATE");
    await expect(made.queue.write(() => insert("a"))).rejects.toMatchObject({
      code: "storage-unusable",
      message: expect.stringContaining("another process has been using it for too long"),
    });
    const waiting = made.queue.write(() => insert("b"));
    // Its first try is refused in the next turn; then the other one is done.
    setImmediate(() => other.exec("COMMIT"));
    await expect(waiting).resolves.toBe("b");
    expect(committed(made.path)).toEqual(["b"]);
  });

  it("is idle when everything that was handed in is answered", async () => {
    const made = await bench();
    let answered = false;
    void made.queue.write(() => insert("a")).then(() => (answered = true));
    await made.queue.idle();
    expect(committed(made.path)).toEqual(["a"]);
    await Promise.resolve();
    expect(answered).toBe(true);
  });
});
