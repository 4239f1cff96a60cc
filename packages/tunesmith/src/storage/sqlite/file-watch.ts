import type { Connection } from "./driver.ts";

const pollMs = 100;

/** Changes when another connection, of this process or another, has committed to the file. */
export function dataVersion(connection: Connection): number {
  return connection.rows("PRAGMA data_version")[0][0] as number;
}

/**
 * Tells when another connection, of this process or another, has committed to the file. Polls a counter that SQLite keeps, one
 * timer however many listeners, none while there are none; it does not keep the process alive.
 */
export class FileWatch {
  readonly #connection: Connection;
  readonly #listeners = new Set<{ readonly listener: () => void }>();
  #timer: NodeJS.Timeout | null = null;
  #version = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @returns The way to stop it. */
  add(listener: () => void): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    this.#start();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#listeners.clear();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #start(): void {
    if (this.#timer !== null) return;
    this.#version = dataVersion(this.#connection);
    this.#timer = setInterval(() => this.#poll(), pollMs).unref();
  }

  #poll(): void {
    const version = dataVersion(this.#connection);
    if (version === this.#version) return;
    this.#version = version;
    for (const { listener } of [...this.#listeners]) listener();
  }
}
