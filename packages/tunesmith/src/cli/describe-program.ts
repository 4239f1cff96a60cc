import type { CommandHelp, HelpMessages } from "@tunesmith/protocol";
import type { Argument, Command, Help, Option } from "commander";
import { textWidth } from "./terminal/text-width.ts";
import { wrappedText } from "./terminal/wrapped-text.ts";

/** Descriptions beside terms are wrapped down to this many columns. */
const narrowest = 20;

/** How `--help` is laid out and worded; to be set before commands are added, which take it over. */
export function wordHelp(program: Command, words: HelpMessages): void {
  program
    .helpOption("-h, --help", words.program.options?.["--help"])
    .helpCommand("help [command]", words.commands.help.about)
    .configureHelp(helpLayout(words));
}

/** Gives every command, argument and option its words. */
export function describeProgram(program: Command, words: HelpMessages): void {
  describe(program, words.program);
  for (const command of program.commands) describe(command, words.commands[command.name()] ?? { about: "" });
}

function describe(command: Command, { about, arguments: ofArguments = {}, options = {} }: CommandHelp): void {
  command.description(about);
  for (const argument of command.registeredArguments) argument.description = ofArguments[argument.name()] ?? "";
  for (const option of command.options) option.description = options[option.long ?? ""] ?? "";
}

function helpLayout(words: HelpMessages): Partial<Help> {
  const titles: { readonly [title: string]: string } = {
    "Usage:": words.usage,
    "Arguments:": words.argumentsTitle,
    "Options:": words.optionsTitle,
    "Commands:": words.commandsTitle,
  };
  const term = (text: string): string =>
    text.replace(/\[options\]/, words.someOptions).replace(/\[command\]$/, words.someCommand);
  const describeItem = ({ description, defaultValue }: Argument | Option): string =>
    defaultValue === undefined ? description : words.withDefault(description, JSON.stringify(defaultValue));
  return {
    minWidthToWrap: narrowest,
    displayWidth: textWidth,
    boxWrap: wrappedText,
    styleTitle: (title) => titles[title] ?? title,
    styleUsage: term,
    styleSubcommandTerm: term,
    argumentDescription: describeItem,
    optionDescription: describeItem,
  };
}
