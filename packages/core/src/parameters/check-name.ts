// Control characters, lone surrogates, line separators, the byte order mark and the characters that reorder text around them.
const unwritable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/u;
const reserved: readonly string[] = ["__proto__", "constructor", "prototype"];
const longestName = 200;

/** What is wrong with a parameter's name, or null. */
export function nameFault(name: string): string | null {
  if (name.trim() === "") return "the name is empty";
  if (name.length > longestName) return `the name has ${name.length} characters; allowed: at most ${longestName}`;
  if (unwritable.test(name)) return "the name holds control characters or broken Unicode";
  if (reserved.includes(name)) return `the name is reserved; reserved are ${reserved.join(", ")}`;
  return null;
}

/** A name as a fault's path: short and printable whatever it holds. */
export function nameAsPath(name: string): string {
  if (name.length <= longestName && !unwritable.test(name)) return name;
  const printable = name.slice(0, 40).replace(new RegExp(unwritable, "gu"), "\ufffd");
  return name.length > 40 ? `${printable}…` : printable;
}
