/** A value as one line of JSON; NaN and the infinities, which JSON has no word for, become text. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, withWireNumbers);
}

/** Like `jsonLine`, over several lines for people. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, withWireNumbers, 2);
}

function withWireNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
