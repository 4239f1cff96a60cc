import { canonicalJson, type JsonObject, TunesmithError } from "@tunesmith/core";
import type { DefinitionJson, StudyDefinition } from "./study-definition.ts";

const version = 1;

/** The form that is stored with a study; equal definitions give equal JSON. Notices belong to the reading and are left out. */
export function definitionJson({ notices: _, ...definition }: StudyDefinition): DefinitionJson {
  return JSON.parse(canonicalJson({ version, ...definition })) as JsonObject;
}

/**
 * The definition that was stored; without notices.
 *
 * @throws {TunesmithError} `storage-unusable` if a later version of Tunesmith wrote it.
 */
export function definitionFromJson(json: DefinitionJson): StudyDefinition {
  const { version: stored, ...members } = json;
  if (stored !== version) {
    throw new TunesmithError(
      "storage-unusable",
      `the study's definition has version ${JSON.stringify(stored ?? null)}; this Tunesmith reads version ${version}`,
    );
  }
  const definition = { ...members, notices: [] } as unknown as StudyDefinition;
  const { problem, training } = definition;
  // The canonical form sorts its keys; parameters go back to the order they were declared in.
  const parameters = problem.parameters as JsonObject;
  const ordered = Object.fromEntries(training.parameterNames.map((name) => [name, parameters[name]]));
  return { ...definition, problem: { ...problem, parameters: ordered } };
}
