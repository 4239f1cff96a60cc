import type { Fault } from "@tunesmith/core";
import type { Language } from "../language.ts";
import { type Comparison, slotTexts, type Template, templatesOf } from "./template.ts";
import type { Translation } from "./translation.ts";
import { translations } from "./translations.ts";

/** Puts texts that are thrown or stored in English into a person's language. Texts that are not ours stay as they are. */
export interface Translator {
  /** The text in the person's language. What users or trainings wrote inside of it is shown as it is. */
  text(english: string): string;
  /** The message of an error; its faults, which stand in the message joined by "; ", are each put into the person's language. */
  error(error: { readonly message: string; readonly faults?: readonly Fault[] }): string;
}

const asItIs: Translator = Object.freeze({
  text: (english: string) => english,
  error: ({ message }: { message: string }) => message,
});

/** Cost of each call: nothing in English; in Chinese O(templates × length of the text), again for each text inside, at most `mostSteps` × length. */
export function createTranslator(language: Language): Translator {
  return language === "en" ? asItIs : translatorOf(translations);
}

/** Texts that are made to fit in many ways are given up: a text of ours takes some thousand steps. */
const mostSteps = 100_000;
/** Longer texts are files or logs of others. */
const longestText = 4_000;
/** Stands for the faults while the words around them are looked for; no message holds it. */
const faultsMark = "\uf8ff";

/** As `createTranslator`, of any translations. @param onUse  Told of every translation that gave words. */
export function translatorOf(all: readonly Translation[], onUse: (translation: Translation) => void = () => {}): Translator {
  let compiled: readonly Template[] | null = null;
  let stepsLeft = mostSteps;
  /** What came of the texts inside of a text: ways to fit share them. */
  const inside = new Map<string, string | null>();

  function translated(text: string): string | null {
    const known = inside.get(text);
    if (known !== undefined) return known;
    const found = text === faultsMark ? text : fitted(text);
    inside.set(text, found);
    return found;
  }

  function fitted(text: string): string | null {
    // Once, and only when something is to be said; the longest literals first.
    compiled ??= all.flatMap(templatesOf).sort((a, b) => b.weight - a.weight);
    for (const template of compiled) {
      if (!comparison.mayGoOn()) return null;
      const found = slotTexts(template, text, comparison);
      if (found === null) continue;
      onUse(template.translation);
      return inChinese(template, found);
    }
    return null;
  }

  const comparison: Comparison = {
    mayGoOn: () => stepsLeft-- > 0,
    shown({ kind }, text) {
      switch (kind) {
        case "any":
          return text;
        case "number":
          return text.trim() === text && (text === "NaN" || !Number.isNaN(Number(text))) ? text : null;
        case "place":
          return /["'`;{}()[\]]|:(?: |$)/.test(text) ? null : (translated(text) ?? text);
        case "value":
          return /^(?:"(?:[^"\\]|\\.)*"|[^":]|:(?! ))*$/s.test(text) ? (translated(text) ?? text) : null;
        case "perhaps-ours":
          return translated(text) ?? text;
        case "ours":
          return translated(text);
      }
    },
  };

  function text(english: string): string {
    if (english.length > longestText) return english;
    stepsLeft = mostSteps;
    inside.clear();
    return translated(english) ?? english;
  }

  return {
    text,
    error({ message, faults = [] }) {
      const joints = [": ", " "].map((joint) => faults.map((fault) => faultLine(fault, joint)).join("; "));
      const joint = joints.findIndex((joined) => faults.length > 0 && message.endsWith(joined));
      if (joint < 0) return text(message);
      const head = text(message.slice(0, -joints[joint].length) + faultsMark);
      const list = faults.map((fault) => faultLine({ path: fault.path, message: text(fault.message) }, "：")).join("；");
      return head.replace(faultsMark, () => list);
    },
  };
}

/** Chinese stands beside other letters with a blank between, beside Chinese without: of two texts of ours the blank is left out. */
function inChinese({ slots, chinese }: Template, shown: readonly string[]): string {
  let whole = "";
  let endsOurs = false;
  for (const part of chinese) {
    const i = "slot" in part ? slots.findIndex(({ name }) => name === part.slot) : -1;
    const text = "slot" in part ? shown[i] : part.word;
    const isOurs = i >= 0 && slots[i].kind !== "any" && slots[i].kind !== "number";
    if (isOurs && /\p{sc=Han} $/u.test(whole) && /^\p{sc=Han}/u.test(text)) whole = whole.slice(0, -1);
    whole += endsOurs && /^ \p{sc=Han}/u.test(text) && /\p{sc=Han}$/u.test(whole) ? text.slice(1) : text;
    endsOurs = isOurs;
  }
  return whole;
}

function faultLine({ path, message }: Fault, joint: string): string {
  return path === "" ? message : `${path}${joint}${message}`;
}
