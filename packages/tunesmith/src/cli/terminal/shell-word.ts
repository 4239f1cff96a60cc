const plain = /^[\w@%+=:,./-]+$/;
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * Text as one word of a shell's command line, exactly: plain where it can be, in single quotes where it must, and as `$'…'` with
 * escapes (bash, zsh, ksh) where it holds characters that a terminal would act on instead of showing.
 */
export function shellWord(text: string): string {
  if (plain.test(text)) return text;
  if (!unprintable.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = [...text].map((character) =>
    unprintable.test(character) ? escapeOf(character) : character.replace(/['\\]/, "\\$&"),
  );
  return `$'${escaped.join("")}'`;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
