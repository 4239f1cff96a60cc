// Reads an ONNX file and evaluates it for one row: the few operators that the surrogates of the panel are made of, in 32-bit floats.
import { readFileSync } from "node:fs";

/** @returns `(inputs: { name: { dims, data } }) → number[]`, the first output. */
export function loadOnnxModel(file) {
  const { nodes, constants, output } = readGraph(readFileSync(file));
  return (inputs) => {
    const values = new Map([...constants, ...Object.entries(inputs)]);
    for (const { type, inputNames, outputName, attributes } of nodes) {
      const operator = operators[type];
      if (operator === undefined) throw new Error(`${file}: no operator ${type}`);
      values.set(
        outputName,
        operator(
          inputNames.map((name) => values.get(name)),
          attributes,
        ),
      );
    }
    return Array.from(values.get(output).data);
  };
}

// ── The file: protocol buffers ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Fields of one message: number → list of numbers (varint, fixed) or Buffers (length-delimited). */
function fields(bytes) {
  const found = new Map();
  let at = 0;
  const varint = () => {
    const { value, end } = readVarint(bytes, at);
    at = end;
    return value;
  };
  while (at < bytes.length) {
    const key = varint();
    const list = found.get(key >>> 3) ?? [];
    found.set(key >>> 3, list);
    const wire = key & 7;
    const length = wire === 0 ? 0 : wire === 5 ? 4 : wire === 1 ? 8 : varint();
    if (wire === 0) list.push(varint());
    else if (wire === 5) list.push(bytes.readFloatLE(at));
    else if (wire === 1) list.push(bytes.readDoubleLE(at));
    else list.push(bytes.subarray(at, at + length));
    at += length;
  }
  return {
    all: (number) => found.get(number) ?? [],
    one: (number) => found.get(number)?.[0],
    text: (number) => String(found.get(number)?.[0] ?? ""),
  };
}

function readGraph(bytes) {
  const graph = fields(fields(bytes).one(7));
  const constants = new Map(graph.all(5).map((bytes) => [fields(bytes).text(8), tensor(bytes)]));
  const nodes = [];
  for (const bytes of graph.all(1)) {
    const node = fields(bytes);
    const attributes = Object.fromEntries(node.all(5).map((bytes) => attribute(fields(bytes))));
    const [outputName] = node.all(2).map(String);
    if (node.text(4) === "Constant") constants.set(outputName, attributes.value);
    else nodes.push({ type: node.text(4), inputNames: node.all(1).map(String), outputName, attributes });
  }
  return { nodes, constants, output: fields(graph.one(12)).text(1) };
}

function attribute(field) {
  const kinds = {
    1: () => field.one(2),
    2: () => field.one(3) ?? 0,
    4: () => tensor(field.one(5)),
    7: () => numbers(field.all(8)),
  };
  return [field.text(1), kinds[field.one(20)]?.()];
}

/** Repeated integers, packed or not. */
function numbers(list) {
  return list.flatMap((item) => (typeof item === "number" ? [item] : packed(item)));
}

function packed(bytes) {
  const out = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = readVarint(bytes, at);
    out.push(value);
    at = end;
  }
  return out;
}

/** Seven bits a byte, least first; negative numbers are written as 2^64 − |n|, which doubles do not hold. */
function readVarint(bytes, start) {
  let value = 0n;
  let end = start;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[end++];
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return { value: Number(BigInt.asIntN(64, value)), end };
  }
}

const elementTypes = {
  1: { read: (view, i) => view.getFloat32(4 * i, true), bytes: 4 },
  6: { read: (view, i) => view.getInt32(4 * i, true), bytes: 4 },
  7: { read: (view, i) => Number(view.getBigInt64(8 * i, true)), bytes: 8 },
  9: { read: (view, i) => view.getUint8(i), bytes: 1 },
  11: { read: (view, i) => view.getFloat64(8 * i, true), bytes: 8 },
};

function tensor(bytes) {
  const field = fields(bytes);
  const dims = numbers(field.all(1));
  const type = field.one(2);
  const raw = field.one(9);
  const { read, bytes: size } = elementTypes[type];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  return make(
    dims,
    Array.from({ length: raw.length / size }, (_, i) => read(view, i)),
    type,
  );
}

// ── The operators ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function make(dims, data, type = 1) {
  return { dims, type, data: type === 1 ? Float32Array.from(data) : Float64Array.from(data) };
}

const size = (dims) => dims.reduce((product, n) => product * n, 1);

function each(of) {
  return ([x]) => make(x.dims, x.data.map(of), x.type);
}

/** Element by element with broadcasting: axes of length 1, and missing leading ones, are repeated. Whole numbers stay whole. */
function both(of) {
  return ([a, b]) => {
    const rank = Math.max(a.dims.length, b.dims.length);
    const [dimsA, dimsB] = [a, b].map(({ dims }) => [...new Array(rank - dims.length).fill(1), ...dims]);
    const dims = dimsA.map((n, axis) => Math.max(n, dimsB[axis]));
    const isWhole = a.type === 7 && b.type === 7;
    const data = Array.from({ length: size(dims) }, (_, i) => {
      const value = of(a.data[repeatedIndex(i, dims, dimsA)], b.data[repeatedIndex(i, dims, dimsB)]);
      return isWhole ? Math.trunc(value) : value;
    });
    return make(dims, data, isWhole ? 7 : Math.max(a.type, b.type));
  };
}

/** Where element `i` of an array of shape `dims` comes from in one of shape `own`. */
function repeatedIndex(i, dims, own) {
  let rest = i;
  let index = 0;
  for (let axis = dims.length - 1, stride = 1; axis >= 0; stride *= own[axis], axis--) {
    if (own[axis] > 1) index += (rest % dims[axis]) * stride;
    rest = Math.floor(rest / dims[axis]);
  }
  return index;
}

function product(x, weights, isTransposed, bias) {
  const inner = x.dims.at(-1);
  const rows = x.data.length / inner;
  const columns = isTransposed ? weights.dims[0] : weights.dims[1];
  const w = weights.data;
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = bias?.data[c] ?? 0;
      if (isTransposed) for (let k = 0, at = c * inner; k < inner; k++) sum += x.data[r * inner + k] * w[at + k];
      else for (let k = 0; k < inner; k++) sum += x.data[r * inner + k] * w[k * columns + c];
      out[r * columns + c] = sum;
    }
  }
  return { dims: x.dims.with(-1, columns), type: 1, data: out };
}

function slice([x, [start], [end], [anyAxis]]) {
  const axis = anyAxis < 0 ? anyAxis + x.dims.length : anyAxis;
  const [outer, length, inner] = around(x.dims, axis);
  const [from, to] = [start, Math.min(end, length)];
  const data = [];
  for (let o = 0; o < outer; o++) data.push(...x.data.subarray((o * length + from) * inner, (o * length + to) * inner));
  return make(x.dims.with(axis, to - from), data, x.type);
}

/** Numbers of elements before, along and after an axis. */
function around(dims, axis) {
  return [size(dims.slice(0, axis)), dims[axis], size(dims.slice(axis + 1))];
}

function roundHalfToEven(x) {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

const operators = {
  Cast: ([x], { to }) => make(x.dims, to === 6 || to === 7 ? x.data.map(Math.trunc) : x.data, to),
  Add: both((a, b) => a + b),
  Sub: both((a, b) => a - b),
  Mul: both((a, b) => a * b),
  Div: both((a, b) => a / b),
  Max: both(Math.max),
  Min: both(Math.min),
  Log: each(Math.log),
  Exp: each(Math.exp),
  Sin: each(Math.sin),
  Cos: each(Math.cos),
  Neg: each((v) => -v),
  Round: each(roundHalfToEven),
  Relu: each((v) => Math.max(0, v)),
  Selu: each((v) => seluScale * (v > 0 ? v : seluAlpha * (Math.exp(v) - 1))),
  Sigmoid: each((v) => 1 / (1 + Math.exp(-v))),
  Gemm: ([x, weights, bias], { transB }) => product(x, weights, transB === 1, bias),
  MatMul: ([x, weights]) => product(x, weights, false, null),
  BatchNormalization: ([x, scale, bias, mean, variance], { epsilon }) =>
    make(
      x.dims,
      x.data.map((v, i) => ((v - mean.data[i]) / Math.sqrt(variance.data[i] + epsilon)) * scale.data[i] + bias.data[i]),
    ),
  Shape: ([x]) => make([x.dims.length], x.dims, 7),
  Flatten: ([x]) => ({ ...x, dims: [x.dims[0], size(x.dims.slice(1))] }),
  Unsqueeze: ([x, axes], attributes) => {
    const dims = [...x.dims];
    for (const axis of axes?.data ?? attributes.axes) dims.splice(axis, 0, 1);
    return { ...x, dims };
  },
  Concat: (parts, { axis: anyAxis }) => {
    const axis = anyAxis < 0 ? anyAxis + parts[0].dims.length : anyAxis;
    const outer = size(parts[0].dims.slice(0, axis));
    const data = [];
    for (let o = 0; o < outer; o++) {
      for (const { data: from } of parts) data.push(...from.subarray((o * from.length) / outer, ((o + 1) * from.length) / outer));
    }
    const length = parts.reduce((sum, { dims }) => sum + dims[axis], 0);
    return make(parts[0].dims.with(axis, length), data, parts[0].type);
  },
  Gather: ([x, indices], { axis = 0 }) => {
    const [outer, length, inner] = around(x.dims, axis);
    const data = [];
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        const at = (o * length + (index < 0 ? index + length : index)) * inner;
        data.push(...x.data.subarray(at, at + inner));
      }
    }
    return make([...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)], data, x.type);
  },
  Slice: ([x, starts, ends, axes]) => slice([x, starts.data, ends.data, axes.data]),
};
