import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAst } from "rolldown/parseAst";
import { describe, expect, test } from "vitest";
import type { Translation } from "./translation.ts";
import { translations } from "./translations.ts";
import { type Translator, translatorOf } from "./translator.ts";

// The sources themselves are read: every text in them that reads like a sentence must have a translation, unless it is listed here.

const packages = fileURLToPath(new URL("../../../../", import.meta.url));

/** Files whose texts nobody reads in the command: faults of a caller's code, a training's own output, what only tests use. */
const exemptFiles: readonly RegExp[] = [
  /^core\/src\/(?:numerics|problems|simulation|testing)\//,
  /^core\/src\/importance\/ped-anova\.ts$/,
  /^tunesmith\/src\/client\//,
  // Why a computer has no control groups is told to tests.
  /^tunesmith\/src\/training\/control-group\.ts$/,
  /^tunesmith\/src\/cli\/.*testing\//,
];

/** Texts that are no sentences for people, and those that say something of a mistake of ours. */
const exemptTexts: ReadonlySet<string> = new Set([
  // Mistakes of ours, and of programs that use the library.
  "\uf8fe could not be run",
  "\uf8fe has no value",
  "\uf8fe has no numeric prior",
  "\uf8fe has no steps",
  "\uf8fe is not an end",
  "the covariance of the curves is not positive definite",
  "a sampler that was only made to be looked at was asked",
  "this file runs in a worker thread only",
  'TUNESMITH_FAILPOINT is \uf8fe; allowed: a name, a colon and a count, e.g. "before-commit:3"',
  // Looked for in what other programs say.
  "Traceback (most recent call last):",
  "database is locked",
  "attempt to write a readonly database",
  "database disk image is malformed",
  "database or disk is full",
  "unable to open database file",
  "file is not a database",
  // What a study file, a module or a log holds.
  "# output from byte ",
  "export function createSampler(options) { return { suggest(problem, history, context) { … } } }",
  "fidelity: { name: epochs, min: \uf8fe, max: … } and scheduler: asha",
  " step \uf8fe",
  "\uf8fe \uf8fe … \uf8fe log\uf8fe",
  // Parts of messages that are looked at as wholes.
  "\uf8fe is \uf8fe",
  "\uf8fe is one of \uf8fe",
  "; did you mean \uf8fe?",
  " with \uf8fe",
  // Stored with a revision, shown nowhere.
  "the study file changed",
]);

/** Commands to be pasted, flags. */
const command = /^(?:tunesmith|python|node|sh|--[a-z]+) /;

/** What stands in a text for a value that is only known when it runs. */
const hole = "\uf8fe";

interface SourceText {
  readonly file: string;
  readonly text: string;
}

interface Node {
  readonly type?: string;
  readonly [member: string]: unknown;
}

/** All that a string expression can be, values as holes. */
function shapes(node: Node): readonly string[] {
  const member = (name: string): readonly string[] => shapes(node[name] as Node);
  switch (node.type) {
    case "Literal":
      return [typeof node.value === "string" ? node.value : hole];
    case "TemplateLiteral": {
      const words = (node.quasis as readonly { readonly value: { readonly cooked: string } }[]).map(({ value }) => value.cooked);
      const between = (node.expressions as readonly Node[]).map(shapes);
      return words.reduce<readonly string[]>(
        (starts, word, i) => (i === 0 ? [word] : starts.flatMap((start) => between[i - 1].map((slot) => start + slot + word))),
        [],
      );
    }
    case "ConditionalExpression":
      return [...member("consequent"), ...member("alternate")];
    case "LogicalExpression":
      return node.operator === "&&" ? [hole] : [...member("left"), ...member("right")];
    case "BinaryExpression": {
      const ends = member("right");
      return node.operator === "+" ? member("left").flatMap((start) => ends.map((end) => start + end)) : [hole];
    }
    case "ParenthesizedExpression":
      return member("expression");
    default:
      return [hole];
  }
}

const partsOfText = new Set(["TemplateLiteral", "ConditionalExpression", "LogicalExpression", "BinaryExpression"]);

/** Every string expression of a file, each whole once. */
function textsOf(node: unknown, isPart: boolean, found: Set<string>): void {
  if (node === null || typeof node !== "object") return;
  if (Array.isArray(node)) {
    for (const each of node) textsOf(each, false, found);
    return;
  }
  const { type = "" } = node as Node;
  // Types and the names of modules are no texts.
  if (/^(?:TS(?!As|Satisfies|NonNull|Parameter)|Import|ExportAll)/.test(type)) return;
  const isText = /^(?:Literal|TemplateLiteral)$/.test(type) || (type === "BinaryExpression" && (node as Node).operator === "+");
  if (isText && !isPart) for (const shape of shapes(node as Node)) found.add(shape);
  const isInside = partsOfText.has(type) && (isPart || isText || type !== "BinaryExpression");
  for (const [key, below] of Object.entries(node)) {
    if (isInside && Array.isArray(below)) for (const each of below) textsOf(each, isText || isPart, found);
    else textsOf(below, isInside && (isText || isPart) && key !== "test", found);
  }
}

function sourceTexts(): readonly SourceText[] {
  return ["core/src", "tunesmith/src"].flatMap((root) =>
    (readdirSync(packages + root, { recursive: true }) as string[])
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => `${root}/${file}`)
      .filter((file) => !exemptFiles.some((exempt) => exempt.test(file)))
      .sort()
      .flatMap((file) => {
        const found = new Set<string>();
        textsOf(parseAst(readFileSync(packages + file, "utf8"), { lang: "ts" }).body, false, found);
        return [...found].map((text) => ({ file, text }));
      }),
  );
}

/** What the parser of YAML says, as a study file's fault shows it: the first letter small. */
function yamlTexts(): readonly SourceText[] {
  const folder = fileURLToPath(new URL("./compose/", import.meta.resolve("yaml")));
  return readdirSync(folder)
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) => {
      const found = new Set<string>();
      textsOf(parseAst(readFileSync(folder + file, "utf8"), { sourceType: "script" }).body, false, found);
      return [...found]
        .filter((text) => /^[A-Z][a-z]* /.test(text))
        .map((text) => ({ file: `yaml: ${file}`, text: text.charAt(0).toLowerCase() + text.slice(1) }));
    });
}

const statement = /^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|PRAGMA|BEGIN|SAVEPOINT|RELEASE|ROLLBACK|WITH)\b/;

/** Two words side by side, or a word beside a value: no identifier, key, path, statement or command reads like that. */
function readsLikeProse(text: string): boolean {
  return /[a-z]{2,} [a-z\uf8fe]|\uf8fe [a-z]{2,}/.test(text) && !statement.test(text) && !command.test(text);
}

const oursMark = "\uf8ff";

/** Pieces of a text whose values are tried in every combination. */
const mostCombined = 7;

/** What may be put behind a message: a hint, the line that tells why. */
function isAddition(text: string): boolean {
  return /^[;:,( ]/.test(text) && readsLikeProse(text);
}

/**
 * The text with its values filled in, each as a number or as another text of ours, in every combination; a value beside another, or at
 * an end, may be nothing, and at the end an addition. What is said of something is tried behind its name too.
 */
function fillings(text: string): readonly string[] {
  const whole = isAddition(text) ? `${hole}${text}` : text;
  const parts = whole.split(hole);
  if (!readsLikeProse(text) || parts.length > mostCombined) return ["", "7", oursMark].map((value) => parts.join(value));
  const filled = parts.reduce<readonly string[]>((starts, part, i) => {
    if (i === 0) return [part];
    const mayBeNothing = part === "" || (i === 1 && parts[0] === "") || parts[i - 1] === "";
    const isLast = i === parts.length - 1 && part === "";
    const values = ["7", oursMark, ...(mayBeNothing ? [""] : []), ...(isLast ? additions : [])];
    return starts.flatMap((start) => values.map((value) => start + value + part));
  }, []);
  return [...filled, ...filled.map((each) => `7 ${each}`)].map((each) => each.replace(/\n$/, ""));
}

/** Whether no English stays in some filling of the text; each is tried. */
function isTranslated(text: string, translator: Translator): boolean {
  return fillings(text).filter((filled) => isChinese(filled, translator.text(filled))).length > 0;
}

function isChinese(text: string, shown: string): boolean {
  const left = shown.split(/[^\x20-\x7e]+/).filter((part) => /[a-z]{2,} [a-z]{2,}/.test(part) && !inChinese.includes(part));
  return shown !== text && left.length === 0;
}

/** What is Latin in the Chinese itself: examples and commands. */
const inChinese = translations.map(([, chinese]) => chinese).join("\n");

/** Texts that are put together in ways that cannot be read off the sources. */
const composed: readonly SourceText[] = [
  'unexpected flow-map-end token in YAML stream: "}"',
  "unexpected block-seq-ind on same line with key",
  "exit code 1, boom",
  "ended by SIGTERM, boom",
  "exit code 137 (not by Tunesmith; often the system, short of memory), Killed",
  "ended by SIGKILL (not by Tunesmith; often the system, short of memory), Killed",
  "val_loss is NaN",
  "val_loss is Infinity",
  "val_loss is -Infinity",
  "takes part when lr is one of 1, 2",
  "takes part when lr is 7",
  "takes part when lr is 7 and optimizer is 8",
].map((text) => ({ file: "put together", text }));

const texts = [...sourceTexts(), ...yamlTexts(), ...composed];
const additions = texts.map(({ text }) => text.replaceAll(hole, "7")).filter(isAddition);
const used = new Set<Translation>();
const translator = translatorOf(translations, (translation) => used.add(translation));
const untranslated = texts
  .filter(({ text }) => !isTranslated(text, translator) && readsLikeProse(text) && !exemptTexts.has(text))
  .map(({ file, text }) => `${file}: ${text.replaceAll(hole, "${…}")}`);

describe("the translations", () => {
  test("cover every text of the sources that reads like a sentence", () => {
    expect(texts.length).toBeGreaterThan(1_500);
    expect(untranslated).toEqual([]);
  });

  test("lack a text that was just written", () => {
    const found = new Set<string>();
    const source = 'throw new Error(`the ${what} is out of order` + (late ? ", and late" : "")); refuse(path, "is worn out");';
    textsOf(parseAst(source, { lang: "ts" }).body, false, found);
    const shown = ["the \uf8fe is out of order, and late", "the \uf8fe is out of order", "is worn out"];
    expect([...found].filter(readsLikeProse)).toEqual(shown);
    expect(shown.filter((text) => isTranslated(text, translator))).toEqual([]);
  });

  test("need every exception", () => {
    const found = new Set(texts.map(({ text }) => text));
    expect([...exemptTexts].filter((text) => !found.has(text))).toEqual([]);
  });

  test("hold none that no text of the sources needs", () => {
    expect(translations.filter((translation) => !used.has(translation)).map(([english]) => english)).toEqual([]);
  });
});
