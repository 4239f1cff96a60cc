/**
 * A measured number for people: 4 significant digits, no trailing zeros, exponents outside [1e-4, 1e6).
 *
 * NaN and the infinities are written as such.
 */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value) || value === 0) return String(value === 0 ? 0 : value);
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) {
    if (Number.isInteger(value) && size < 1e9) return String(value);
    return trimZeros(value.toExponential(digits - 1));
  }
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return trimZeros(value.toFixed(Math.min(decimals, 20)));
}

function trimZeros(text: string): string {
  const [mantissa, exponent] = text.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/0+$/, "").replace(/\.$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${exponent.replace("+", "")}`;
}

/** Milliseconds for people: 0.4 s, 14 s, 3 m 20 s, 2 h 05 m, 3 d 4 h. */
export function formatDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** A whole number with thousands separated: 12,480. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A share of 1 as whole percents. */
export function formatPercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** Instant against now: now, 12 s ago, 5 m ago, 3 h ago, yesterday, 4 d ago. */
export function formatAgo(instant: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - instant) / 1000));
  if (seconds < 3) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 2 * 86_400) return "yesterday";
  return `${Math.floor(seconds / 86_400)} d ago`;
}
