import type { Json } from "@tunesmith/core";

/** A value as somebody wrote it, in a file or in flags; `at` orders it among the others and tells its place. */
export type SourceNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly at: number;
  readonly value: string | number | boolean | null;
  /** What was written, quotes taken off. */
  readonly text: string;
}

export interface ListNode {
  readonly kind: "list";
  readonly at: number;
  readonly items: readonly SourceNode[];
}

export interface MapNode {
  readonly kind: "map";
  readonly at: number;
  /** In the order they were written. */
  readonly members: ReadonlyMap<string, Member>;
}

export interface Member {
  readonly keyAt: number;
  readonly node: SourceNode;
}

/** The value as JSON; −0 becomes 0. Names such as `__proto__` are plain members. */
export function plainValue(node: SourceNode): Json {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "number" ? node.value + 0 : node.value;
    case "list":
      return node.items.map(plainValue);
    case "map":
      return Object.fromEntries([...node.members].map(([key, member]) => [key, plainValue(member.node)]));
  }
}

const longestShown = 40;

/** A value for a message: numbers as they were written, text in quotes, both cut; the rest by its kind. */
export function showNode(node: SourceNode): string {
  if (node.kind === "list") return `a list of ${node.items.length}`;
  if (node.kind === "map") return "a group of keys";
  if (node.value === null) return node.text === "" ? "empty" : node.text;
  const text = node.text.length > longestShown ? `${node.text.slice(0, longestShown)}…` : node.text;
  return typeof node.value === "string" ? JSON.stringify(text) : text;
}
