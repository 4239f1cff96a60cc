/** One line of a training's output, without its line end and without control characters (tabs stay). */
export interface OutputLine {
  readonly text: string;
  /**
   * The line ended with a bare `\r`, so the next line was to be drawn over it (a progress bar).
   * As on a terminal, an empty line after it (`\n` alone) makes it stay.
   */
  readonly redrawn: boolean;
}

/** Cuts a stream of bytes into lines. One splitter serves one stream of one attempt. */
export interface LineSplitter {
  /** The lines that `chunk` completes, in order. */
  push(chunk: Uint8Array): OutputLine[];
  /** The last line if it had no end; call once, when the stream has ended. */
  end(): OutputLine[];
  /** UTF-16 code units cut off because their line was longer than the limit. */
  readonly droppedCharCount: number;
}

export interface LineSplitterOptions {
  /** Longest line that is kept, in UTF-16 code units; what follows in that line is dropped and counted. Default 65,536. */
  readonly maxLineLength?: number;
}

type Mode = "text" | "escape" | "control-sequence" | "control-string";

const BELL = 0x07;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CANCEL = 0x18;
const SUBSTITUTE = 0x1a;
const ESCAPE = 0x1b;
const CSI = 0x9b;
const STRING_TERMINATOR = 0x9c;

/**
 * Bytes → lines. UTF-8 may be cut anywhere between chunks; invalid bytes become U+FFFD. `\n`, `\r\n` and a bare `\r` end a line;
 * a `\r` at the start of a line ends nothing. Escape sequences (colours, cursor moves, window titles, links, clipboard writes)
 * and other control characters are removed; a sequence that is never finished hides at most the rest of its line.
 *
 * Cost: O(bytes) overall; memory is one line and one chunk.
 * Source: ECMA-48 (1991), sections 5.4 and 5.6, for the shapes of control sequences and control strings.
 */
export function createLineSplitter(options: LineSplitterOptions = {}): LineSplitter {
  return new Utf8LineSplitter(options.maxLineLength ?? 65_536);
}

class Utf8LineSplitter implements LineSplitter {
  readonly #maxLineLength: number;
  readonly #decoder = new TextDecoder("utf-8");
  #mode: Mode = "text";
  #line = "";
  #full = false;
  #droppedCharCount = 0;

  constructor(maxLineLength: number) {
    this.#maxLineLength = maxLineLength;
  }

  get droppedCharCount(): number {
    return this.#droppedCharCount;
  }

  push(chunk: Uint8Array): OutputLine[] {
    return this.#split(this.#decoder.decode(chunk, { stream: true }));
  }

  end(): OutputLine[] {
    const lines = this.#split(this.#decoder.decode());
    if (this.#line.length > 0) lines.push(this.#finishLine(false));
    this.#mode = "text";
    return lines;
  }

  #split(text: string): OutputLine[] {
    const lines: OutputLine[] = [];
    let at = 0;
    while (at < text.length) {
      if (this.#mode === "text") {
        const stop = endOfPlainText(text, at);
        if (stop > at) this.#append(text, at, stop);
        at = stop < text.length ? this.#control(text, stop, lines) : stop;
      } else {
        at = this.#insideSequence(text, at);
      }
    }
    return lines;
  }

  /** Handles the control character at `at` and answers where to go on. */
  #control(text: string, at: number, lines: OutputLine[]): number {
    const code = text.charCodeAt(at);
    if (code === NEWLINE) lines.push(this.#finishLine(false));
    else if (code === CARRIAGE_RETURN) {
      if (text.charCodeAt(at + 1) === NEWLINE) {
        lines.push(this.#finishLine(false));
        return at + 2;
      }
      if (this.#line.length > 0) lines.push(this.#finishLine(true));
    } else if (code === ESCAPE) this.#mode = "escape";
    else if (code === CSI) this.#mode = "control-sequence";
    else if (opensControlString(code - 0x40)) this.#mode = "control-string";
    return at + 1;
  }

  /** Reads one character of an escape sequence and answers where to go on. */
  #insideSequence(text: string, at: number): number {
    const code = text.charCodeAt(at);
    // A line end, a cancel or a new escape ends any sequence, so a stray introducer cannot swallow the output.
    if (code === NEWLINE || code === CARRIAGE_RETURN) {
      this.#mode = "text";
      return at;
    }
    if (code === CANCEL || code === SUBSTITUTE) this.#mode = "text";
    else if (code === ESCAPE) this.#mode = "escape";
    else if (this.#mode === "control-string") {
      if (code === BELL || code === STRING_TERMINATOR) this.#mode = "text";
    } else if (this.#mode === "escape") {
      if (code === 0x5b) this.#mode = "control-sequence";
      else if (opensControlString(code)) this.#mode = "control-string";
      else if (code < 0x20 || code > 0x2f) return this.#leaveSequence(code, at, 0x30);
    } else if (code < 0x20 || code > 0x3f) return this.#leaveSequence(code, at, 0x40);
    return at + 1;
  }

  /** A final byte belongs to the sequence; anything else is text again. */
  #leaveSequence(code: number, at: number, firstFinal: number): number {
    this.#mode = "text";
    return code >= firstFinal && code <= 0x7e ? at + 1 : at;
  }

  #append(text: string, from: number, to: number): void {
    const room = this.#full ? 0 : this.#maxLineLength - this.#line.length;
    if (to - from <= room) {
      this.#line += text.slice(from, to);
      return;
    }
    const last = text.charCodeAt(from + room - 1);
    const cut = room > 0 && last >= 0xd800 && last <= 0xdbff ? from + room - 1 : from + room;
    this.#line += text.slice(from, cut);
    this.#droppedCharCount += to - cut;
    this.#full = true;
  }

  #finishLine(redrawn: boolean): OutputLine {
    const line = { text: this.#line, redrawn };
    this.#line = "";
    this.#full = false;
    return line;
  }
}

/** The second byte of an OSC, DCS, SOS, PM or APC; their one-character forms lie 0x40 higher. */
function opensControlString(code: number): boolean {
  return code === 0x5d || code === 0x50 || code === 0x58 || code === 0x5e || code === 0x5f;
}

function endOfPlainText(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const isControl = (code < 0x20 && code !== 0x09) || (code >= 0x7f && code < 0xa0);
    if (isControl) break;
    at++;
  }
  return at;
}
