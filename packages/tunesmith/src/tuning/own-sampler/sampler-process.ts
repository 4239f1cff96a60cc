import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { markerName, type ProcessIdentity, readProcess } from "../../training/process-table.ts";
import { killTree } from "../../training/process-tree.ts";
import type { Environment } from "../../training/training-environment.ts";

export interface SamplerProcessOptions {
  readonly key: string;
  readonly elements: readonly string[];
  /** Absolute folder that it runs in. */
  readonly folder: string;
  readonly env: Environment;
  /** Marks it and all it starts as belonging to a runner. */
  readonly marker: string;
  /** What it prints on standard error goes to the end of this file. */
  readonly logFile: string;
  readonly onStarted: (pid: number) => void;
  readonly onGone: (pid: number) => void;
}

/** What came of a question. */
export type Reply =
  | { readonly kind: "line"; readonly line: string }
  /** It printed a line that nobody had asked for. */
  | { readonly kind: "unasked"; readonly line: string }
  | { readonly kind: "late" }
  | { readonly kind: "ended"; readonly how: string };

/** A process that is obedient ends by itself within this time when its input ends. */
const promptMs = 500;
const longestLine = 1 << 24;
const shownLogBytes = 4_096;

/**
 * A process that answers lines with lines, the leader of a group and session of its own.
 *
 * It is started at once. It ends when `end` is called, and sees the end of its input when this process dies.
 */
export class SamplerProcess {
  /** Whoever it has been told everything for. */
  owner: object;
  readonly #child: ChildProcess;
  readonly #options: SamplerProcessOptions;
  readonly #decoder = new StringDecoder("utf8");
  readonly #over: Promise<void>;
  #root: ProcessIdentity | null = null;
  #ended: string | null = null;
  #rest = "";
  #unasked: string | null = null;
  #asked: ((reply: Reply) => void) | null = null;

  constructor(options: SamplerProcessOptions, owner: object) {
    this.owner = owner;
    this.#options = options;
    const [file = "", ...args] = options.elements;
    mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 });
    const log = openSync(options.logFile, "a", 0o600);
    try {
      this.#child = spawn(file, args, {
        cwd: options.folder,
        env: { ...options.env, [markerName]: options.marker },
        detached: true,
        stdio: ["pipe", "pipe", log],
      });
    } finally {
      closeSync(log);
    }
    this.#over = this.#listen();
    const { pid } = this.#child;
    if (pid === undefined) return;
    this.#root = { pid, startedAt: startOf(pid) };
    options.onStarted(pid);
  }

  get isAlive(): boolean {
    return this.#ended === null;
  }

  /** Whether somebody waits for its answer. */
  get isBusy(): boolean {
    return this.#asked !== null;
  }

  /** What tells it from processes of other samplers. */
  get key(): string {
    return this.#options.key;
  }

  /** Writes lines and waits for one that answers the last of them. One question at a time. */
  ask(lines: readonly string[], timeoutMs: number): Promise<Reply> {
    if (this.#ended !== null) return Promise.resolve({ kind: "ended", how: this.#ended });
    if (this.#unasked !== null) return Promise.resolve({ kind: "unasked", line: this.#unasked });
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer({ kind: "late" }), timeoutMs);
      this.#asked = (reply) => {
        clearTimeout(timer);
        this.#asked = null;
        resolve(reply);
      };
      for (const line of lines) this.#child.stdin?.write(`${line}\n`);
    });
  }

  /** The last line it printed on standard error; empty without one. */
  lastWords(): string {
    try {
      const text = readFileSync(this.#options.logFile).subarray(-shownLogBytes).toString("utf8");
      return text.trimEnd().split("\n").at(-1)?.trim() ?? "";
    } catch {
      return ""; // the file was removed meanwhile
    }
  }

  /** Ends it and all it has started: by the end of its input, then by force. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      this.#over,
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, promptMs);
      }),
    ]);
    clearTimeout(timer);
    await this.kill();
  }

  /** Ends it and all it has started at once. */
  async kill(): Promise<void> {
    const root = this.#root;
    if (root === null) return;
    this.#root = null;
    const { marker } = this.#options;
    await killTree({ roots: [root], ownsMarker: (found) => found === marker });
    // Whoever was handed the pipe and escaped must not keep us.
    this.#child.stdout?.destroy();
    await this.#over;
  }

  #listen(): Promise<void> {
    const child = this.#child;
    child.stdin?.on("error", () => undefined); // its end tells
    child.stdout?.on("error", () => undefined);
    child.stdout?.on("data", (piece: Buffer) => this.#take(this.#decoder.write(piece)));
    return new Promise((resolve) => {
      const end = (how: string): void => {
        if (this.#ended !== null) return;
        this.#ended = how;
        if (child.pid !== undefined) this.#options.onGone(child.pid);
        this.#answer({ kind: "ended", how });
        resolve();
      };
      child.once("error", (error) => end(`cannot be started: ${error.message}`));
      // Not at its exit: an answer may still be on the way.
      child.once("close", (code, signal) => end(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`));
    });
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > longestLine) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    for (const line of lines) this.#line(line.trim());
  }

  #line(line: string): void {
    if (line === "") return;
    if (this.#asked === null) this.#unasked ??= line;
    else this.#answer({ kind: "line", line });
  }

  #answer(reply: Reply): void {
    this.#asked?.(reply);
  }
}

/** Unknown, 0, where it cannot be read: marker and group still tell its tree. */
function startOf(pid: number): number {
  try {
    return readProcess(pid, false)?.startedAt ?? 0;
  } catch {
    return 0; // file descriptors are short
  }
}
