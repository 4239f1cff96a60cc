import { isCancel, multiselect, select, text } from "@clack/prompts";
import type { InitMessages } from "@tunesmith/protocol";

export interface PromptChoice<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
}

/** How `init` asks. Every answer is null when the person breaks off. */
export interface InitPrompts {
  /** Never blank. */
  text(question: string, proposal: string): Promise<string | null>;
  select<Value extends string>(question: string, choices: readonly PromptChoice<Value>[], proposal: Value): Promise<Value | null>;
  /** At least one. */
  choose(question: string, choices: readonly PromptChoice[], proposals: readonly string[]): Promise<readonly string[] | null>;
  /** A whole number from 1. */
  count(question: string, proposal: number): Promise<number | null>;
}

/** Asks in the terminal. */
export function terminalPrompts(messages: InitMessages): InitPrompts {
  return {
    async text(question, proposal) {
      const validate = (value: string | undefined) => ((value ?? "").trim() === "" ? messages.notBlank : undefined);
      const answer = await text({ message: question, initialValue: proposal, validate });
      return isCancel(answer) ? null : answer.trim();
    },
    async select(question, choices, proposal) {
      const options = choices.map(({ value, label }) => ({ value: value as string, label }));
      const answer = await select<string>({ message: question, options, initialValue: proposal });
      return isCancel(answer) ? null : (choices.find(({ value }) => value === answer)?.value ?? null);
    },
    async choose(question, choices, proposals) {
      const answer = await multiselect<string>({
        message: question,
        options: choices.map((choice) => ({ ...choice })),
        initialValues: [...proposals],
        required: true,
      });
      return isCancel(answer) ? null : answer;
    },
    async count(question, proposal) {
      const isCount = (value: string | undefined): boolean => /^[1-9]\d{0,8}$/.test((value ?? "").trim());
      const answer = await text({
        message: question,
        initialValue: String(proposal),
        validate: (value) => (isCount(value) ? undefined : messages.wholeNumber),
      });
      return isCancel(answer) ? null : Number(answer);
    },
  };
}
