import type { OutputStream } from "../evaluation/log-format.ts";
import type { TextFile } from "./attempt-folder.ts";
import type { ProcessIdentity } from "./process-table.ts";
import type { Environment } from "./training-environment.ts";

/** What to start, and what has to lie on disk before it does. */
export interface CommandRequest {
  /** What to execute, then its arguments. */
  readonly elements: readonly string[];
  readonly workdir: string;
  readonly env: Environment;
  /** Value of `TUNESMITH_ATTEMPT` in `env`. */
  readonly marker: string;
  /** Made first, with all folders above it, private to the user; null = nothing to make. */
  readonly folder: string | null;
  /** Written next, private to the user. */
  readonly files: readonly TextFile[];
}

/** How a command ended. */
export interface CommandExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True if it certainly left no process behind; false if that has to be looked up. */
  readonly isAlone: boolean;
}

/** Why a command could not be started. */
export interface CommandFault {
  /** What failed: to put its files in place, or to start it. */
  readonly step: "files" | "start";
  /** Code of the system or of Node (`ENOENT`); empty without one. */
  readonly code: string;
  readonly message: string;
}

/** To the spawner; one JSON text a line. `id` is the sender's, of one command. */
export type SpawnerRequest = { readonly id: number } & (
  | { readonly kind: "start"; readonly command: CommandRequest }
  /** SIGTERM to its group, unless it has ended. */
  | { readonly kind: "terminate" }
  | { readonly kind: "hold"; readonly held: boolean }
  /** Its output is of no more interest, whoever still holds the other end. */
  | { readonly kind: "drop" }
);

/**
 * From the spawner: first `started` or `faulted`; after `started` output, one `exited`, and `closed` when both are complete. Where
 * commands have control groups, `grouped` comes as soon as all in its group may be ended: in any case before an `exited` that is not alone.
 */
export type SpawnerFrame = { readonly id: number } & (
  | { readonly kind: "started"; readonly root: ProcessIdentity }
  /** Folder of the group that holds the command, all it started, and nothing else. */
  | { readonly kind: "grouped"; readonly folder: string }
  | ({ readonly kind: "faulted" } & CommandFault)
  | { readonly kind: "output"; readonly stream: OutputStream; readonly chunk: Uint8Array }
  | ({ readonly kind: "exited" } & CommandExit)
  | { readonly kind: "closed" }
);

/** Kind (1 byte), id and length of the payload (4 bytes each, little-endian). */
const headerBytes = 9;
const kinds = { json: 0, stdout: 1, stderr: 2 } as const;

/** A frame as bytes: output as it is, everything else as JSON. The pieces belong one after the other. */
export function encodeFrame(frame: SpawnerFrame): readonly Uint8Array[] {
  const isOutput = frame.kind === "output";
  const payload = isOutput ? frame.chunk : Buffer.from(JSON.stringify(frame));
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt8(isOutput ? kinds[frame.stream] : kinds.json, 0);
  header.writeUInt32LE(frame.id, 1);
  header.writeUInt32LE(payload.length, 5);
  return [header, payload];
}

/** Puts frames together again from pieces of any size. */
export interface FrameReader {
  /** Frames that this piece completes. Their output is a view of the piece where it can be. */
  push(piece: Buffer): SpawnerFrame[];
}

export function createFrameReader(): FrameReader {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(piece) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const frames: SpawnerFrame[] = [];
      let at = 0;
      while (bytes.length - at >= headerBytes) {
        const end = at + headerBytes + bytes.readUInt32LE(at + 5);
        if (end > bytes.length) break;
        frames.push(decode(bytes.readUInt8(at), bytes.readUInt32LE(at + 1), bytes.subarray(at + headerBytes, end)));
        at = end;
      }
      rest = bytes.subarray(at);
      return frames;
    },
  };
}

function decode(kind: number, id: number, payload: Buffer): SpawnerFrame {
  if (kind === kinds.json) return JSON.parse(payload.toString()) as SpawnerFrame;
  return { kind: "output", id, stream: kind === kinds.stdout ? "stdout" : "stderr", chunk: payload };
}
