import { type Language, type UsageMessages, usageMessages } from "@tunesmith/protocol";

/** What the reader of the command line says, and what stands for it in the catalogue. */
const faults: readonly (readonly [pattern: RegExp, words: (messages: UsageMessages, parts: readonly string[]) => string])[] = [
  [/^missing required argument '(.+)'$/, (messages, [name]) => messages.missingArgument(name)],
  [/^option '(.+)' argument missing$/, (messages, [flags]) => messages.optionWithoutValue(flags)],
  [
    /^command-argument value '(.*)' is invalid for argument '(.+?)'\. (.+)$/s,
    (messages, [value, argument, allowed]) => messages.invalidArgument(value, argument, allowed),
  ],
  [
    /^option '(.+?)' argument '(.*)' is invalid\. (.+)$/s,
    (messages, [flags, value, allowed]) => messages.invalidOption(value, flags, allowed),
  ],
  [
    /^unknown option '(.*?)'(?:\n\(Did you mean (?:one of )?(.+)\?\))?$/s,
    (messages, [flag, near]) => messages.unknownOption(flag, near?.split(", ") ?? []),
  ],
  [
    /^unknown command '(.*?)'(?:\n\(Did you mean (?:one of )?(.+)\?\))?$/s,
    (messages, [name, near]) => messages.unknownCommand(name, near?.split(", ") ?? []),
  ],
  [
    /^too many arguments(?: for '(.+)')?\. Expected (\d+) arguments? but got (\d+)\.$/,
    (messages, [command, expected, found]) => messages.tooManyArguments(command ?? null, Number(expected), Number(found)),
  ],
];

/** A fault of the command line as the reader says it (`error: unknown option '--x'`), in the person's language. */
export function usageFaultText(text: string, language: Language): string {
  const said = text.replace(/^error: /, "").trimEnd();
  for (const [pattern, words] of faults) {
    const parts = pattern.exec(said);
    if (parts !== null) return words(usageMessages(language), parts.slice(1));
  }
  return said;
}
