// Trains a small neural network to read handwritten digits, and prints one line per epoch:
//
//   node train.mjs --lr=0.003 --optimizer=adam --layers=2
//   epoch=1 train_loss=2.1234 val_loss=1.9876 val_accuracy=0.4321
//
// No library is needed: Tunesmith passes the hyperparameters as options and reads the lines this program prints.
// The TUNESMITH_ variables below are the rest of the conversation, and all of them are optional:
//
//   TUNESMITH_SEED        start of the random numbers, default 0; the same seed gives the same run
//   TUNESMITH_FIDELITY    the epoch to train to, default --epochs
//   TUNESMITH_SAVE_DIR    where to keep a checkpoint after every epoch; without it nothing is written
//   TUNESMITH_RESUME_DIR  a checkpoint to continue from

import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as letSignalsIn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";

const PIXELS = 64;
const CLASSES = 10;

async function main() {
  const options = readOptions();
  const seed = Number(process.env.TUNESMITH_SEED ?? 0);
  const lastEpoch = Number(process.env.TUNESMITH_FIDELITY ?? options.epochs);
  const { train, validation } = loadDigits();

  const resumeFolder = process.env.TUNESMITH_RESUME_DIR;
  const run = resumeFolder ? loadCheckpoint(resumeFolder) : startRun(options, seed);

  // When asked to end, finish the running epoch, save it, and leave.
  let stopping = false;
  process.on("SIGTERM", () => {
    stopping = true;
  });

  while (run.epoch < lastEpoch && !stopping) {
    run.epoch++;
    const trainLoss = trainOneEpoch(run, train, options, randomNumbers(seed, run.epoch));
    const { loss, accuracy } = evaluate(run.network, validation);
    if (process.env.TUNESMITH_SAVE_DIR) saveCheckpoint(run, process.env.TUNESMITH_SAVE_DIR);
    console.log(
      `epoch=${run.epoch} train_loss=${trainLoss.toFixed(4)} val_loss=${loss.toFixed(4)} val_accuracy=${accuracy.toFixed(4)}`,
    );
    await letSignalsIn();
  }
}

function readOptions() {
  const defaults = {
    lr: "0.001",
    optimizer: "adam",
    momentum: "0",
    layers: "1",
    width: "32",
    batch: "32",
    weight_decay: "0",
    dropout: "0",
    activation: "relu",
    epochs: "27",
  };
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: "string", default: defaults[name] }]));
  const { values } = parseArgs({ options });
  for (const name of Object.keys(values)) {
    if (name === "optimizer" || name === "activation") continue;
    const number = Number(values[name]);
    if (values[name] === "" || !Number.isFinite(number)) refuse(`--${name} is "${values[name]}", not a number`);
    values[name] = number;
  }
  if (!["adam", "sgd"].includes(values.optimizer)) refuse(`--optimizer is ${values.optimizer}; it can be adam or sgd`);
  if (!activations[values.activation])
    refuse(`--activation is ${values.activation}; it can be ${Object.keys(activations).join(", ")}`);
  return values;
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}

// ── The data: 1,797 images of 8 × 8 pixels. The split is fixed: it does not depend on the seed. ──────────────────────

/** Each part is { count, pixels: (count × 64) in 0..1, labels: (count) in 0..9 }. */
export function loadDigits() {
  const all = parseDigits(gunzipSync(readFileSync(new URL("digits.csv.gz", import.meta.url))));
  const part = (from, to) => ({
    count: to - from,
    pixels: all.pixels.subarray(from * PIXELS, to * PIXELS),
    labels: all.labels.subarray(from, to),
  });
  return { train: part(0, 600), validation: part(600, 1000), test: part(1000, 1797) };
}

/** One row a line: 64 pixels in 0..16, then the label. */
function parseDigits(bytes) {
  const cells = new Uint8Array(bytes.length / 2); // a cell takes at least two bytes: a digit and its comma
  let cellCount = 0;
  for (const byte of bytes) {
    if (byte === 44 || byte === 10)
      cellCount++; // comma, line feed
    else cells[cellCount] = cells[cellCount] * 10 + byte - 48;
  }
  const count = cellCount / (PIXELS + 1);
  const pixels = new Float32Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const at = row * (PIXELS + 1);
    for (let i = 0; i < PIXELS; i++) pixels[row * PIXELS + i] = cells[at + i] / 16;
    labels[row] = cells[at + PIXELS];
  }
  return { pixels, labels };
}

// ── The network: fully connected layers; its weights and biases lie one after another in one array. ──────────────────

/** Each activation, and its slope written in terms of its result y. */
const activations = {
  relu: { of: (x) => (x > 0 ? x : 0), slope: (y) => (y > 0 ? 1 : 0), gain: 2 },
  tanh: { of: Math.tanh, slope: (y) => 1 - y * y, gain: 1 },
  sigmoid: { of: (x) => 1 / (1 + Math.exp(-x)), slope: (y) => y * (1 - y), gain: 1 },
};

function startRun(options, seed) {
  const sizes = [PIXELS, ...Array(options.layers).fill(options.width), CLASSES];
  const network = { sizes, activation: options.activation, weights: new Float32Array(weightCount(sizes)) };
  const random = randomNumbers(seed, 0);
  for (const { inputs, weights } of layersOf(sizes, network.weights)) {
    const range = Math.sqrt((3 * activations[options.activation].gain) / inputs);
    for (let i = 0; i < weights.length; i++) weights[i] = range * (2 * random() - 1);
  }
  const zeros = () => new Float32Array(network.weights.length);
  return { epoch: 0, updates: 0, network, mean: zeros(), square: zeros() };
}

function weightCount(sizes) {
  return sizes.slice(1).reduce((sum, outputs, i) => sum + (sizes[i] + 1) * outputs, 0);
}

/** Views of the flat array: per layer the weights (inputs × outputs) and the biases (outputs). */
function layersOf(sizes, flat) {
  let start = 0;
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const middle = start + inputs * outputs;
    const end = middle + outputs;
    const layer = { inputs, outputs, weights: flat.subarray(start, middle), biases: flat.subarray(middle, end) };
    start = end;
    return layer;
  });
}

/** out (rows × outputs) = input (rows × inputs) · weights + biases. */
function multiply(input, layer, rows, out) {
  const { inputs, outputs, weights, biases } = layer;
  for (let row = 0; row < rows; row++) {
    const at = row * outputs;
    for (let o = 0; o < outputs; o++) out[at + o] = biases[o];
    for (let i = 0; i < inputs; i++) {
      const x = input[row * inputs + i];
      if (x === 0) continue; // half of the pixels are blank
      const w = i * outputs;
      for (let o = 0; o < outputs; o++) out[at + o] += x * weights[w + o];
    }
  }
}

/** Turns the scores of one row into probabilities, in place; returns the loss −log p(label). */
function softmax(scores, at, label) {
  let highest = -Infinity;
  for (let c = 0; c < CLASSES; c++) highest = Math.max(highest, scores[at + c]);
  const labelScore = scores[at + label] - highest;
  let sum = 0;
  for (let c = 0; c < CLASSES; c++) {
    scores[at + c] = Math.exp(scores[at + c] - highest);
    sum += scores[at + c];
  }
  for (let c = 0; c < CLASSES; c++) scores[at + c] /= sum;
  return Math.log(sum) - labelScore;
}

/** The score of each class for each row: (count × 10). */
function scoresOf(network, pixels, count) {
  const activate = activations[network.activation].of;
  let values = pixels;
  for (const [l, layer] of layersOf(network.sizes, network.weights).entries()) {
    const next = new Float32Array(count * layer.outputs);
    multiply(values, layer, count, next);
    if (l < network.sizes.length - 2) for (let k = 0; k < next.length; k++) next[k] = activate(next[k]);
    values = next;
  }
  return values;
}

/** The probability of each class for each row: (count × 10). */
export function predict(network, pixels, count) {
  const scores = scoresOf(network, pixels, count);
  for (let row = 0; row < count; row++) softmax(scores, row * CLASSES, 0);
  return scores;
}

/** Mean loss and share of right answers; a network whose numbers overflowed has an infinite loss. */
export function evaluate(network, { count, pixels, labels }) {
  const scores = scoresOf(network, pixels, count);
  let loss = 0;
  let right = 0;
  for (let row = 0; row < count; row++) {
    const rowScores = scores.subarray(row * CLASSES, (row + 1) * CLASSES);
    if (rowScores.indexOf(Math.max(...rowScores)) === labels[row]) right++;
    loss += softmax(scores, row * CLASSES, labels[row]);
  }
  return { loss: Number.isFinite(loss) ? loss / count : Infinity, accuracy: right / count };
}

// ── Training. ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One pass over the rows in random order; returns the mean loss on the way. */
function trainOneEpoch(run, { count, pixels, labels }, options, random) {
  const { sizes, weights } = run.network;
  const layers = layersOf(sizes, weights);
  const gradient = new Float32Array(weights.length);
  const gradients = layersOf(sizes, gradient);
  const batch = Math.min(options.batch, count);
  const values = sizes.map((size) => new Float32Array(batch * size)); // what each layer gives, values[0] being the pixels
  const slopes = sizes.map((size) => new Float32Array(batch * size)); // its slope, 0 where dropout silenced it
  const errors = sizes.map((size) => new Float32Array(batch * size)); // how the loss changes with it
  const order = shuffledIndices(count, random);
  let loss = 0;

  for (let start = 0; start < count; start += batch) {
    const rows = Math.min(batch, count - start);
    for (let r = 0; r < rows; r++) {
      const row = order[start + r];
      values[0].set(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), r * PIXELS);
    }

    // Forward.
    for (const [l, layer] of layers.entries()) {
      multiply(values[l], layer, rows, values[l + 1]);
      if (l < layers.length - 1) activate(values[l + 1], slopes[l + 1], rows * layer.outputs, options, random);
    }
    const output = values[layers.length];
    for (let r = 0; r < rows; r++) {
      const label = labels[order[start + r]];
      loss += softmax(output, r * CLASSES, label);
      for (let c = 0; c < CLASSES; c++)
        errors[layers.length][r * CLASSES + c] = (output[r * CLASSES + c] - (c === label ? 1 : 0)) / rows;
    }

    // Backward.
    gradient.fill(0);
    for (let l = layers.length - 1; l >= 0; l--) {
      addGradient(values[l], errors[l + 1], rows, gradients[l]);
      if (l > 0) passBack(errors[l + 1], layers[l], slopes[l], rows, errors[l]);
    }
    if (options.optimizer === "adam") adamUpdate(run, gradient, options);
    else sgdUpdate(run, gradient, options);
  }
  return Number.isFinite(loss) ? loss / count : Infinity;
}

function activate(values, slopes, length, { activation, dropout }, random) {
  const { of, slope } = activations[activation];
  const scale = 1 / (1 - dropout);
  for (let k = 0; k < length; k++) {
    const y = of(values[k]);
    const kept = dropout > 0 && random() < dropout ? 0 : scale;
    slopes[k] = slope(y) * kept;
    values[k] = y * kept;
  }
}

function addGradient(input, error, rows, { inputs, outputs, weights, biases }) {
  for (let row = 0; row < rows; row++) {
    const at = row * outputs;
    for (let o = 0; o < outputs; o++) biases[o] += error[at + o];
    for (let i = 0; i < inputs; i++) {
      const x = input[row * inputs + i];
      if (x === 0) continue;
      const w = i * outputs;
      for (let o = 0; o < outputs; o++) weights[w + o] += x * error[at + o];
    }
  }
}

function passBack(error, { inputs, outputs, weights }, slopes, rows, out) {
  for (let row = 0; row < rows; row++) {
    const at = row * outputs;
    for (let i = 0; i < inputs; i++) {
      const slope = slopes[row * inputs + i];
      let sum = 0;
      if (slope !== 0) for (let o = 0; o < outputs; o++) sum += weights[i * outputs + o] * error[at + o];
      out[row * inputs + i] = sum * slope;
    }
  }
}

/** Adam with decoupled weight decay. Source: I. Loshchilov, F. Hutter (2019), algorithm 2, https://arxiv.org/abs/1711.05101 */
function adamUpdate(run, gradient, { lr, weight_decay }) {
  const {
    network: { weights },
    mean,
    square,
  } = run;
  run.updates++;
  const meanBias = 1 - 0.9 ** run.updates;
  const squareBias = 1 - 0.999 ** run.updates;
  for (let k = 0; k < weights.length; k++) {
    const g = gradient[k];
    mean[k] = 0.9 * mean[k] + 0.1 * g;
    square[k] = 0.999 * square[k] + 0.001 * g * g;
    weights[k] -= lr * (mean[k] / meanBias / (Math.sqrt(square[k] / squareBias) + 1e-8) + weight_decay * weights[k]);
  }
}

function sgdUpdate(run, gradient, { lr, momentum, weight_decay }) {
  const {
    network: { weights },
    mean,
  } = run;
  run.updates++;
  for (let k = 0; k < weights.length; k++) {
    mean[k] = momentum * mean[k] + gradient[k];
    weights[k] -= lr * (mean[k] + weight_decay * weights[k]);
  }
}

// ── Checkpoints. ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes step-N.tmp/, then renames it to step-N/: a folder with that name is always whole. */
function saveCheckpoint(run, saveFolder) {
  const { epoch, updates, network } = run;
  const model = { epoch, sizes: network.sizes, activation: network.activation, weights: toText(network.weights) };
  const optimizer = { updates, mean: toText(run.mean), square: toText(run.square) };
  const folder = join(saveFolder, `step-${epoch}`);
  rmSync(`${folder}.tmp`, { recursive: true, force: true });
  mkdirSync(`${folder}.tmp`, { recursive: true });
  writeFileSync(join(`${folder}.tmp`, "model.json"), JSON.stringify(model));
  writeFileSync(join(`${folder}.tmp`, "optimizer.json"), JSON.stringify(optimizer));
  rmSync(folder, { recursive: true, force: true });
  renameSync(`${folder}.tmp`, folder);
}

function loadCheckpoint(folder) {
  const { epoch, network } = loadModel(folder);
  const { updates, mean, square } = JSON.parse(readFileSync(join(folder, "optimizer.json"), "utf8"));
  return { epoch, updates, network, mean: fromText(mean), square: fromText(square) };
}

/** What `model.json` of a checkpoint folder holds: { epoch, network }. */
export function loadModel(folder) {
  const { epoch, sizes, activation, weights } = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
  return { epoch, network: { sizes, activation, weights: fromText(weights) } };
}

// The exact 32-bit numbers as text, so that a resumed run equals one that was never interrupted.
const toText = (floats) => Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength).toString("base64");
const fromText = (text) => new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);

// ── Random numbers: a stream of its own for each epoch, so that epoch 10 is the same after a resume. ─────────────────

/** Numbers in [0, 1). Source: the 32-bit finalizer of MurmurHash3 (A. Appleby) over a Weyl sequence. */
function randomNumbers(seed, epoch) {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca77);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}

function shuffledIndices(count, random) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const moved = order[i];
    order[i] = order[j];
    order[j] = moved;
  }
  return order;
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
