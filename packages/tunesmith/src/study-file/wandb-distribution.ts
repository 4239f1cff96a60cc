import type { Json } from "@tunesmith/core";
import type { SourceNode } from "./source-node.ts";

/** A W&B distribution as a parameter of ours, or why it cannot be one. */
export type Translation =
  | { readonly declared: Readonly<Record<string, Json>>; readonly notice?: string; readonly fault?: undefined }
  | { readonly fault: string; readonly declared?: undefined; readonly notice?: undefined };

interface Numbers {
  readonly min: number;
  readonly max: number;
  readonly q: number;
  readonly mu: number;
  readonly sigma: number;
}

interface Distribution {
  /** Keys that must be there. */
  readonly needs: readonly string[];
  /** Keys that may be there besides. */
  readonly takes: readonly string[];
  translate(numbers: Numbers): Translation;
}

/** Keys that every distribution leaves to us. */
export const commonKeys: readonly string[] = ["distribution", "default", "when", "arg"];

const range = ["min", "max"] as const;
const bell = ["mu", "sigma"] as const;
// 99.99 % of a normal distribution lies within four standard deviations.
const bellWidth = 4;
const tooLarge = "its values are too large for a number";

const choices = (takes: readonly string[]): Distribution => ({
  needs: ["values"],
  takes,
  translate: () => ({ declared: { type: "categorical" } }),
});
const between = (takes: readonly string[], translate: (numbers: Numbers) => Translation): Distribution => ({
  needs: range,
  takes,
  translate,
});
const around = (takes: readonly string[], translate: (numbers: Numbers) => Translation): Distribution => ({
  needs: [],
  takes: [...bell, ...takes],
  translate,
});

/**
 * Source: Weights & Biases, sweep configuration keys, https://docs.wandb.ai/models/sweeps/sweep-config-keys ("Distribution options for
 * random and bayesian search").
 * Departs: normal distributions end four standard deviations from their mean; ranges with `q` end at multiples of q.
 */
export const distributions: Readonly<Record<string, Distribution>> = Object.freeze({
  constant: { needs: ["value"], takes: [], translate: () => ({ declared: { type: "constant" } }) },
  categorical: choices(["probabilities"]),
  categorical_w_probabilities: choices(["probabilities"]),
  int_uniform: between([], ({ min, max }) => ({ declared: { type: "int", min, max } })),
  uniform: between([], ({ min, max }) => ({ declared: { type: "float", min, max } })),
  q_uniform: between(["q"], ({ min, max, q }) => stepped(min, max, q, {})),
  log_uniform: between([], ({ min, max }) => exponents(min, max, (low, high) => ({ declared: logarithmic(low, high) }))),
  log_uniform_values: between([], ({ min, max }) => ({ declared: logarithmic(min, max) })),
  q_log_uniform: between(["q"], ({ min, max, q }) => exponents(min, max, (low, high) => stepped(low, high, q, { log: true }))),
  q_log_uniform_values: between(["q"], ({ min, max, q }) => stepped(min, max, q, { log: true })),
  // The logarithm of 1/x is spread evenly exactly where that of x is.
  inv_log_uniform: between([], ({ min, max }) => exponents(-max, -min, (low, high) => ({ declared: logarithmic(low, high) }))),
  inv_log_uniform_values: between([], ({ min, max }) => ({ declared: logarithmic(min, max) })),
  normal: around([], ({ mu, sigma }) => {
    const [min, max] = bellEnds(mu, sigma);
    return {
      declared: { type: "float", min, max, prior: { distribution: "normal", mean: mu, sd: sigma } },
      notice: cut(min, max),
    };
  }),
  q_normal: around(["q"], ({ mu, sigma, q }) => {
    const [min, max] = bellEnds(mu, sigma);
    return stepped(min, max, q, { prior: { distribution: "normal", mean: mu, sd: sigma } }, cut(min, max));
  }),
  log_normal: around([], ({ mu, sigma }) => {
    const [min, max] = bellEnds(mu, sigma).map(Math.exp);
    const prior = { distribution: "log-normal", mean: mu, sd: sigma };
    return Number.isFinite(max) ? { declared: { ...logarithmic(min, max), prior }, notice: cut(min, max) } : { fault: tooLarge };
  }),
  q_log_normal: around(["q"], ({ mu, sigma, q }) => {
    const [min, max] = bellEnds(mu, sigma).map(Math.exp);
    return stepped(min, max, q, { prior: { distribution: "log-normal", mean: mu, sd: sigma } }, cut(min, max));
  }),
  beta: unknown("beta"),
  q_beta: unknown("q_beta"),
});

/** Number members of a distribution, with W&B's defaults for those not written. Null if one is no number, or q or sigma not above 0. */
export function distributionNumbers(members: ReadonlyMap<string, { readonly node: SourceNode }>): Numbers | null {
  const read = (key: string, otherwise: number): number => {
    const node = members.get(key)?.node;
    if (node === undefined) return otherwise;
    return node.kind === "scalar" && typeof node.value === "number" ? node.value : Number.NaN;
  };
  const numbers = { min: read("min", 0), max: read("max", 1), q: read("q", 1), mu: read("mu", 0), sigma: read("sigma", 1) };
  return Object.values(numbers).every(Number.isFinite) && numbers.q > 0 && numbers.sigma > 0 ? numbers : null;
}

function logarithmic(min: number, max: number): Readonly<Record<string, Json>> {
  return { type: "float", min, max, log: true };
}

function bellEnds(mu: number, sigma: number): readonly [number, number] {
  return [mu - bellWidth * sigma, mu + bellWidth * sigma];
}

function cut(min: number, max: number): string {
  return `has no ends: searched from ${short(min)} to ${short(max)}, ${bellWidth} sigma around mu`;
}

function exponents(low: number, high: number, translate: (min: number, max: number) => Translation): Translation {
  const [min, max] = [Math.exp(low), Math.exp(high)];
  if (!Number.isFinite(max) || min === 0)
    return {
      fault:
        "min and max are exponents of e here, and these lead out of the numbers; the distribution ending in _values takes the values themselves",
    };
  const translation = translate(min, max);
  if (translation.fault !== undefined) return translation;
  const notice = `takes min and max as exponents of e: searched from ${short(min)} to ${short(max)}`;
  return { ...translation, notice: translation.notice === undefined ? notice : `${notice}; ${translation.notice}` };
}

function stepped(low: number, high: number, q: number, rest: Readonly<Record<string, Json>>, notice?: string): Translation {
  const [min, max] = [low, high].map((end) => Number((Math.round(end / q) * q).toPrecision(15)));
  if (!Number.isFinite(min) || !Number.isFinite(max)) return { fault: tooLarge };
  const type = Number.isSafeInteger(q) && Number.isSafeInteger(min) && Number.isSafeInteger(max) ? "int" : "float";
  const moved = min === low && max === high ? [] : [`with q ${q} ends at multiples of q: ${short(min)} to ${short(max)}`];
  const notices = [...(notice === undefined ? [] : [notice]), ...moved];
  return { declared: { ...rest, type, min, max, step: q }, ...(notices.length > 0 && { notice: notices.join("; ") }) };
}

function unknown(name: string): Distribution {
  const fault = `${name} cannot be searched here; use uniform, or normal with mu and sigma`;
  return { needs: [], takes: [], translate: () => ({ fault }) };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
