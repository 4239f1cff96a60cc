import { createRng } from "./core/index.js";

// A small fully connected network for points in the plane with two classes, and its training, without any library.

/**
 * A network ready to train; the same seed always gives the same network.
 *
 * @param {{ layers: number, width: number, activation: "tanh" | "relu" }} params
 * @param {number} seed
 */
export function createNetwork({ layers, width, activation }, seed) {
  const sizes = [2, ...Array(layers).fill(width), 1];
  const rng = createRng(seed, "weights");
  return {
    activation,
    layers: sizes.slice(1).map((outCount, k) => createLayer(sizes[k], outCount, rng)),
    input: new Float64Array(2),
    updateCount: 0,
    order: createRng(seed, "order"),
  };
}

/** Weights are (outCount, inCount + 1) row-major, the bias last in each row. */
function createLayer(inCount, outCount, rng) {
  const length = outCount * (inCount + 1);
  const scale = Math.sqrt(1 / inCount);
  return {
    inCount,
    outCount,
    weights: Float64Array.from({ length }, (_, i) => (i % (inCount + 1) === inCount ? 0 : scale * rng.normal())),
    gradient: new Float64Array(length),
    mean: new Float64Array(length),
    square: new Float64Array(length),
    output: new Float64Array(outCount),
    delta: new Float64Array(outCount),
  };
}

/** Goes through all points once, in a new order, updating the weights after every `batch` of them. */
export function trainOneEpoch(network, { points, labels }, params) {
  const order = network.order.shuffle([...labels.keys()]);
  for (let start = 0; start < order.length; start += params.batch) {
    const batch = order.slice(start, start + params.batch);
    for (const i of batch) {
      const surplus = sigmoid(logit(network, points[2 * i], points[2 * i + 1])) - labels[i];
      addGradient(network, surplus / batch.length);
    }
    update(network, params);
  }
}

/** Mean cross-entropy in nats and the share of points on the right side. */
export function evaluate(network, { points, labels }) {
  let loss = 0;
  let rightCount = 0;
  for (let i = 0; i < labels.length; i++) {
    const z = logit(network, points[2 * i], points[2 * i + 1]);
    loss += Math.max(z, 0) - z * labels[i] + Math.log1p(Math.exp(-Math.abs(z)));
    if (z > 0 === (labels[i] === 1)) rightCount++;
  }
  return { loss: loss / labels.length, accuracy: rightCount / labels.length };
}

/** Log odds of the lower moon at a point. */
export function logit(network, x, y) {
  network.input[0] = x;
  network.input[1] = y;
  let input = network.input;
  for (const layer of network.layers) {
    const isLast = layer === network.layers.at(-1);
    const { inCount, outCount, weights, output } = layer;
    for (let o = 0, w = 0; o < outCount; o++) {
      let sum = 0;
      for (let i = 0; i < inCount; i++) sum += weights[w++] * input[i];
      sum += weights[w++];
      output[o] = isLast ? sum : network.activation === "tanh" ? Math.tanh(sum) : Math.max(0, sum);
    }
    input = output;
  }
  return input[0];
}

export function sigmoid(z) {
  return 1 / (1 + Math.exp(-z));
}

/** Adds the gradient at the point of the last `logit`; `surplus` is the loss's derivative by the log odds. */
function addGradient({ layers, input, activation }, surplus) {
  for (let k = layers.length - 1; k >= 0; k--) {
    const { inCount, outCount, gradient, delta, output } = layers[k];
    const above = layers[k + 1];
    const below = k === 0 ? input : layers[k - 1].output;
    for (let o = 0; o < outCount; o++) {
      delta[o] = above ? slope(activation, output[o]) * weightedDelta(above, o) : surplus;
      const row = o * (inCount + 1);
      for (let i = 0; i < inCount; i++) gradient[row + i] += delta[o] * below[i];
      gradient[row + inCount] += delta[o];
    }
  }
}

function slope(activation, output) {
  return activation === "tanh" ? 1 - output * output : output > 0 ? 1 : 0;
}

function weightedDelta({ inCount, outCount, weights, delta }, i) {
  let sum = 0;
  for (let o = 0; o < outCount; o++) sum += weights[o * (inCount + 1) + i] * delta[o];
  return sum;
}

function update(network, params) {
  network.updateCount++;
  for (const layer of network.layers) {
    if (params.optimizer === "adam") stepAdam(layer, params, network.updateCount);
    else stepSgd(layer, params);
    layer.gradient.fill(0);
  }
}

function stepSgd({ weights, gradient, mean }, { lr, momentum, weightDecay }) {
  for (let i = 0; i < weights.length; i++) {
    mean[i] = momentum * mean[i] + gradient[i] + weightDecay * weights[i];
    weights[i] -= lr * mean[i];
  }
}

/** Source: I. Loshchilov & F. Hutter (2019), "Decoupled weight decay regularization", Alg. 2. https://arxiv.org/abs/1711.05101 */
function stepAdam({ weights, gradient, mean, square }, { lr, weightDecay }, t) {
  const meanBias = 1 - 0.9 ** t;
  const squareBias = 1 - 0.999 ** t;
  for (let i = 0; i < weights.length; i++) {
    mean[i] = 0.9 * mean[i] + 0.1 * gradient[i];
    square[i] = 0.999 * square[i] + 0.001 * gradient[i] ** 2;
    weights[i] -= lr * (mean[i] / meanBias / (Math.sqrt(square[i] / squareBias) + 1e-8) + weightDecay * weights[i]);
  }
}
