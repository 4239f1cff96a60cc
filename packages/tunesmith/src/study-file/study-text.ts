export type StudyText =
  | { readonly text: string; readonly fault: null }
  | { readonly text: null; readonly fault: { readonly line: number; readonly column: number; readonly message: string } };

const largestBytes = 1 << 20;
const byteOrderMark = "\ufeff";

/**
 * The text of a study file: UTF-8, at most 1 MiB. A byte order mark at its start is taken off; anything else that shows another
 * encoding or a binary file is a fault with its place.
 */
export function studyText(content: string | Uint8Array): StudyText {
  const size = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
  if (size > largestBytes) return faultAt("", `the file has ${size} bytes; allowed: at most 1 MiB (${largestBytes} bytes)`);
  if (typeof content !== "string" && isUtf16(content)) return faultAt("", "the file is UTF-16; save it as UTF-8");
  const decoded = typeof content === "string" ? content : new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
  const text = decoded.startsWith(byteOrderMark) ? decoded.slice(1) : decoded;
  const wrong = /[\0\ufffd\ufeff]|\p{Cs}/u.exec(text);
  if (wrong === null) return { text, fault: null };
  return faultAt(text.slice(0, wrong.index), messages[wrong[0]] ?? messages["\ufffd"]);
}

const messages: Readonly<Record<string, string>> = {
  "\0": "a NUL character: this is no text, or UTF-16; save it as UTF-8",
  "\ufffd": "this is not valid UTF-8; save the file as UTF-8",
  "\ufeff": "a byte order mark in the middle of the file; remove it",
};

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function faultAt(before: string, message: string): StudyText {
  const lines = before.split("\n");
  return { text: null, fault: { line: lines.length, column: lines[lines.length - 1].length + 1, message } };
}
