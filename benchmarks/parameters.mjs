// Ten parameters of the kinds a study usually has, and an objective over them that costs nothing.
import { libraryFile } from "./record.mjs";

const { categorical, float, int } = await import(libraryFile);

export const tenParameters = {
  lr: float(1e-5, 1e-1, { log: true }),
  decay: float(1e-6, 1e-2, { log: true }),
  dropout: float(0, 0.5),
  momentum: float(0.5, 0.99),
  smoothing: float(0, 0.2),
  width: int(16, 512, { log: true }),
  layers: int(1, 8),
  batch: categorical([16, 32, 64, 128]),
  optimizer: categorical(["adam", "sgd", "rmsprop"]),
  augment: categorical([true, false]),
};

export function bowl(params) {
  return (
    (Math.log10(params.lr) + 3) ** 2 +
    (Math.log10(params.decay) + 4) ** 2 / 4 +
    (params.dropout - 0.2) ** 2 * 4 +
    (params.momentum - 0.9) ** 2 * 4 +
    params.smoothing +
    Math.abs(Math.log2(params.width) - 7) / 4 +
    Math.abs(params.layers - 3) / 8 +
    (params.optimizer === "adam" ? 0 : 0.3) +
    (params.augment ? 0 : 0.1) +
    params.batch / 1_000
  );
}

/** A config drawn uniformly, as a sampler would store it. */
export function drawTen(rng) {
  const between = (low, high) => low + (high - low) * rng.uniform();
  const logBetween = (low, high) => low * (high / low) ** rng.uniform();
  return {
    lr: logBetween(1e-5, 1e-1),
    decay: logBetween(1e-6, 1e-2),
    dropout: between(0, 0.5),
    momentum: between(0.5, 0.99),
    smoothing: between(0, 0.2),
    width: Math.round(logBetween(16, 512)),
    layers: 1 + rng.int(8),
    batch: [16, 32, 64, 128][rng.int(4)],
    optimizer: ["adam", "sgd", "rmsprop"][rng.int(3)],
    augment: rng.int(2) === 0,
  };
}
