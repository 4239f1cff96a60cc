import { emitKeypressEvents } from "node:readline";

/** Keys that work while a study runs on a terminal: p pauses, q and Ctrl-C stop and keep. Returns the way to stop listening. */
export function listenForKeys(keys: { readonly pause: () => void; readonly quit: () => void }): () => void {
  const { stdin } = process;
  if (!stdin.isTTY || !process.stdout.isTTY) return () => {};
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  const hear = (_text: string, key: { readonly name?: string; readonly ctrl?: boolean }): void => {
    if (key.name === "p") keys.pause();
    // A raw terminal sends Ctrl-C as a key, not as a signal.
    if (key.name === "q" || (key.ctrl && key.name === "c")) keys.quit();
  };
  stdin.on("keypress", hear);
  stdin.resume();
  return () => {
    stdin.off("keypress", hear);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
