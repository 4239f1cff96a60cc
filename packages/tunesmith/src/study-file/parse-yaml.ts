import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  Parser,
  type Scalar,
} from "yaml";
import { nestingFault } from "./nesting-fault.ts";
import { joinPath, type PlacedFault, printable, printableKey } from "./placed-fault.ts";
import { scalarValue } from "./scalar-value.ts";
import type { ListNode, Member, ScalarNode, SourceNode } from "./source-node.ts";

export interface ParsedYaml {
  /** Null if the text has no readable structure; `faults` then says why. */
  readonly root: SourceNode | null;
  readonly faults: readonly PlacedFault[];
  /** Line and column, both from 1, of an offset in the text. */
  placeOf(at: number): { readonly line: number; readonly column: number };
}

const mostSyntaxFaults = 20;

/**
 * Reads YAML 1.2 (and so JSON) into nodes that know their place. One document, no tags, no merge keys, every key once; aliases may
 * repeat at most 10,000 values. Nothing in the text can run code or make this slow.
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const placeOf = (at: number) => {
    const { line, col } = lines.linePos(Math.min(at, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const unparsed = nestingFault(text);
  if (unparsed !== null) {
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) lines.addNewLine(i + 1);
    lines.lineStarts.unshift(0);
    return { root: null, faults: [{ ...unparsed, path: "" }], placeOf };
  }
  const documents = [
    ...new Composer({ schema: "failsafe", uniqueKeys: false }).compose(new Parser(lines.addNewLine).parse(text)),
  ];
  const faults = syntaxFaults(documents);
  if (faults.length > 0) return { root: null, faults, placeOf };
  const conversion = new Conversion();
  const contents = documents[0]?.contents ?? null;
  const root = contents === null ? null : conversion.convert(contents, "");
  return { root, faults: root === null ? [{ at: 0, path: "", message: "the file is empty" }] : conversion.faults, placeOf };
}

function syntaxFaults(documents: readonly Document.Parsed[]): readonly PlacedFault[] {
  const errors = documents.flatMap((document) => document.errors).slice(0, mostSyntaxFaults);
  const faults = errors.map(({ code, pos, message }) => ({ at: pos[0], path: "", message: syntaxMessage(code, message) }));
  if (faults.length === 0 && documents.length > 1) {
    faults.push({ at: documents[1].range[0], path: "", message: "a second document begins here; allowed: one study in a file" });
  }
  return faults;
}

function syntaxMessage(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab indents this line; YAML allows only spaces there";
  return `no valid YAML: ${printable(message.charAt(0).toLowerCase() + message.slice(1), 200)}`;
}

const mostRepeated = 10_000;
const deepestExpanded = 64;

/** A node with the number of nodes in it, aliases followed, and how deep it nests. */
interface Measured {
  readonly node: SourceNode;
  readonly size: number;
  readonly depth: number;
}

class Conversion {
  readonly faults: PlacedFault[] = [];
  private readonly anchors = new Map<string, Measured>();
  private repeatedCount = 0;

  convert(parsed: ParsedNode, path: string): SourceNode {
    return this.measured(parsed, path).node;
  }

  private measured(parsed: ParsedNode, path: string): Measured {
    const at = parsed.range[0];
    if (isAlias(parsed)) return this.repeated(parsed.source, at, path);
    if (parsed.tag !== undefined)
      this.faults.push({ at, path, message: `the tag ${printableKey(parsed.tag)} is not read; write the plain value` });
    const measured = this.collection(parsed, at, path);
    if (parsed.anchor !== undefined) this.anchors.set(parsed.anchor, measured);
    return measured;
  }

  private collection(parsed: ParsedNode, at: number, path: string): Measured {
    if (isMap(parsed)) return this.map(parsed.items as readonly Pair<ParsedNode, ParsedNode | null>[], at, path);
    if (isSeq(parsed)) return this.list(parsed.items as readonly ParsedNode[], at, path);
    return { node: this.scalar(parsed as Scalar.Parsed, at, path), size: 1, depth: 1 };
  }

  private scalar(parsed: Scalar.Parsed, at: number, path: string): ScalarNode {
    const text = String(parsed.value);
    if (/[\0\p{Cs}]/u.test(text))
      this.faults.push({ at, path, message: "a NUL character or half a surrogate pair; nothing could store it" });
    if (parsed.type !== "PLAIN") return { kind: "scalar", at, value: text, text };
    const { value, fault } = scalarValue(text);
    if (fault !== null) this.faults.push({ at, path, message: fault });
    return { kind: "scalar", at, value, text };
  }

  private list(parsed: readonly ParsedNode[], at: number, path: string): Measured {
    const items = parsed.map((item, i) => this.measured(item, joinPath(path, i)));
    const node: ListNode = { kind: "list", at, items: items.map((item) => item.node) };
    return this.measure(node, items, path);
  }

  private map(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], at: number, path: string): Measured {
    const members = new Map<string, Member>();
    const parts: Measured[] = [];
    for (const { key, value } of pairs) {
      const name = this.keyName(key, path, members);
      const keyAt = key?.range[0] ?? at;
      const empty: ScalarNode = { kind: "scalar", at: keyAt, value: null, text: "" };
      const part = value === null ? { node: empty, size: 1, depth: 1 } : this.measured(value, joinPath(path, name ?? "?"));
      parts.push(part);
      if (name !== null) members.set(name, { keyAt, node: part.node });
    }
    return this.measure({ kind: "map", at, members }, parts, path);
  }

  /** The key's text, or null after adding a fault. */
  private keyName(key: ParsedNode, path: string, members: ReadonlyMap<string, Member>): string | null {
    const at = key?.range?.[0] ?? 0;
    if (!isScalar(key)) return this.keyFault(at, path, "this key is no plain word; write it out");
    if (key.tag !== undefined) return this.keyFault(at, path, "keys have no tags");
    const name = String(key.value);
    if (name === "" && key.type === "PLAIN") return this.keyFault(at, path, "a key is missing before the colon");
    if (name === "<<" && key.type === "PLAIN") return this.keyFault(at, path, "merge keys (<<) are not read; repeat the keys");
    if (members.has(name)) return this.keyFault(at, joinPath(path, name), "stands twice; keep one");
    if (/[\0\p{Cs}]/u.test(name))
      return this.keyFault(at, joinPath(path, name), "a NUL character or half a surrogate pair in a key");
    if (key.anchor !== undefined)
      this.anchors.set(key.anchor, { node: this.scalar(key as Scalar.Parsed, at, path), size: 1, depth: 1 });
    return name;
  }

  private keyFault(at: number, path: string, message: string): null {
    this.faults.push({ at, path, message });
    return null;
  }

  private measure(node: SourceNode, parts: readonly Measured[], path: string): Measured {
    const size = parts.reduce((sum, part) => sum + part.size, 1);
    const depth = parts.reduce((most, part) => Math.max(most, part.depth), 0) + 1;
    if (depth <= deepestExpanded) return { node, size, depth };
    return this.unusable(node.at, path, `nested more than ${deepestExpanded} levels deep by aliases`);
  }

  /** The anchored node itself: nothing is copied, yet whoever walks it meets it again, so the number of visits is limited. */
  private repeated(anchor: string, at: number, path: string): Measured {
    const measured = this.anchors.get(anchor);
    if (measured === undefined) return this.unusable(at, path, `the alias *${printableKey(anchor)} has no anchor before it`);
    this.repeatedCount += measured.size;
    if (this.repeatedCount <= mostRepeated) return measured;
    return this.unusable(at, path, `aliases repeat more than ${mostRepeated} values`);
  }

  private unusable(at: number, path: string, message: string): Measured {
    this.faults.push({ at, path, message });
    return { node: { kind: "scalar", at, value: null, text: "" }, size: 1, depth: 1 };
  }
}
