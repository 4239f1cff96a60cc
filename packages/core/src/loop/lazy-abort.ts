import { type Abort, type AbortSignalLike, createAbort } from "../host.ts";

/**
 * An abort whose signal is made when somebody asks for it. Most objectives never do, and a platform's signal costs a good part of what a
 * trial costs in all.
 */
export class LazyAbort implements Abort {
  #made: Abort | null = null;
  #raised: { readonly reason: unknown } | null = null;

  get aborted(): boolean {
    return this.#raised !== null;
  }

  get signal(): AbortSignalLike {
    if (this.#made === null) {
      this.#made = createAbort();
      if (this.#raised !== null) this.#made.abort(this.#raised.reason);
    }
    return this.#made.signal;
  }

  abort(reason?: unknown): void {
    if (this.#raised !== null) return;
    this.#raised = { reason };
    this.#made?.abort(reason);
  }
}
