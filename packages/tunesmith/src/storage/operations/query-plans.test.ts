import type { AttemptRef, TrialDraft } from "@tunesmith/core";
import { afterAll, describe, expect, it } from "vitest";
import { migrate } from "../migrations/migrate.ts";
import { migrations } from "../migrations/migrations.ts";
import { Connection, loadDriver } from "../sqlite/driver.ts";
import { drive, type Operation, type Row, type Statement } from "../statement.ts";
import { addCheckpoint, decide, end, recordValues, removeCheckpoint, report } from "./attempt-operations.ts";
import { KnownStudies } from "./known-studies.ts";
import { NameSets } from "./name-sets.ts";
import { purgeSome } from "./purge-operation.ts";
import {
  bestTrials,
  eventsAfter,
  getCheckpoints,
  getDecisions,
  getReports,
  getTrial,
  getTrials,
  openReplicates,
} from "./reading-operations.ts";
import type { OperationContext } from "./study-change.ts";
import { createStudy, deleteStudy } from "./study-operations.ts";
import { getTotals } from "./totals-operation.ts";
import {
  addReplicates,
  addTrials,
  annotate,
  cancel,
  claim,
  exploit,
  recover,
  resume,
  setStudyState,
} from "./trial-operations.ts";
import { readWindow } from "./window-operation.ts";

const connection = new Connection(await loadDriver(), ":memory:", 0);
await migrate(connection, { migrations, failpoint: () => {}, wallClockMs: () => 0, refusal: null });
afterAll(() => connection.close());

const context: OperationContext = { names: new NameSets(), known: new KnownStudies(), wallClockMs: () => 0 };
const executed = new Set<string>();

function execute(statement: Statement): readonly Row[] {
  executed.add(statement.sql);
  return connection.execute(statement);
}

function run<Result>(operation: Operation<Result>): Result {
  return drive(operation, execute);
}

function draft(begin: TrialDraft["begin"]): TrialDraft {
  return {
    ...{ config: { lr: 0.1 }, revision: 1, historySeq: 1, source: "sampler", fixed: null, why: null, note: null },
    ...{ bracket: 0, target: 1, seeds: [1], begin },
  };
}

/** One life of every kind; what it returns is the business of the contract. */
function runEverything(): void {
  const { id } = run(createStudy(context, "study", { name: "digits", problem: {}, settings: {}, definition: null }));
  const ref = (trial: number): AttemptRef => ({ studyId: id, trial, replicate: 0, attempt: 1 });
  const drafts = [draft("claimed"), draft("claimed"), draft("queued"), draft("queued"), draft("claimed")];
  run(addTrials(context, id, drafts, null, undefined));
  run(report(context, ref(0), [{ step: 1, fidelity: 1, metrics: { loss: 1 } }]));
  run(report(context, ref(0), [{ step: 1, fidelity: 1, metrics: { loss: 1 } }]));
  run(recordValues(context, ref(0), { drawn: 1 }));
  run(decide(context, ref(0), 1, { kind: "stop", why: { code: "median" } }));
  run(addCheckpoint(context, ref(0), { step: 1, location: "here" }));
  const result = { values: [1], standardErrors: null, metrics: { loss: 1 } };
  run(end(context, ref(0), { outcome: { kind: "complete", metrics: { loss: 1 } }, retry: null, result }));
  run(addReplicates(context, id, 0, [1]));
  run(end(context, ref(1), { outcome: { kind: "paused" }, retry: null, result: null }));
  const child = { ...draft("claimed"), source: "child", begin: "claimed", parent: 0 } as const;
  run(exploit(context, id, null, { code: "explored" }, child, 5));
  run(removeCheckpoint(context, id, 0, 0, 1));
  run(cancel(context, id, 5));
  run(removeCheckpoint(context, id, 0, 0, 1));
  run(resume(context, id, 1, 2));
  run(claim(context, id, 2, 0));
  run(cancel(context, id, 3));
  run(annotate(context, id, 0, ["a"]));
  run(recover(context, id));
  run(getTrial(context, id, 0));
  // Again by a connection that knows nothing yet.
  context.known.forget();
  run(getTrials(context, id, { states: ["complete", "queued"] }));
  run(bestTrials(context, id, 0, "minimize", 1));
  run(bestTrials(context, id, 0, "maximize", 1));
  run(getReports(context, id, 0, 0));
  run(getDecisions(context, id, 0));
  run(getCheckpoints(context, id, 0, 0));
  run(eventsAfter(context, id, 0, 10));
  run(openReplicates(context, id));
  run(readWindow(context, id, [1]));
  run(getTotals(context, id, "minimize"));
  run(getTotals(context, id, "maximize"));
  // As if far more trials had finished than the window shows.
  connection.exec("UPDATE studies SET complete_count = 10001");
  run(readWindow(context, id, [-1]));
  run(setStudyState(context, id, "done", "stopped", null));
  run(deleteStudy(context, id));
  run(purgeSome({ study: 1, id }));
}

runEverything();

function planOf(sql: string): readonly string[] {
  const valueCount = sql.split("?").length - 1;
  return connection.rows(`EXPLAIN QUERY PLAN ${sql}`, ...Array<null>(valueCount).fill(null)).map((row) => String(row[3]));
}

describe("the statements of an embedded storage", () => {
  it("are few and all of them explained below", () => {
    expect(executed.size).toBeGreaterThan(40);
  });

  it.each([...executed])("reads no whole table: %s", (sql) => {
    const scans = planOf(sql).filter(
      (line) => line.startsWith("SCAN ") && !/^SCAN json_each|^SCAN CONSTANT ROW|^SCAN \d+-ROW/.test(line),
    );
    expect(scans).toEqual([]);
  });

  it("give the open replicates in order from the index", () => {
    const select = [...executed].find((sql) => sql.includes("ORDER BY r.attempt = 0"));
    expect(planOf(select ?? "").join("\n")).toMatch(/USING INDEX open_replicates/);
    expect(planOf(select ?? "").join("\n")).not.toMatch(/TEMP B-TREE/);
  });

  it("find infinite results and count later ones by index alone", () => {
    const infinite = [...executed].filter((sql) => sql.includes("substr(r.objective_values"));
    expect(infinite.length).toBeGreaterThan(1);
    for (const sql of infinite) expect(planOf(sql)[0]).toMatch(/^SEARCH r USING .*INDEX infinite_results/);
    const later = [...executed].find((sql) => sql.includes("finished_seq > ?) - "));
    expect(planOf(later ?? "").join("\n")).toMatch(/SEARCH results USING COVERING INDEX results_by_finish/);
    expect(planOf(later ?? "").join("\n")).toMatch(/SEARCH t USING COVERING INDEX trials_by_state/);
  });

  it("find the children of a trial by index", () => {
    const select = [...executed].find((sql) => sql.includes("parent_step = ?"));
    expect(planOf(select ?? "").join("\n")).toMatch(/SEARCH t USING .*INDEX trials_by_parent/);
  });

  it("give the best by the order of the index", () => {
    const select = [...executed].find((sql) => sql.includes("ORDER BY value, trial"));
    expect(planOf(select ?? "")).toEqual([expect.stringMatching(/SEARCH rankings USING PRIMARY KEY/)]);
  });
});
