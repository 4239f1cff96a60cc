import { cutText, harmless } from "./text-width.ts";

/** What a user or a training wrote, for one place in one line: harmless, line ends and tabs as blanks, cut to `width` columns. */
export function shownText(text: string, width = 60): string {
  return cutText(harmless(text.replace(/[\t\n\r\u0085\u2028\u2029]+/g, " ")), width);
}
