// Checks what the benchmark stands on: our BBOB against the reference vectors, the reader of surrogates against their published values,
// the tables against their known optima, and the statistics against golden values. Exits 1 at the first difference.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axTask, boostedTrees, tableTask, yahpoTask } from "./data-tasks.mjs";
import { importCore } from "./library.mjs";
import { criticalDifference, friedman, holm, quantile, ranks, upperGamma, wilcoxon } from "./statistics.mjs";
import { openTask, panel } from "./tasks.mjs";

const folder = process.env.TUNESMITH_BENCHDATA;
const read = (...path) => JSON.parse(readFileSync(join(folder, ...path), "utf8"));
const close = (found, wanted, tolerance, what) =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${what}: ${found}, must be ${wanted}`);

await checkBbob();
checkSurrogates();
checkTrees();
checkTables();
checkStatistics();
checkPanel();

async function checkBbob() {
  const { bbob } = await importCore("problems/bbob/bbob.js");
  const vectors = read("bbob", "dev", "vectors.json");
  for (const { f, dim, iid, fopt, xopt, points } of vectors) {
    const { optimum, evaluate } = bbob(f, dim, iid);
    assert.equal(optimum.value, fopt);
    for (const [j, x] of xopt.entries()) close(optimum.config[`x${j + 1}`], x, 1e-12, `f${f} x_opt`);
    for (const { x, f: value } of points) {
      const config = Object.fromEntries(x.map((v, j) => [`x${j + 1}`, v]));
      close(evaluate(config).value, value, 1e-9, `f${f} d${dim} instance ${iid}`);
    }
  }
  console.log(`bbob: ${vectors.length} instances agree to 1e-9`);
}

function checkSurrogates() {
  for (const data of ["lcbench", "rbv2_xgboost", "rbv2_ranger", "rbv2_rpart", "iaml_glmnet"]) {
    const { instances } = read("yahpo", "dev", data, "reference.json");
    // Every file is read anew for a task: a dozen instances a scenario.
    const some = Object.entries(instances).slice(0, 12);
    for (const [instance, { best_config }] of some) {
      const task = yahpoTask({ data, instance });
      const config = Object.fromEntries(Object.entries(best_config).map(([name, v]) => [name.replace(/[^A-Za-z0-9]/g, "_"), v]));
      close(task.evaluate(config)[0], task.best, 1e-5, `${data} ${instance}`);
    }
    console.log(`${data}: ${some.length} instances agree to 1e-5`);
  }
}

function checkTrees() {
  for (const task of ["cifar10", "mnist"]) {
    const { checks, models } = read("ax_hss", "dev", `${task}.json`);
    for (const { flags, x, y } of checks) close(boostedTrees(models[flags], x.map(Math.fround)), y, 1e-5, `ax_hss ${task}`);
    assert.ok(Object.keys(axTask({ task }).parameters).length > 0);
    console.log(`ax_hss ${task}: ${checks.length} points agree to 1e-5`);
  }
}

function checkTables() {
  for (const data of ["fcnet", "hpobench_mlp", "nasbench201"]) {
    const { tasks } = read(data, "dev", "space.json");
    for (const { task, best_config } of tasks) {
      const found = tableTask({ data, task });
      close(found.evaluate(best_config)[0], found.best, 1e-6, `${data} ${task}`);
    }
    console.log(`${data}: ${tasks.length} optima agree`);
  }
}

function checkStatistics() {
  // Recipe: SciPy 1.17, scipy.stats.friedmanchisquare of the columns; wilcoxon(method="exact"), with ties PermutationMethod(inf); chi2.sf.
  const rows = [
    [1, 2, 3, 4],
    [2, 1, 3, 4],
    [1, 3, 2, 4],
    [4, 1, 2.5, 2.5],
    [1, 2, 4, 3],
    [1.5, 1.5, 3, 4],
  ];
  const { chiSquare, p } = friedman(rows);
  close(chiSquare, 9.206896551724144, 1e-12, "friedman");
  close(p, 0.026662880471382225, 1e-12, "friedman p");
  close(wilcoxon([0.3, -0.1, 0.5, 0.7, -0.2, 0.9, 1.1, 0.4, -0.6, 0.8, 1.2, 0.15]), 0.02685546875, 1e-15, "wilcoxon");
  close(wilcoxon([1, 1, -1, 2, 2, 3, -2, 4, 5, 5, 6, 7]), 0.01025390625, 1e-15, "wilcoxon with ties");
  const tails = [
    [1, 0.5, 0.479500122],
    [4, 3, 0.5578254],
    [5, 10, 0.0752352461],
    [7, 40, 1.25879039e-6],
  ];
  for (const [degrees, x, wanted] of tails) close(upperGamma(degrees / 2, x / 2), wanted, 1e-9, "chi-square tail");
  assert.deepEqual(ranks([3, 1, 3, 0]), [3.5, 2, 3.5, 1]);
  assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
  assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
  // Source: J. Demšar (2006), Sec. 3.2.3: four methods, 14 data sets, 1.25.
  close(criticalDifference(4, 14), 1.25, 5e-3, "critical difference");
  console.log("statistics agree with their golden values");
}

function checkPanel() {
  for (const { name } of panel.tasks) openTask(name);
  const single = panel.tasks.filter(({ family }) => family !== "two-objectives");
  assert.equal(single.length, 48);
  assert.equal(panel.tasks.length - single.length, 6);
  assert.equal(new Set(panel.tasks.map(({ name }) => name)).size, 54);
  console.log("panel: 48 tasks of one objective and 6 of two open");
}
