import { maxMetricNameLength, maxObjectDepth } from "./metrics-from-object.ts";
import { isNameCode, type ScannedNumber, scanNumber, standsAlone } from "./scan-number.ts";

/**
 * Words that count: a number may follow them without a separator (`Epoch 3`), as a part of a whole (`3/10`), in brackets, or
 * before a colon.
 */
const countingWords: ReadonlySet<string> = new Set([
  "epoch",
  "step",
  "global_step",
  "iter",
  "iteration",
  "round",
  "batch",
  "generation",
  "episode",
  "update",
  "fold",
]);

/** What a bare number behind a name may begin with. */
const valueStarts: ReadonlySet<string> = new Set("0123456789+-.[(#nNiI'\"");

/** What programs print around a single number: `tensor(0.31)`, `np.float64(0.31)`, `Decimal('0.31')`. */
const wrappers: ReadonlySet<string> = new Set([
  "tensor",
  "array",
  "decimal",
  "float",
  "float16",
  "float32",
  "float64",
  "bfloat16",
  "int",
  "int32",
  "int64",
]);

/** `train.py:42` is a place in a source file and `cuda:0` a device: their numbers measure nothing. */
const place = /\.(?:py|[cm]?[jt]s|cc|cpp|cu|h|rs|go|jl|R|sh|java)$|^(?:cuda|cpu|gpu|hip|mps|npu|tpu|xla|rank|localhost)$/;

/**
 * Adds to `metrics` the pairs of name and number that a text line holds; the rules are those of `metricsFromLine`. Python dicts
 * are read on the way: a brace behind a name puts that name before the names in it.
 *
 * Cost: O(length of the line): every step moves on, and what is read twice is bounded by a constant or belongs to one separator.
 */
export function scanPairs(line: string, wanted: ReadonlySet<string>, metrics: Map<string, number>): void {
  new PairScanner(line, wanted, metrics).scan();
}

class PairScanner {
  readonly #line: string;
  readonly #wanted: ReadonlySet<string>;
  readonly #metrics: Map<string, number>;
  /**
   * For every open brace, what stands before the names in it; undefined when they are nested too deep or that is longer than
   * a name may be.
   */
  readonly #prefixes: (string | undefined)[] = [];
  /** The word that only blanks separate from what comes next. */
  #previousWord = "";
  #at = 0;

  constructor(line: string, wanted: ReadonlySet<string>, metrics: Map<string, number>) {
    this.#line = line;
    this.#wanted = wanted;
    this.#metrics = metrics;
  }

  scan(): void {
    this.#scanLeadingRound();
    while (this.#at < this.#line.length) {
      if (isNameCode(this.#line.charCodeAt(this.#at))) this.#scanPair();
      else this.#skipOne();
    }
  }

  #skipOne(): void {
    const character = this.#line[this.#at];
    if (character === "{") this.#open("");
    else if (character === "}") this.#prefixes.pop();
    if (character !== " " && character !== "\t") this.#previousWord = "";
    this.#at++;
  }

  #open(name: string): void {
    const outer = this.#prefixes.at(-1);
    const isNamed = this.#prefixes.length > 0 && name !== "" && name !== "metrics";
    const prefix = isNamed && outer !== undefined ? `${outer}${name}.` : this.#prefixes.length === 0 ? "" : outer;
    const isReadable = prefix !== undefined && prefix.length <= maxMetricNameLength && this.#prefixes.length < maxObjectDepth;
    this.#prefixes.push(isReadable ? prefix : undefined);
  }

  /** `[10]` or `10:` at the start of a line, a blank behind it. */
  #scanLeadingRound(): void {
    const bracket = this.#line[0] === "[" ? 1 : 0;
    const number = scanNumber(this.#line, bracket);
    if (number === undefined || !Number.isSafeInteger(number.value) || number.value < 0) return;
    const closed = this.#line[number.end] === (bracket === 1 ? "]" : ":");
    if (!closed || !isBlank(this.#line[number.end + 1])) return;
    this.#metrics.set("iteration", number.value);
    this.#at = number.end + 1;
  }

  /** Reads the name at the current place and, if a number belongs to it, keeps the pair. */
  #scanPair(): void {
    const start = this.#at;
    while (isNameCode(this.#line.charCodeAt(this.#at))) this.#at++;
    const name = nameIn(this.#line, start, this.#at);
    if (isQuote(this.#line[this.#at])) this.#at++;
    const gap = this.#at;
    this.#skipBlanks();
    const fullName = this.#joinedWithPreviousWord(name);
    if (isSeparator(this.#line, this.#at)) {
      const isTightColon = this.#line[this.#at] === ":" && !isBlank(this.#line[this.#at + 1]);
      this.#previousWord = "";
      this.#at++;
      this.#skipBlanks();
      this.#scanValue(isTightColon && fullName !== undefined && place.test(fullName) ? undefined : fullName);
    } else if (!(this.#at > gap && this.#mayStandBeforeNumber(fullName) && this.#scanValue(fullName))) {
      this.#previousWord = name ?? "";
    }
  }

  #mayStandBeforeNumber(name: string | undefined): boolean {
    return name !== undefined && valueStarts.has(this.#line[this.#at]) && (this.#wanted.has(name) || isCountingWord(name));
  }

  #joinedWithPreviousWord(name: string | undefined): string | undefined {
    if (name === undefined || this.#previousWord === "" || this.#wanted.size === 0) return name;
    const joined = `${this.#previousWord}_${name}`;
    return this.#wanted.has(joined) ? joined : name;
  }

  /** Keeps the number at the current place as the value of `name` and steps behind it; false when there is none. */
  #scanValue(name: string | undefined): boolean {
    if (this.#line[this.#at] === "{") {
      this.#open(name ?? "");
      this.#at++;
      return true;
    }
    if (name === undefined) return false;
    const number = this.#scanPlainValue() ?? (isCountingWord(name) ? this.#scanCount() : undefined);
    if (number === undefined) return false;
    this.#keep(name, number.value);
    this.#at = number.end;
    this.#previousWord = "";
    return true;
  }

  #keep(name: string, value: number): void {
    const prefix = this.#prefixes.length === 0 ? "" : this.#prefixes.at(-1);
    if (prefix === undefined || prefix.length + name.length > maxMetricNameLength) return;
    this.#metrics.set(prefix + name, value);
  }

  #scanPlainValue(): ScannedNumber | undefined {
    const at = isQuote(this.#line[this.#at]) ? this.#at + 1 : this.#at;
    const number = scanNumber(this.#line, at) ?? this.#scanWrapped(at);
    if (number === undefined) return undefined;
    if (this.#line[number.end] === "%") return { value: number.value, end: number.end + 1 };
    return standsAlone(this.#line, number.end) ? number : undefined;
  }

  #scanWrapped(start: number): ScannedNumber | undefined {
    let open = start;
    while (open - start < 40 && isNameCode(this.#line.charCodeAt(open))) open++;
    if (this.#line[open] !== "(") return undefined;
    const wrapper = this.#line.slice(start, open).split(".").at(-1) ?? "";
    if (!wrappers.has(wrapper.toLowerCase())) return undefined;
    return scanNumber(this.#line, isQuote(this.#line[open + 1]) ? open + 2 : open + 1);
  }

  /** `3/10`, `[3/10]`, `(3/10)`, `#3`, `3:`: how far a counting word has come. */
  #scanCount(): ScannedNumber | undefined {
    const opener = this.#line[this.#at];
    const start = opener === "[" || opener === "(" || opener === "#" ? skipBlanks(this.#line, this.#at + 1) : this.#at;
    const number = scanNumber(this.#line, start);
    if (number === undefined) return undefined;
    const next = this.#line[number.end];
    if (next === "/") {
      const whole = scanNumber(this.#line, number.end + 1);
      return whole !== undefined && standsAlone(this.#line, whole.end) ? { value: number.value, end: whole.end } : undefined;
    }
    const isLabel = next === ":" && !isNameCode(this.#line.charCodeAt(number.end + 1));
    return isLabel || standsAlone(this.#line, number.end) ? number : undefined;
  }

  #skipBlanks(): void {
    this.#at = skipBlanks(this.#line, this.#at);
  }
}

function isCountingWord(name: string): boolean {
  return countingWords.has(name.toLowerCase());
}

/** The name in `[start, end)` without dots before and punctuation behind it; undefined if that is no name. */
function nameIn(line: string, start: number, end: number): string | undefined {
  let from = start;
  let to = end;
  while (from < to && line[from] === ".") from++;
  while (to > from && "./-@".includes(line[to - 1])) to--;
  if (to === from || to - from > maxMetricNameLength || "/-@".includes(line[from])) return undefined;
  const name = line.slice(from, to);
  return /[a-z_\p{L}]/u.test(name) ? name : undefined;
}

/** `=` or `:` (also full-width), but not `==`, `=>`, `::`. */
function isSeparator(line: string, at: number): boolean {
  const character = line[at];
  if (character === "：" || character === "＝") return true;
  if (character !== "=" && character !== ":") return false;
  const next = line[at + 1];
  return next !== "=" && next !== ">" && next !== ":";
}

function isQuote(character: string | undefined): boolean {
  return character === "'" || character === '"' || character === "`";
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\u00a0";
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (isBlank(line[at])) at++;
  return at;
}
