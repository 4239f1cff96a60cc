import type { Language } from "./language.ts";

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

interface TimeWords {
  readonly seconds: (text: string) => string;
  readonly minutes: (text: string) => string;
  readonly hours: (text: string) => string;
  readonly days: (text: string) => string;
  readonly now: string;
  readonly secondsAgo: (text: string) => string;
  readonly minutesAgo: (text: string) => string;
  readonly hoursAgo: (text: string) => string;
  readonly yesterday: string;
  readonly daysAgo: (text: string) => string;
}

const english: TimeWords = {
  seconds: (text) => `${text} s`,
  minutes: (text) => `${text} m`,
  hours: (text) => `${text} h`,
  days: (text) => `${text} d`,
  now: "now",
  secondsAgo: (text) => `${text} s ago`,
  minutesAgo: (text) => `${text} m ago`,
  hoursAgo: (text) => `${text} h ago`,
  yesterday: "yesterday",
  daysAgo: (text) => `${text} d ago`,
};

const chinese: TimeWords = {
  seconds: (text) => `${text} 秒`,
  minutes: (text) => `${text} 分`,
  hours: (text) => `${text} 小时`,
  days: (text) => `${text} 天`,
  now: "刚刚",
  secondsAgo: (text) => `${text} 秒前`,
  minutesAgo: (text) => `${text} 分钟前`,
  hoursAgo: (text) => `${text} 小时前`,
  yesterday: "昨天",
  daysAgo: (text) => `${text} 天前`,
};

const timeWords = { en: english, zh: chinese };

/** Milliseconds for people: 0.4 s, 14 s, 3 m 20 s, 2 h 05 m, 3 d 4 h. */
export function formatDuration(durationMs: number, language: Language): string {
  const words = timeWords[language];
  const seconds = durationMs / 1000;
  if (seconds < 9.95) return words.seconds(Math.max(0, seconds).toFixed(1));
  const whole = Math.round(seconds);
  if (whole < 60) return words.seconds(String(whole));
  if (whole < 3600) return `${words.minutes(String(Math.floor(whole / 60)))} ${words.seconds(pad(whole % 60))}`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${words.hours(String(Math.floor(minutes / 60)))} ${words.minutes(pad(minutes % 60))}`;
  const hours = Math.floor(minutes / 60);
  return `${words.days(String(Math.floor(hours / 24)))} ${words.hours(String(hours % 24))}`;
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
export function formatAgo(instant: number, now: number, language: Language): string {
  const words = timeWords[language];
  const seconds = Math.max(0, Math.round((now - instant) / 1000));
  if (seconds < 3) return words.now;
  if (seconds < 60) return words.secondsAgo(String(seconds));
  if (seconds < 3600) return words.minutesAgo(String(Math.floor(seconds / 60)));
  if (seconds < 86_400) return words.hoursAgo(String(Math.floor(seconds / 3600)));
  if (seconds < 2 * 86_400) return words.yesterday;
  return words.daysAgo(String(Math.floor(seconds / 86_400)));
}
