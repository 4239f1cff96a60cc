import type { Importance } from "@tunesmith/core";
import { formatPercent, importanceMessages, type Language } from "@tunesmith/protocol";
import { shownText } from "./shown-text.ts";

const leastShown = 0.05;

/** Which parameters matter, greatest first: `lr 58 % (49–66)`, an interval of 90 %; below 5 % they are not named. */
export function importancePieces({ withheld, parameters }: Importance, language: Language): string[] {
  const words = importanceMessages(language);
  if (withheld !== null) return [words.withheld(withheld)];
  const shown = parameters.filter(({ share }) => share >= leastShown);
  const pieces = shown.map(
    ({ name, share, low, high }) =>
      `${shownText(name, 40)} ${formatPercent(share)} (${Math.round(100 * low)}–${Math.round(100 * high)})`,
  );
  return shown.length < parameters.length ? [...pieces, words.restBelow(formatPercent(leastShown))] : pieces;
}
