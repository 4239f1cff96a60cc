export type { Language } from "./messages/language.ts";
export { formatAgo, formatCount, formatDuration, formatNumber, formatPercent } from "./messages/number-format.ts";
export { type TerminalMessages, terminalMessages } from "./messages/terminal-messages.ts";
export { whyMessage } from "./messages/why-message.ts";
export { type RunMessages, runMessages } from "./messages/run-messages.ts";
export { type ChangeMessages, changeMessages } from "./messages/change-messages.ts";
