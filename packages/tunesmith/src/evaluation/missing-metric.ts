import type { MetricSummary } from "./metric-collector.ts";

const shownNames = 10;

/**
 * Why an attempt made no report, in one line: "no val_loss in 214 lines; seen: loss, acc, val_acc". Names that differ from a
 * missing one only in case and punctuation come first. undefined if there was a report.
 */
export function explainMissing(summary: MetricSummary): string | undefined {
  if (summary.reportCount > 0) return undefined;
  if (summary.missingNames.length === 0) return "the objectives were never seen for the same step";
  const missing = summary.missingNames.join(", ");
  if (summary.lineCount === 0) return `no ${missing}: nothing was printed`;
  const lines = summary.lineCount === 1 ? "1 line" : `${summary.lineCount} lines`;
  if (summary.seenNames.length === 0)
    return `no ${missing} in ${lines}, nor any other named number; print it as ${summary.missingNames[0]}=0.31`;
  return `no ${missing} in ${lines}; seen: ${listNames(summary)}`;
}

function listNames(summary: MetricSummary): string {
  const wanted = new Set(summary.missingNames.map(plain));
  const alike = summary.seenNames.filter((name) => wanted.has(plain(name)));
  const others = summary.seenNames.filter((name) => !wanted.has(plain(name)));
  const names = [...alike, ...others];
  const rest = names.length - shownNames;
  return names.slice(0, shownNames).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
