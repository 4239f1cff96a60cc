import type { Json, JsonObject } from "../../json.ts";
import type { History } from "../../trial/history.ts";
import type { Problem } from "../../trial/problem.ts";
import type { FittedTheta } from "./fit.ts";

/** What a suggestion remembers for later ones: the fitted θ of each model by name, e.g. `loss`. */
export type FittedModels = { readonly [model: string]: FittedTheta };

/** The note of a suggestion: `{ gp: { revision, models: { loss: { at, theta } } } }`. */
export function gpNote({ revision }: Problem, fitted: FittedModels): JsonObject {
  const models = Object.fromEntries(Object.entries(fitted).map(([name, { at, theta }]) => [name, { at, theta: [...theta] }]));
  return { gp: { revision, models } };
}

/** What the newest trial with such a note remembers, by trial number; nothing if it searched another revision of the problem. */
export function newestFits({ revision }: Problem, history: History): FittedModels {
  const { rows } = history;
  for (let i = rows.length - 1; i >= 0; i--) {
    const gp = history.note(rows[i])?.gp;
    if (!isObject(gp)) continue;
    return gp.revision === revision && isObject(gp.models) ? readModels(gp.models) : {};
  }
  return {};
}

function readModels(models: JsonObject): FittedModels {
  const fitted: Record<string, FittedTheta> = {};
  for (const [name, model] of Object.entries(models)) {
    if (!isObject(model) || typeof model.at !== "number" || !Array.isArray(model.theta)) continue;
    if (model.theta.every((value) => Number.isFinite(value))) {
      fitted[name] = { at: model.at, theta: Float64Array.from(model.theta as number[]) };
    }
  }
  return fitted;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
