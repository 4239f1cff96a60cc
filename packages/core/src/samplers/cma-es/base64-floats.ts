const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODES = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const SEXTETS = sextetsByCode();

/** Length of the text of so many doubles. */
export function base64Length(floatCount: number): number {
  return 4 * Math.ceil((8 * floatCount) / 3);
}

/** Doubles as base64 and back; keeps its memory from call to call. */
export class FloatCodec {
  #bytes = new Uint8Array(1_200);
  #view = new DataView(this.#bytes.buffer);

  /** Least significant byte first, as base64 (RFC 4648, Sec. 4); every bit survives. */
  encode(values: Float64Array): string {
    const byteCount = 8 * values.length;
    // Groups of twelve bytes are read whole.
    this.#reserve(byteCount + 12);
    for (let i = 0; i < values.length; i++) this.#view.setFloat64(8 * i, values[i], true);
    this.#bytes.fill(0, byteCount, byteCount + 12);
    let text = "";
    for (let i = 0; i < byteCount; i += 12) text += sixteenLetters(this.#bytes, i);
    const missing = (3 - (byteCount % 3)) % 3;
    return text.slice(0, base64Length(values.length) - missing) + "=".repeat(missing);
  }

  /**
   * The doubles of a text that `encode` made.
   *
   * @param out  Receives them; its length must be their number.
   * @returns    Whether it is such a text; if not, `out` is spoilt.
   */
  decode(text: string, out: Float64Array): boolean {
    const length = base64Length(out.length);
    const letterCount = length - ((3 - ((8 * out.length) % 3)) % 3);
    if (text.length !== length || !endsInPadding(text, letterCount)) return false;
    this.#reserve((3 * length) / 4);
    const bytes = this.#bytes;
    for (let i = 0, at = 0; i < length; i += 4, at += 3) {
      const word = (sextet(text, i) << 18) | (sextet(text, i + 1) << 12) | (sextet(text, i + 2) << 6) | sextet(text, i + 3);
      if (word < 0) return false;
      bytes[at] = word >>> 16;
      bytes[at + 1] = word >>> 8;
      bytes[at + 2] = word;
    }
    for (let i = 0; i < out.length; i++) out[i] = this.#view.getFloat64(8 * i, true);
    return true;
  }

  #reserve(byteCount: number): void {
    if (byteCount <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(2 * byteCount);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

function endsInPadding(text: string, letterCount: number): boolean {
  for (let i = letterCount; i < text.length; i++) if (text[i] !== "=") return false;
  return true;
}

/** One call for sixteen letters: four times as fast as one for each. */
function sixteenLetters(bytes: Uint8Array, i: number): string {
  const a = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
  const b = (bytes[i + 3] << 16) | (bytes[i + 4] << 8) | bytes[i + 5];
  const c = (bytes[i + 6] << 16) | (bytes[i + 7] << 8) | bytes[i + 8];
  const d = (bytes[i + 9] << 16) | (bytes[i + 10] << 8) | bytes[i + 11];
  return String.fromCharCode(
    CODES[a >>> 18],
    CODES[(a >>> 12) & 63],
    CODES[(a >>> 6) & 63],
    CODES[a & 63],
    CODES[b >>> 18],
    CODES[(b >>> 12) & 63],
    CODES[(b >>> 6) & 63],
    CODES[b & 63],
    CODES[c >>> 18],
    CODES[(c >>> 12) & 63],
    CODES[(c >>> 6) & 63],
    CODES[c & 63],
    CODES[d >>> 18],
    CODES[(d >>> 12) & 63],
    CODES[(d >>> 6) & 63],
    CODES[d & 63],
  );
}

/** −1 for what is no letter of base64. */
function sextet(text: string, i: number): number {
  const code = text.charCodeAt(i);
  return code < 128 ? SEXTETS[code] : -1;
}

function sextetsByCode(): Int8Array {
  const sextets = new Int8Array(128).fill(-1);
  CODES.forEach((code, value) => {
    sextets[code] = value;
  });
  sextets["=".charCodeAt(0)] = 0;
  return sextets;
}
