/** Three significant digits, as a person would write them: 0.0412, 1.35e-6, 27. */
export function number(value) {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e4) return value.toExponential(2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(3)));
}

/** A loss, always with four decimals so that columns align. */
export function loss(value) {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(4);
}

/** 0.4 s, 14 s, 3 m 20 s. */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, "0")} s`;
}

export function percent(share, digits = 0) {
  return `${(100 * share).toFixed(digits)} %`;
}

export const stateWords = {
  queued: "waiting",
  running: "running",
  complete: "complete",
  stopped: "stopped early",
  failed: "failed",
  cancelled: "cancelled",
  paused: "paused",
};
