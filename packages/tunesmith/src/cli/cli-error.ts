/** A command used in a way it cannot be: exit code 2. `lines` are complete, ready to print. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly lines: readonly string[];

  constructor(...lines: readonly string[]) {
    super(lines[0]);
    this.lines = lines;
  }
}
