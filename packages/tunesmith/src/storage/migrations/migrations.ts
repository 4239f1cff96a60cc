import { schema1 } from "./schema-1.ts";
import { schema2 } from "./schema-2.ts";
import { schema3 } from "./schema-3.ts";

/** One step from a schema to the next; forward only. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** All steps, by version from 1 without gaps. */
export const migrations: readonly Migration[] = Object.freeze([
  { version: 1, sql: schema1 },
  { version: 2, sql: schema2 },
  { version: 3, sql: schema3 },
]);
