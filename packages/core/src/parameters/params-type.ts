import type { Parameters, ParameterValue } from "./parameter.ts";

type ValueOf<P> = P extends { readonly type: "float" | "int" }
  ? number
  : P extends { readonly type: "boolean" }
    ? boolean
    : P extends { readonly values: readonly (infer Value extends ParameterValue)[] }
      ? Value
      : P extends { readonly value: infer Value extends ParameterValue }
        ? Value
        : never;

/** Names of the parameters that may be absent from a config. */
type ConditionalName<P> = { [Name in keyof P]: P[Name] extends { readonly when: unknown } ? Name : never }[keyof P];

type Flat<T> = { [Name in keyof T]: T[Name] };

/** What an objective receives: `{ lr: number; optimizer: "adam" | "sgd"; momentum?: number }`, optional where there is a condition. */
export type ParamsOf<P extends Parameters> = Flat<
  { [Name in Exclude<keyof P, ConditionalName<P>>]: ValueOf<P[Name]> } & {
    [Name in ConditionalName<P>]?: ValueOf<P[Name]>;
  }
>;
