/** Passing a named place in the code; see `createFailpoint`. */
export type Failpoint = (name: FailpointName) => void;

export type FailpointName =
  | "after-operation"
  | "before-commit"
  | "after-commit"
  | "after-acknowledge"
  | "before-migration-commit"
  | "after-migration-commit"
  | "after-backup"
  | "after-runner-lock";

const pass: Failpoint = () => {};

/**
 * For crash tests: a function that ends this process with SIGKILL when it passes a named place for the n-th time.
 *
 * @param order  `name:count` with count ≥ 1, e.g. the value of `TUNESMITH_FAILPOINT`; undefined or empty: nothing ever happens.
 * @throws {RangeError} If `order` has another form.
 */
export function createFailpoint(order: string | undefined): Failpoint {
  if (order === undefined || order === "") return pass;
  const parts = /^([a-z-]+):([1-9][0-9]*)$/.exec(order);
  if (!parts)
    throw new RangeError(
      `TUNESMITH_FAILPOINT is ${JSON.stringify(order)}; allowed: a name, a colon and a count, e.g. "before-commit:3"`,
    );
  let leftCount = Number(parts[2]);
  return (name) => {
    if (name !== parts[1]) return;
    leftCount -= 1;
    if (leftCount === 0) process.kill(process.pid, "SIGKILL");
  };
}
