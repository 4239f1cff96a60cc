import { nearestName } from "@tunesmith/core";
import { joinPath, type PlacedFault } from "./placed-fault.ts";
import { type SourceNode, showNode } from "./source-node.ts";

/** A value and the dotted keys that lead to it. */
export interface Field {
  readonly node: SourceNode;
  readonly path: string;
}

/** Collects what a reading has to say. */
export interface Reading {
  readonly faults: PlacedFault[];
  /** Things understood otherwise than written, or not used. */
  readonly notices: string[];
}

/** The value of a field; `undefined` after adding a fault. */
export type Reader<T> = (field: Field, reading: Reading) => T | undefined;

/** One reader for every key of a group. */
export type KeyTable = { readonly [key: string]: Reader<unknown> };

/** What a table's readers gave; keys that were not written, or are at fault, are absent. */
export type Members<Table extends KeyTable> = { readonly [Key in keyof Table]?: NonNullable<ReturnType<Table[Key]>> };

export function addFault(reading: Reading, { node, path }: Field, message: string): undefined {
  reading.faults.push({ at: node.at, path, message });
}

/** "12; allowed: …" */
export function refuse(reading: Reading, field: Field, allowed: string): undefined {
  return addFault(reading, field, `${showNode(field.node)}; allowed: ${allowed}`);
}

/** The field of a key or list position, or null where it was not written. */
export function fieldAt(field: Field, key: string): Field | null {
  const { node, path } = field;
  const below = node.kind === "map" ? node.members.get(key)?.node : node.kind === "list" ? node.items[Number(key)] : undefined;
  return below === undefined ? null : { node: below, path: joinPath(path, key) };
}

/** The deepest field along the keys that was written. */
export function deepestField(field: Field, keys: readonly string[]): Field {
  const below = keys.length === 0 ? null : fieldAt(field, keys[0]);
  return below === null ? field : deepestField(below, keys.slice(1));
}

/** All members of a group by its table; unknown keys are faults. `undefined` if it is no group. */
export function readMembers<Table extends KeyTable>(field: Field, table: Table, reading: Reading): Members<Table> | undefined {
  if (field.node.kind !== "map") return refuse(reading, field, `keys such as ${Object.keys(table).slice(0, 6).join(", ")}`);
  const values: Record<string, unknown> = {};
  for (const [key, { keyAt, node }] of field.node.members) {
    const path = joinPath(field.path, key);
    if (!Object.hasOwn(table, key)) {
      reading.faults.push({ at: keyAt, path, message: unknownKey(key, Object.keys(table)) });
      continue;
    }
    const value = table[key]({ node, path }, reading);
    if (value !== undefined) values[key] = value;
  }
  return values as Members<Table>;
}

/** Reads a group of keys; `required` says of each key that must be there what to write. */
export function group<Table extends KeyTable, Required extends keyof Table & string = never>(
  table: Table,
  required: { readonly [Key in Required]: string },
): Reader<Members<Table> & { readonly [Key in Required]: NonNullable<ReturnType<Table[Key]>> }> {
  return (field, reading) => {
    const faultCount = reading.faults.length;
    const members = readMembers(field, table, reading);
    if (members === undefined) return undefined;
    for (const key of Object.keys(required) as Required[]) {
      if (fieldAt(field, key) === null)
        addFault(reading, { node: field.node, path: joinPath(field.path, key) }, `missing; give ${required[key]}`);
    }
    if (reading.faults.length > faultCount) return undefined;
    return members as Members<Table> & { readonly [Key in Required]: NonNullable<ReturnType<Table[Key]>> };
  };
}

/** Every item of a list. */
export function listOf<T>(read: Reader<T>, what: string, most = 10_000): Reader<readonly T[]> {
  return (field, reading) => {
    const { node, path } = field;
    if (node.kind !== "list") return refuse(reading, field, `a list of ${what}`);
    if (node.items.length > most) return refuse(reading, field, `at most ${most} ${what}`);
    const values = node.items.map((item, i) => read({ node: item, path: joinPath(path, i) }, reading));
    return values.includes(undefined) ? undefined : (values as T[]);
  };
}

function unknownKey(key: string, allowed: readonly string[]): string {
  const near = nearestName(key, allowed);
  if (near !== null) return `unknown; did you mean ${near}?`;
  return allowed.length <= 12 ? `unknown; allowed: ${allowed.join(", ")}` : "unknown; docs/study-file.md lists the keys";
}
