/**
 * Tunesmith for Node: everything of `@tunesmith/core`, with worker threads for objectives that are modules and SQLite files as
 * storage.
 */
import { studyMakersFor } from "@tunesmith/core";
import { nodeHost } from "./platform/node-host.ts";

export * from "@tunesmith/core";
export { nodeHost } from "./platform/node-host.ts";
export { createSqliteStorage, type SqliteStorage, type SqliteStorageOptions } from "./storage/sqlite/sqlite-storage.ts";

const makers = studyMakersFor(nodeHost);
/** Makes a study, in memory unless `storage` says otherwise. */
export const createStudy = makers.createStudy;
/** Continues a study exactly from what `study.toJSON()` gave. */
export const openStudy = makers.openStudy;
