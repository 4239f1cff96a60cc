/** Why a training failed, in one line. */
export interface FailureLine {
  /** At most 300 characters; undefined when nothing was printed. */
  readonly message: string | undefined;
  /** The line, or one after it, is the message of a program or of the system that ran out of memory. */
  readonly outOfMemory: boolean;
}

const maxMessageLength = 300;

/** Prefixes that launchers put before every line: torch's `[rank0]: `, Slurm's `0: `, mpirun's `[1,0]<stderr>:`. */
const launcherPrefix = /^(?:\[(?:rank|default)?\d{1,9}\]: ?|\d{1,5}: |\[\d{1,9},\d{1,9}\]<std(?:err|out)>: ?)/;

const outOfMemoryTexts: readonly RegExp[] = [
  /\bout of memory\b/i,
  /MemoryError\b/,
  /\bOutOfMemoryError\b/,
  /\bOOM when allocating\b/,
  /\bRESOURCE_EXHAUSTED\b|\bResourceExhaustedError\b/,
  /\bstd::bad_alloc\b/,
  /\bCUDNN_STATUS_ALLOC_FAILED\b|\bCUBLAS_STATUS_ALLOC_FAILED\b/,
  /\bcannot allocate (?:memory|vector of size)\b/i,
  /\boom[-_ ]kill/i,
];

/** What the shell prints for a process that the system ended, as a rule because the memory ran out; it names no cause itself. */
const killed = /(?:^|[\s:])Killed(?:$|[\s.])/;

/** Lines that name a cause, whatever language printed them. */
const causes: readonly RegExp[] = [
  // Python and Java: a dotted name that ends like an exception; Node: the same with a code in brackets.
  /^(?:Uncaught |Caused by: |Exception in thread "[^"]*" )?(?:[A-Za-z_$][\w$]*[.:]{1,2})*[A-Za-z_$][\w$]*(?:Error|Exception|Interrupt|Exit)(?: \[\w+\])?(?::|$)/,
  /^(?:Error|ERROR|FATAL ERROR|fatal|panic|fatal error|RuntimeError)\b.*:/,
  /^Error in \S.*:/,
  /^thread '[^']*' panicked at\b/,
  /^\s*what\(\):\s/,
  /\b(?:Segmentation fault|Bus error|Illegal instruction|Floating point exception)\b/,
  /: (?:command not found|not found|No such file or directory|Permission denied)$/,
  /: error: /,
  /^(?:error|Error)\b/,
];

/** The last lines of runtimes and launchers that say nothing of the cause. */
const epilogues: readonly RegExp[] = [
  /^Node\.js v\d/,
  /^Bun v\d/,
  /^\s+at \S/,
  /^[\s^~|{}[\]()]*$/,
  /^(?:Aborted|Terminated)(?: \(core dumped\))?$/,
  /^note: run with `RUST_BACKTRACE/,
  /^npm (?:ERR!|error)\b/,
];

/**
 * Picks from the last lines of a failed training the one that a person wants to read. After a Python traceback that is its
 * exception, without one the last line that names a cause, and failing that the last line that says something. A later line about
 * memory goes before an exception, and a bare `Killed` before whatever was not about memory. stdout is looked at only when stderr
 * names no cause.
 *
 * @param stderr  Its last lines, oldest first; likewise `stdout`.
 *
 * Cost: O(length of the lines).
 */
export function failureLine(stderr: readonly string[], stdout: readonly string[]): FailureLine {
  const streams = [stderr, stdout].map((lines) => lines.map(cleaned));
  for (const find of [findCause, findLastWords]) {
    for (const lines of streams) {
      const index = find(lines);
      if (index >= 0) return describe(lines, index);
    }
  }
  return { message: undefined, outOfMemory: false };
}

function describe(lines: readonly string[], index: number): FailureLine {
  const outOfMemory = lines.slice(index).some((line) => isOutOfMemory(line) || killed.test(line));
  const line =
    isPanic(lines[index]) && hasWords(lines[index + 1])
      ? `${lines[index].trim()} ${lines[index + 1].trim()}`
      : lines[index].trim();
  return { message: line.length > maxMessageLength ? `${line.slice(0, maxMessageLength - 1)}…` : line, outOfMemory };
}

function findCause(lines: readonly string[]): number {
  const raised = findRaised(lines);
  // What a launcher or the shell adds after an exception explains nothing more, unless it is about memory.
  const explains = (line: string, index: number) =>
    index > raised && (isOutOfMemory(line) || (raised < 0 && !isEpilogue(line) && isCause(line)));
  const named = lines.findLastIndex(explains);
  const cause = named >= 0 ? named : raised;
  const kill = lines.findLastIndex((line, index) => index > cause && killed.test(line));
  return kill >= 0 && !(cause >= 0 && isOutOfMemory(lines[cause])) ? kill : cause;
}

/**
 * The exception line of the last Python traceback: the first line after its header that is not indented. A traceback whose
 * exception ends in a bare colon only announces that a child process failed, so the one before it is taken.
 */
function findRaised(lines: readonly string[]): number {
  let last = -1;
  let next = -1;
  for (let index = lines.length - 1; index >= 0; index--) {
    if (hasWords(lines[index]) && !/^[\s|+]/.test(lines[index]) && !isTracebackHeader(lines[index])) next = index;
    if (!isTracebackHeader(lines[index]) || next < 0) continue;
    if (!lines[next].endsWith(":")) return next;
    last = Math.max(last, next);
  }
  return last;
}

function isTracebackHeader(line: string): boolean {
  return line.trim() === "Traceback (most recent call last):";
}

function findLastWords(lines: readonly string[]): number {
  const last = lines.findLastIndex((line) => hasWords(line) && !isEpilogue(line));
  return last >= 0 ? last : lines.findLastIndex(hasWords);
}

function cleaned(line: string): string {
  return line.replace(launcherPrefix, "").trimEnd();
}

function hasWords(line: string | undefined): boolean {
  return line !== undefined && /\S/.test(line);
}

function isPanic(line: string): boolean {
  return /^thread '[^']*' panicked at\b/.test(line);
}

function isCause(line: string): boolean {
  return causes.some((cause) => cause.test(line));
}

function isEpilogue(line: string): boolean {
  return epilogues.some((epilogue) => epilogue.test(line));
}

function isOutOfMemory(line: string): boolean {
  return outOfMemoryTexts.some((text) => text.test(line));
}
