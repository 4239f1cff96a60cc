import type { JsonObject } from "../../json.ts";
import { base64Length } from "./base64-floats.ts";

/** What a trial that this sampler made remembers. */
export interface MemberNote {
  /** Fingerprint of what the numbers mean; a trial of another space or strain is somebody else's. */
  readonly strain: number;
  readonly run: number;
  /** 0: the initial design; from 1 on through all runs. */
  readonly generation: number;
  /** Place in the generation. */
  readonly index: number;
  /** Event at which the generation before was complete; of the first generation, the last one it could know. */
  readonly since: number;
  /** The genes, packed; empty in the initial design. */
  readonly genotype: string;
  /** The config was chosen otherwise than by sampling. */
  readonly foreign?: true;
  /** Samples that other trials had already tried: their numbers and genes. */
  readonly seen?: readonly (readonly [number, string])[];
  /** Part number `index` of the packed evolution, and a checksum of the whole. */
  readonly part?: string;
  readonly check?: number;
}

export const memberNoteType = "cma-es";

export function writeMemberNote(note: MemberNote): JsonObject {
  return { sampler: memberNoteType, ...note };
}

/** Null if the note is none of this sampler's for this strain. */
export function readMemberNote(note: JsonObject | null, strain: number): MemberNote | null {
  if (note === null || note.sampler !== memberNoteType || note.strain !== strain) return null;
  return typeof note.generation === "number" && typeof note.genotype === "string" ? (note as unknown as MemberNote) : null;
}

/** Bytes of a note for anything but genes and the evolution. */
const OVERHEAD_BYTES = 512;

/** How much of the packed evolution, and of other samples, fits into a note beside its genes. */
export function roomInNote(geneCount: number): number {
  return 16_384 + 32 * geneCount - OVERHEAD_BYTES - base64Length(geneCount);
}

/** A number that hardly any other text of this kind has (FNV-1a). */
export function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
