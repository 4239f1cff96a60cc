import { type Decision, type Report, TunesmithError } from "@tunesmith/core";

export interface ReportPumpOptions {
  /** Puts reports on record and answers what is to become of the attempt. */
  readonly send: (reports: readonly Report[]) => Promise<Decision>;
  /** Called for every answer, with the newest report it covers. */
  readonly onDecision: (decision: Decision, newest: Report) => void;
  /** The reports cannot be put on record; nothing is sent any more. */
  readonly onRefused: (error: unknown) => void;
  /** True when so many reports wait that their source should, false when they have become few. */
  readonly onPressure: (tooMany: boolean) => void;
}

/** Brings reports to the loop in order, one call at a time, each with all that piled up meanwhile. */
export interface ReportPump {
  push(report: Report): void;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
  /** Drops what waits and takes nothing more; an unanswered call is awaited by `drained`. */
  close(): void;
}

const batchSize = 1_000;
const tooManyCount = 4_000;
const fewCount = 1_000;

export function createReportPump(options: ReportPumpOptions): ReportPump {
  return new OrderedPump(options);
}

class OrderedPump implements ReportPump {
  readonly #options: ReportPumpOptions;
  #waiting: Report[] = [];
  #sending: Promise<void> | null = null;
  #pressed = false;
  #closed = false;

  constructor(options: ReportPumpOptions) {
    this.#options = options;
  }

  push(report: Report): void {
    if (this.#closed) return;
    this.#waiting.push(report);
    if (!this.#pressed && this.#waiting.length > tooManyCount) this.#press(true);
    this.#sending ??= this.#sendAll();
  }

  async drained(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    if (this.#pressed) this.#press(false);
  }

  #press(tooMany: boolean): void {
    this.#pressed = tooMany;
    this.#options.onPressure(tooMany);
  }

  async #sendAll(): Promise<void> {
    // Reports of the same turn of the event loop travel together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize);
      if (this.#pressed && this.#waiting.length < fewCount) this.#press(false);
      await this.#sendBatch(batch);
    }
    this.#sending = null;
  }

  async #sendBatch(batch: readonly Report[]): Promise<void> {
    try {
      const decision = await this.#options.send(batch);
      if (!this.#closed) this.#options.onDecision(decision, batch[batch.length - 1]);
    } catch (error) {
      if (isConflict(error)) await this.#sendSingly(batch);
      else this.#refuse(error);
    }
  }

  /** A step reported twice with different values is refused, and with it all that came along: the first value stands, the rest must not suffer. */
  async #sendSingly(batch: readonly Report[]): Promise<void> {
    if (batch.length === 1) return;
    for (const report of batch) if (!this.#closed) await this.#sendBatch([report]);
  }

  #refuse(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#options.onRefused(error);
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof TunesmithError && error.code === "conflicting-report";
}
