// A process that is spoken to in JSON lines, one answer for one line.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class LineProcess {
  #child;
  #lines;
  #ended;

  /** What the process writes to stderr goes to `log`, a file descriptor or "ignore". */
  constructor(command, args, env, log) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", log] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.once("error", () => {});
    this.#child.stdin.once("error", () => {});
  }

  async ask(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`${this.#child.spawnargs.join(" ")} ended with ${await this.#ended}`);
    return JSON.parse(value);
  }

  async close() {
    this.#child.stdin.end();
    await this.#ended;
  }
}
