import type { Config } from "@tunesmith/core";
import { formatValue } from "../../../training/format-value.ts";
import { shellWord } from "../../terminal/shell-word.ts";

/**
 * A config as arguments of a command line, exact and quoted for a shell: `--lr=0.004118273`.
 *
 * @param names         Order of the parameters; those without a value in the config are left out.
 * @param argumentNames How a parameter is called where that is not `--<name>`.
 */
export function configArguments(
  config: Config,
  names: readonly string[],
  argumentNames: { readonly [name: string]: string },
): readonly string[] {
  return names
    .filter((name) => Object.hasOwn(config, name))
    .map((name) => {
      const argument = Object.hasOwn(argumentNames, name) ? argumentNames[name] : `--${name}`;
      return shellWord(`${argument}=${formatValue(config[name])}`);
    });
}
