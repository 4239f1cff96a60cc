/** Colours that carry meaning only: the best, what failed, what is pale. Identity where colour is off. */
export interface Style {
  best(text: string): string;
  failed(text: string): string;
  pale(text: string): string;
  strong(text: string): string;
}

export function createStyle(color: boolean): Style {
  const wrap = (code: number, reset: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[${reset}m` : text);
  return { best: wrap(32, 39), failed: wrap(31, 39), pale: wrap(2, 22), strong: wrap(1, 22) };
}
