// What every drawing is made of: the sheet with its colours for light and dark, numbers, text, lines, scales.

/** One decimal: a tenth of a pixel is as fine as anybody sees, and keeps the files small. */
export const px = (value) => String(Math.round(value * 10) / 10 + 0);

/** Colours for categories. Source: M. Okabe, K. Ito (2008), "Color universal design", https://jfly.uni-koeln.de/color/ */
export const okabeIto = Object.freeze({
  orange: "#e69f00",
  skyBlue: "#56b4e9",
  green: "#009e73",
  yellow: "#f0e442",
  blue: "#0072b2",
  vermillion: "#d55e00",
  purple: "#cc79a7",
});

// Ten stops of viridis, the last the brightest. Source: S. van der Walt, N. Smith (2015), https://bids.github.io/colormap/
const viridisStops = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 73, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];

/** @param share  0 (dark) … 1 (bright). */
export function viridis(share) {
  const at = Math.min(1, Math.max(0, share)) * (viridisStops.length - 1);
  const i = Math.min(viridisStops.length - 2, Math.floor(at));
  const channel = (k) => Math.round(viridisStops[i][k] + (at - i) * (viridisStops[i + 1][k] - viridisStops[i][k]));
  return `#${[0, 1, 2].map((k) => channel(k).toString(16).padStart(2, "0")).join("")}`;
}

/** White for the first of `count`, black for the last. */
export function grey(index, count) {
  const level = Math.round(255 * (1 - (count <= 1 ? 0 : index / (count - 1))));
  return `#${level.toString(16).padStart(2, "0").repeat(3)}`;
}

// Classes, not variables: simple renderers know them too. Light first, then what differs in the dark.
const style = `
text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;font-size:13px;fill:#1f2328}
.title{font-size:14px;font-weight:600}
.ground{fill:#ffffff}.quiet{fill:#57606a}.small{font-size:12px}
.frame{fill:none;stroke:#8c959f}.grid{fill:none;stroke:#d8dee4}.thin{fill:none;stroke:#57606a}
.ours{stroke:#0072b2}.ours-fill{fill:#0072b2}.this{stroke:#c24f00}.this-fill{fill:#c24f00}.other{stroke:#57606a}
.panel{fill:#f6f8fa}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.ground{fill:#0d1117}.quiet{fill:#9da7b1}
.frame{stroke:#6e7781}.grid{stroke:#2a313c}.thin{stroke:#9da7b1}
.ours{stroke:#56b4e9}.ours-fill{fill:#56b4e9}.this{stroke:#f0883e}.this-fill{fill:#f0883e}.other{stroke:#9da7b1}
.panel{fill:#161b22}
}`.trim();

/** @param description  What the drawing shows, for those who do not see it. */
export function sheet({ width, height, title, description }, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<desc>${escapeMarkup(description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    ...parts.flat(Infinity),
    "</svg>",
    "",
  ].join("\n");
}

function escapeMarkup(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** @param options  `anchor`: start, middle or end; `className`; `turn`: degrees. */
export function text(x, y, words, { anchor = "start", className = "", turn = 0 } = {}) {
  const attributes = [
    `x="${px(x)}" y="${px(y)}"`,
    anchor === "start" ? "" : ` text-anchor="${anchor}"`,
    className === "" ? "" : ` class="${className}"`,
    turn === 0 ? "" : ` transform="rotate(${turn} ${px(x)} ${px(y)})"`,
  ];
  return `<text ${attributes.join("")}>${escapeMarkup(words)}</text>`;
}

/** @param look  Further attributes, such as `class="grid"`. */
export function line(x1, y1, x2, y2, look) {
  return `<path d="M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}" ${look}/>`;
}

/** @param points  [x, y] each. */
export function polyline(points, look) {
  return `<path d="${pathOf(points)}" fill="none" stroke-linejoin="round" ${look}/>`;
}

export function pathOf(points) {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${px(x)} ${px(y)}`).join("");
}

export function rect(x, y, width, height, look) {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" ${look}/>`;
}

export function dot(x, y, radius, look) {
  return `<circle cx="${px(x)}" cy="${px(y)}" r="${px(radius)}" ${look}/>`;
}

/** From [low, high] to [from, to], in a straight line. */
export function linearScale([low, high], [from, to]) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

/** As `linearScale` over the logarithm; values beyond the ends are drawn at the ends. */
export function logScale([low, high], range) {
  const scale = linearScale([Math.log(low), Math.log(high)], range);
  return (value) => scale(Math.log(Math.min(high, Math.max(low, value))));
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Two digits: 1.3, 0.012, 5.7·10⁻⁶. */
export function shortNumber(value) {
  const [digits, exponent] = value.toExponential(1).split("e");
  return Number(exponent) < -3 ? `${digits}·${powerOfTen(Number(exponent))}` : String(Number(value.toPrecision(2)));
}

/** 100, 10, 1, 0.1, 0.01, 10⁻³ … */
export function powerOfTen(exponent) {
  if (exponent >= -2 && exponent <= 3) return String(Number(`1e${exponent}`));
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}
