/** A number found in a text, and the index just behind it. */
export interface ScannedNumber {
  readonly value: number;
  readonly end: number;
}

/**
 * Reads the number that starts at `start`: `12`, `-0.5`, `.5`, `5.`, `1e-3`, `nan`, `inf`, `-Infinity` (words in any case), and
 * integers grouped by commas, `1,234` and `1,234,567.8`. Says nothing of what follows it (see `standsAlone`).
 *
 * A grouped number has a first group of one to three digits that does not begin with 0 and further groups of exactly three: that
 * is how programs print large counts. `0,31` (a decimal comma) and `1,5` are not grouped numbers; `standsAlone` refuses what is
 * left of them, because half a number is worse than none.
 *
 * @returns undefined if no number starts there. `-0` is given as 0; what is too large for a float64 as ±Infinity.
 *
 * Cost: O(length of the number).
 */
export function scanNumber(text: string, start: number): ScannedNumber | undefined {
  let at = start;
  const sign = text[at] === "-" ? -1 : 1;
  if (text[at] === "-" || text[at] === "+") at++;
  const word = scanNonFinite(text, at);
  if (word !== undefined) return { value: sign * word.value, end: word.end };
  const wholeEnd = skipDigits(text, at);
  const groupedEnd = skipGroups(text, at, wholeEnd);
  let end = groupedEnd;
  if (text[end] === ".") end = skipDigits(text, end + 1);
  if (end === at || (end === at + 1 && text[at] === ".")) return undefined;
  end = skipExponent(text, end);
  const digits = text.slice(at, end);
  const value = Number(groupedEnd > wholeEnd ? digits.replaceAll(",", "") : digits);
  return { value: sign * value + 0, end };
}

/** The number that `text` is, blanks around it and a percent sign behind it allowed; undefined if it is anything else. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  const number = scanNumber(trimmed, 0);
  if (number === undefined) return undefined;
  const end = trimmed[number.end] === "%" ? number.end + 1 : number.end;
  return end === trimmed.length ? number.value : undefined;
}

/**
 * Whether a number that ends before `end` is a number of its own and not the beginning of something else: `3s`, `3/4`, `1.2.3`,
 * `12:30`, `0,31`, `3-4`, `0x10` and `1_000` are something else. A full stop that ends a sentence is fine.
 */
export function standsAlone(text: string, end: number): boolean {
  if (end >= text.length) return true;
  const code = text.charCodeAt(end);
  if (code === 0x2e || code === 0x2d) return !isNameCode(text.charCodeAt(end + 1));
  if (code === 0x2c) return !isDigitCode(text.charCodeAt(end + 1));
  return !isNameCode(code) && code !== 0x3a && code !== 0x3d;
}

/** A character of a metric's name: letters and digits of any script, `_ . / - @`. NaN (past the end) is none. */
export function isNameCode(code: number): boolean {
  if (code > 0x7f) return /[\p{L}\p{M}\p{N}]/u.test(String.fromCharCode(code));
  return (
    isAsciiLetterCode(code) ||
    isDigitCode(code) ||
    code === 0x5f ||
    code === 0x2e ||
    code === 0x2f ||
    code === 0x2d ||
    code === 0x40
  );
}

export function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isAsciiLetterCode(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function scanNonFinite(text: string, start: number): ScannedNumber | undefined {
  let end = start;
  while (end - start < 9 && isAsciiLetterCode(text.charCodeAt(end))) end++;
  const word = text.slice(start, end).toLowerCase();
  if (word === "nan") return { value: Number.NaN, end };
  if (word === "inf" || word === "infinity") return { value: Number.POSITIVE_INFINITY, end };
  return undefined;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigitCode(text.charCodeAt(at))) at++;
  return at;
}

function skipGroups(text: string, start: number, wholeEnd: number): number {
  const length = wholeEnd - start;
  if (length < 1 || length > 3 || text[start] === "0") return wholeEnd;
  let at = wholeEnd;
  while (text[at] === "," && skipDigits(text, at + 1) === at + 4) at += 4;
  return at;
}

function skipExponent(text: string, from: number): number {
  if (text[from] !== "e" && text[from] !== "E") return from;
  const signed = text[from + 1] === "-" || text[from + 1] === "+" ? from + 2 : from + 1;
  const end = skipDigits(text, signed);
  return end > signed ? end : from;
}
