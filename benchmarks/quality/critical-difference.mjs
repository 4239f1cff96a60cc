/**
 * The critical-difference drawing: methods on an axis of mean ranks, best on the left, bars over those that do not differ.
 *
 * @param named  `{ name, rank }` of every method.
 * @returns      An SVG document; it has no colours of its own but black, white and grey.
 * Source: J. Demšar (2006), JMLR 7:1-30, Fig. 1.
 */
export function drawCriticalDifference(named, difference, title) {
  const sorted = [...named].sort((a, b) => a.rank - b.rank);
  const k = sorted.length;
  const [left, right, top] = [190, 530, 84];
  const x = (rank) => left + ((rank - 1) / (k - 1)) * (right - left);
  const bars = groups(sorted, difference);
  const labelTop = top + 22 + 10 * bars.length;
  const half = Math.ceil(k / 2);
  const height = labelTop + 20 * half + 10;
  const parts = [text(360, 20, title, "middle"), line(left, top, right, top)];
  for (let rank = 1; rank <= k; rank++) parts.push(line(x(rank), top - 5, x(rank), top), text(x(rank), top - 10, rank, "middle"));
  const end = Math.min(right, x(1) + (difference / (k - 1)) * (right - left));
  parts.push(
    line(x(1), 48, end, 48),
    line(x(1), 44, x(1), 52),
    line(end, 44, end, 52),
    text(x(1), 40, `critical difference ${difference.toFixed(2)}`),
  );
  for (const [i, { name, rank }] of sorted.entries()) {
    const onLeft = i < half;
    const y = labelTop + 20 * (onLeft ? i : k - 1 - i);
    const edge = onLeft ? left - 10 : right + 10;
    parts.push(line(x(rank), top, x(rank), y), line(x(rank), y, edge, y));
    parts.push(text(edge + (onLeft ? -4 : 4), y + 4, `${name} ${rank.toFixed(2)}`, onLeft ? "end" : "start"));
  }
  for (const [i, { from, to }] of bars.entries())
    parts.push(line(x(from) - 4, top + 12 + 10 * i, x(to) + 4, top + 12 + 10 * i, 4));
  const style = 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor" stroke="none"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" role="img" aria-label="${title}" ${style}>\n${parts.join("\n")}\n</svg>\n`;
}

/** Longest runs of methods whose first and last differ by less than the critical difference. */
function groups(sorted, difference) {
  const found = [];
  for (let i = 0; i < sorted.length; i++) {
    let j = i;
    while (j + 1 < sorted.length && sorted[j + 1].rank - sorted[i].rank < difference) j++;
    if (j > i && (found.length === 0 || found.at(-1).last < j)) found.push({ from: sorted[i].rank, to: sorted[j].rank, last: j });
  }
  return found;
}

function line(x1, y1, x2, y2, width = 1) {
  const at = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${at[0]}" y1="${at[1]}" x2="${at[2]}" y2="${at[3]}" stroke="currentColor" stroke-width="${width}"/>`;
}

function text(x, y, said, anchor = "start") {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${said}</text>`;
}
