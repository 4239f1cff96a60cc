/** What a text with a unit stands for, or what is wrong with it. */
export type Quantity = { readonly value: number; readonly fault: null } | { readonly value: null; readonly fault: string };

const millisecondsOf = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const number = String.raw`(\d+(?:\.\d+)?)`;
const duration = new RegExp(`^(?:${number}d)?(?:${number}h)?(?:${number}m)?(?:${number}s)?(?:${number}ms)?$`);
const longest = 3_650 * millisecondsOf.d;

/** Milliseconds of `500ms`, `30s`, `30m`, `2h`, `1h30m`, `1.5h`, `2d`; units from the largest to the smallest, each once. */
export function parseDuration(text: string): Quantity {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  const compact = text.length > 40 ? "" : text.replaceAll(" ", "");
  if (/^\d+(?:\.\d+)?$/.test(compact)) return refuse(`${shown} has no unit: write ${compact}s, ${compact}m or ${compact}h`);
  const match = duration.exec(compact);
  if (match === null || compact === "") return refuse(`${shown} is no duration: write it like 500ms, 30s, 30m, 2h or 1h30m`);
  const units = Object.values(millisecondsOf);
  const value = Math.round(units.reduce((sum, unit, i) => sum + unit * Number(match[i + 1] ?? 0), 0));
  if (value < 1 || value > longest) return refuse(`${shown} is outside [1ms, 3650d]`);
  return { value, fault: null };
}

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of `512MB` (powers of 1000) or `8GiB` (powers of 1024). */
export function parseByteSize(text: string): Quantity {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  const match = text.length > 40 ? null : /^(\d+(?:\.\d+)?) *([A-Za-z]*)$/.exec(text);
  if (match === null) return refuse(`${shown} is no size: write it like 512MB or 8GiB`);
  const [, amount, unit] = match;
  if (unit === "") return refuse(`${shown} has no unit: write ${amount}MB, ${amount}GB or ${amount}GiB`);
  if (!Object.hasOwn(bytesOf, unit))
    return refuse(`${shown} has the unknown unit ${unit}; allowed: ${Object.keys(bytesOf).join(", ")}`);
  const value = Math.round(Number(amount) * bytesOf[unit]);
  if (value < 1 || !Number.isSafeInteger(value)) return refuse(`${shown} is outside [1B, 8191TiB]`);
  return { value, fault: null };
}

function refuse(fault: string): Quantity {
  return { value: null, fault };
}
