/**
 * A text that is thrown or stored in English, and the same in Chinese.
 *
 * Slots of the English, and of the Chinese, which has the same, each once:
 * - `{name}` any text, shown as it is;
 * - `{name#}` a number, NaN and the infinities too;
 * - `{name!}` a text of ours, put into Chinese; the template fits no other;
 * - `{name?}` a text of ours, put into Chinese, or any other, shown as it is;
 * - `{name~}` likewise a value as messages show it: without ": " outside of quotation marks;
 * - `{name@}` likewise a place, such as the path of a fault or the name of an input: without quotation marks, brackets and a colon that ends a word.
 *
 * The English of a fault that begins with "is " fits without it too: beside a column of paths it is left out.
 */
export type Translation = readonly [english: string, chinese: string];
