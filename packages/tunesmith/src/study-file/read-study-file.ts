import { parse, resolve } from "node:path";
import type { FileFault } from "./format-faults.ts";
import { parseYaml } from "./parse-yaml.ts";
import { sortFaults } from "./placed-fault.ts";
import { readDefinition } from "./read-definition.ts";
import type { Reading } from "./reading.ts";
import type { StudyDefinition } from "./study-definition.ts";
import { studyText } from "./study-text.ts";
import type { TrainingChecks } from "./training-checks.ts";

export type StudyFileReading =
  | { readonly definition: StudyDefinition; readonly faults?: undefined }
  | { readonly faults: readonly FileFault[]; readonly definition?: undefined };

/**
 * Reads a study file: YAML 1.2 or JSON, in our own keys or as a W&B sweep.
 *
 * @param content   Its text, or better its bytes: only they tell a wrong encoding for certain.
 * @param fileName  Names the study where the file does not.
 * @param folder    Folder of the file, which `workdir` is relative to.
 * @returns  The definition, or all faults in the order of their lines.
 */
export function readStudyFile(
  content: string | Uint8Array,
  fileName: string,
  folder: string,
  checks: TrainingChecks,
): StudyFileReading {
  const { text, fault } = studyText(content);
  if (text === null) return { faults: [{ ...fault, path: "" }] };
  const { root, faults, placeOf } = parseYaml(text);
  const reading: Reading = { faults: [...faults], notices: [] };
  const source = root && { root: { node: root, path: "" }, folder: resolve(folder), defaultName: parse(fileName).name };
  const definition = source && readDefinition(source, checks, reading);
  if (definition !== null && reading.faults.length === 0) return { definition };
  return { faults: sortFaults(reading.faults).map(({ at, path, message }) => ({ ...placeOf(at), path, message })) };
}
