/** Languages that every message exists in: English and Simplified Chinese. */
export type Language = "en" | "zh";
