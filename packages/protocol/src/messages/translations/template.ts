import type { Translation } from "./translation.ts";

/** A translation ready to be compared with texts. */
export interface Template {
  readonly translation: Translation;
  /** What stands before, between and behind the slots: one more than slots. */
  readonly literals: readonly string[];
  readonly slots: readonly Slot[];
  /** Words and names of slots, as they follow each other in Chinese. */
  readonly chinese: readonly ChinesePart[];
  /** Characters of the literals: of two templates that fit, the one that says more of itself is meant. */
  readonly weight: number;
}

export type ChinesePart = { readonly word: string } | { readonly slot: string };

export interface Slot {
  readonly name: string;
  readonly kind: SlotKind;
}

/** What may stand in a slot: see `Translation`. */
export type SlotKind = "any" | "number" | "place" | "value" | "perhaps-ours" | "ours";

// A brace behind "$" belongs to a macro of a command: `${args}` is text.
const slotPattern = /(?<!\$)\{(\w+)([#@~?!]?)\}/;
const kinds: Readonly<Record<string, SlotKind>> = {
  "": "any",
  "#": "number",
  "@": "place",
  "~": "value",
  "?": "perhaps-ours",
  "!": "ours",
};

/** The templates of a translation: one, or two where "is " may be missing. */
export function templatesOf(translation: Translation): readonly Template[] {
  const [english] = translation;
  const whole = templateOf(english, translation);
  return english.startsWith("is ") ? [whole, templateOf(english.slice("is ".length), translation)] : [whole];
}

function templateOf(english: string, translation: Translation): Template {
  // Literal, name, mark, literal, name, mark, …, literal.
  const parts = english.split(slotPattern);
  const literals = parts.filter((_, i) => i % 3 === 0);
  const slots = literals.slice(1).map((_, i) => ({ name: parts[3 * i + 1], kind: kinds[parts[3 * i + 2]] }));
  const chinese = translation[1]
    .split(slotPattern)
    .flatMap((part, i): readonly ChinesePart[] => (i % 3 === 0 ? [{ word: part }] : i % 3 === 1 ? [{ slot: part }] : []));
  return { translation, literals, slots, chinese, weight: literals.join("").length };
}

/** What is looked into while a template is compared with a text. */
export interface Comparison {
  /** What a slot shows for the text that stands in it; null if that cannot stand there. */
  shown(slot: Slot, text: string): string | null;
  /** Counts one place of a literal. False: enough were tried, nothing fits any more. */
  mayGoOn(): boolean;
}

/**
 * What the slots show if the template fits the whole text, else null. No slot is empty; a literal between slots is taken where it
 * first stands and the slots allow it.
 *
 * Cost: O(length of the text), again for each place of a literal that has to be tried.
 */
export function slotTexts(template: Template, text: string, comparison: Comparison): readonly string[] | null {
  const { literals } = template;
  const [first] = literals;
  if (literals.length === 1) return text === first ? [] : null;
  if (!text.startsWith(first) || !text.endsWith(literals[literals.length - 1])) return null;
  return fillFrom(template, text, 0, first.length, comparison);
}

/** The slots from number `i` on, whose text begins at `from`. */
function fillFrom(template: Template, text: string, i: number, from: number, comparison: Comparison): readonly string[] | null {
  const { literals, slots } = template;
  const literal = literals[i + 1];
  if (i === slots.length - 1) {
    const end = text.length - literal.length;
    const shown = from < end ? comparison.shown(slots[i], text.slice(from, end)) : null;
    return shown === null ? null : [shown];
  }
  for (let at = text.indexOf(literal, from + 1); at >= 0 && comparison.mayGoOn(); at = text.indexOf(literal, at + 1)) {
    // The rest is often refused at once, and looking into a slot costs more.
    const rest = fillFrom(template, text, i + 1, at + literal.length, comparison);
    const shown = rest === null ? null : comparison.shown(slots[i], text.slice(from, at));
    if (rest !== null && shown !== null) return [shown, ...rest];
  }
  return null;
}
