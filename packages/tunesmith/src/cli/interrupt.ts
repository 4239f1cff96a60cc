/** Ctrl-C and SIGTERM as two signals: the first asks to save and leave, the second to hurry. */
export interface Interrupt {
  readonly signal: AbortSignal;
  readonly hurry: AbortSignal;
  /** Asks as Ctrl-C would. */
  raise(): void;
  close(): void;
}

export function listenForInterrupt(onFirst: () => void): Interrupt {
  const first = new AbortController();
  const second = new AbortController();
  const raise = (): void => {
    if (first.signal.aborted) second.abort();
    else {
      first.abort();
      onFirst();
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, raise);
  return {
    signal: first.signal,
    hurry: second.signal,
    raise,
    close() {
      for (const signal of signals) process.off(signal, raise);
    },
  };
}
