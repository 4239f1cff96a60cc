/** What an unquoted scalar means; `fault` says why a number cannot be taken as it stands, then `value` is the text itself. */
export interface ScalarMeaning {
  readonly value: string | number | boolean | null;
  readonly fault: string | null;
}

const keywords: ReadonlyMap<string, boolean | null> = new Map([
  ...["", "~", "null", "Null", "NULL"].map((text) => [text, null] as const),
  ...["true", "True", "TRUE"].map((text) => [text, true] as const),
  ...["false", "False", "FALSE"].map((text) => [text, false] as const),
]);
const decimalInteger = /^[-+]?\d+$/;
const basedInteger = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/;
const decimalFloat = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const leadingZero = /^[-+]?0\d+$/;

/**
 * The value of an unquoted scalar.
 *
 * Source: YAML 1.2.2, 10.3.2, the core schema's tag resolution. https://yaml.org/spec/1.2.2/#1032-tag-resolution
 * Departs: numbers that a double cannot hold, the infinities, NaN and decimal numbers with a leading 0 (octal in YAML 1.1) are faults.
 */
export function scalarValue(text: string): ScalarMeaning {
  const keyword = keywords.get(text);
  if (keyword !== undefined) return { value: keyword, fault: null };
  if (notFinite.test(text)) return faulty(text, `${text} is no finite number; quote it if it is meant as text`);
  if (!isInteger(text) && !decimalFloat.test(text)) return { value: text, fault: null };
  const fault = numberFault(text, Number(text));
  return fault === null ? { value: Number(text), fault } : faulty(text, fault);
}

/** Whether the text of a number says that a float is meant: `0.0` and `1e-5` do, `1` does not. */
export function isFloatText(text: string): boolean {
  return decimalFloat.test(text) && !isInteger(text);
}

function isInteger(text: string): boolean {
  return decimalInteger.test(text) || basedInteger.test(text);
}

function numberFault(text: string, value: number): string | null {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  if (leadingZero.test(text))
    return `${shown} starts with 0, which some read as octal: write ${shown.replace(/^([-+]?)0+(?=\d)/, "$1")}, or quote it if it is text`;
  if (!Number.isFinite(value)) return `${shown} is too large for a number; the largest is 1.79e308`;
  if (value === 0 && /[1-9]/.test(text.replace(/e.*$/i, "")))
    return `${shown} is too small for a number; the smallest above 0 is 5e-324`;
  if (isInteger(text) && !Number.isSafeInteger(value))
    return `${shown} is beyond 2^53 - 1, where whole numbers are no longer exact`;
  return null;
}

function faulty(value: string, fault: string): ScalarMeaning {
  return { value, fault };
}
