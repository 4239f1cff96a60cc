/** The language of messages: `TUNESMITH_LANG`, else the locale, else English. */
export function messageLanguage(env: NodeJS.ProcessEnv = process.env): "en" | "zh" {
  const wanted = env.TUNESMITH_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || "en";
  return wanted.toLowerCase().startsWith("zh") ? "zh" : "en";
}
