import type { Problem } from "@tunesmith/core";
import { formatCount, formatNumber, type StudyMessages } from "@tunesmith/protocol";
import { shownText } from "../../terminal/shown-text.ts";
import { type Column, textTable } from "../../terminal/text-table.ts";
import { type BracketRungs, comparePlaces, type RungPlace, type RungRow } from "./rung-table.ts";

// More would push the rest of the page out of sight: brackets with the same rungs are then told as one.
const mostRows = 18;

/** The rungs as a small table, bracket by bracket; nothing where no trial came to one. */
export function rungLines(brackets: readonly BracketRungs[], problem: Problem, words: StudyMessages): string[] {
  const { fidelity } = problem;
  if (fidelity === null || brackets.every(({ rungs: [first] }) => first.places.length === 0)) return [];
  const groups = grouped(brackets, problem);
  const isWaited = brackets.some(({ rungs }) => rungs.some(({ places }) => countOf(places, "waits") > 0));
  const columns: Column[] = [
    ...(brackets.length > 1 ? [{ title: words.rungColumns.bracket }] : []),
    { title: shownText(fidelity.name, 20), align: "right" },
    { title: words.rungColumns.came, align: "right" },
    { title: words.rungColumns.wentOn, align: "right" },
    ...(isWaited ? [{ title: words.rungColumns.waiting, align: "right" } as const] : []),
    { title: words.rungColumns.best },
  ];
  const rows = groups.flatMap(({ title, rungs }) =>
    rungs.map(({ fidelity: level, places }, k) => [
      ...(brackets.length > 1 ? [k === 0 ? title(words) : ""] : []),
      formatNumber(level),
      formatCount(places.length),
      k === rungs.length - 1 ? "" : formatCount(countOf(places, "on")),
      ...(isWaited ? [blankIfNone(countOf(places, "waits"))] : []),
      bestText(places),
    ]),
  );
  return textTable(columns, rows);
}

interface Group {
  readonly title: (words: StudyMessages) => string;
  readonly rungs: readonly RungRow[];
}

function grouped(brackets: readonly BracketRungs[], problem: Problem): readonly Group[] {
  if (brackets.reduce((count, { rungs }) => count + rungs.length, 0) <= mostRows)
    return brackets.map(({ bracket, rungs }) => ({ title: () => String(bracket), rungs }));
  const kinds = new Map<string, BracketRungs[]>();
  for (const bracket of brackets) {
    const kind = bracket.rungs.map(({ fidelity }) => fidelity).join();
    kinds.set(kind, [...(kinds.get(kind) ?? []), bracket]);
  }
  return [...kinds.values()].map((alike) => ({
    title: (words) => (alike.length === 1 ? String(alike[0].bracket) : words.brackets(alike[0].bracket, alike.length - 1)),
    rungs: alike[0].rungs.map(({ fidelity }, k) => ({ fidelity, places: merged(alike, k, problem) })),
  }));
}

function merged(alike: readonly BracketRungs[], k: number, problem: Problem): readonly RungPlace[] {
  return alike.flatMap(({ rungs }) => rungs[k].places).sort((a, b) => comparePlaces(a, b, problem));
}

function countOf(places: readonly RungPlace[], fate: RungPlace["fate"]): number {
  return places.reduce((count, place) => count + (place.fate === fate ? 1 : 0), 0);
}

function blankIfNone(count: number): string {
  return count === 0 ? "" : formatCount(count);
}

function bestText(places: readonly RungPlace[]): string {
  const [best] = places;
  return best === undefined || Number.isNaN(best.value) ? "" : `${formatNumber(best.value)} #${best.trial}`;
}
