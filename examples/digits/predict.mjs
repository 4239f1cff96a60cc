// Reads handwritten digits with a trained network:
//
//   node predict.mjs out/                    the five rows of new-digits.csv
//   node predict.mjs out/ my-digit.csv       your own: 64 numbers a row, 0 (blank) to 16 (ink), row by row
//
// The folder is what `tunesmith best digits --model out/` wrote, or any checkpoint folder.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadModel, predict } from "./train.mjs";

const [folder, file = new URL("new-digits.csv", import.meta.url)] = process.argv.slice(2);
if (!folder) fail("usage: node predict.mjs FOLDER [digit.csv]");
const checkpoint = [join(folder, "checkpoint"), folder].find((candidate) => existsSync(join(candidate, "model.json")));
if (!checkpoint) fail(`${folder} holds no model: neither checkpoint/model.json nor model.json is there`);

const { network } = loadModel(checkpoint);
const lines = readFileSync(file, "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "");
for (const [index, line] of lines.entries()) {
  const pixels = line.split(",").map(Number);
  if (pixels.length !== 64 || !pixels.every((pixel) => pixel >= 0 && pixel <= 16)) {
    fail(`row ${index + 1} has ${pixels.length} cells; it needs 64 numbers from 0 to 16`);
  }
  const probabilities = predict(
    network,
    Float32Array.from(pixels, (pixel) => pixel / 16),
    1,
  );
  const digit = probabilities.indexOf(Math.max(...probabilities));
  console.log(`${draw(pixels)}\n  row ${index + 1}: ${digit}, probability ${probabilities[digit].toFixed(3)}\n`);
}

/** 8 lines; each pixel is two characters wide, because characters are about twice as high as wide. */
function draw(pixels) {
  const shades = [" ", "░", "▒", "▓", "█"];
  const rows = Array.from({ length: 8 }, (_, row) => pixels.slice(row * 8, row * 8 + 8));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((pixel) => shades[Math.ceil(pixel / 4)].repeat(2))
          .join("")
          .trimEnd()}`,
    )
    .join("\n");
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
