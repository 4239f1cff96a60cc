// Eleven even steps of viridis, dark to bright.
// Source: S. van der Walt & N. Smith (2015), matplotlib's colour map "viridis" (CC0), every tenth of its range.
const viridis = [
  [68, 1, 84],
  [72, 36, 117],
  [65, 68, 135],
  [53, 95, 141],
  [42, 120, 142],
  [33, 145, 140],
  [34, 168, 132],
  [68, 191, 112],
  [122, 209, 81],
  [189, 223, 38],
  [253, 231, 37],
];

export const dark = matchMedia("(prefers-color-scheme: dark)");

/** Colour of a loss: what is good stands out from the ground, dark on light and bright on dark. */
export function lossColour(loss) {
  const badness = Math.min(1, Math.max(0, Math.log(loss / 0.12) / Math.log(0.7 / 0.12)));
  const [red, green, blue] = viridisAt(dark.matches ? 0.95 - 0.65 * badness : 0.75 * badness);
  return `rgb(${red} ${green} ${blue})`;
}

function viridisAt(t) {
  const at = t * (viridis.length - 1);
  const k = Math.min(viridis.length - 2, Math.floor(at));
  return viridis[k].map((channel, c) => Math.round(channel + (at - k) * (viridis[k + 1][c] - channel)));
}
