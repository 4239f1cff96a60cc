import { hyperparameterTranslations } from "./hyperparameter-translations.ts";
import { parameterTranslations } from "./parameter-translations.ts";
import { samplerTranslations } from "./sampler-translations.ts";
import { storageTranslations } from "./storage-translations.ts";
import { studyFileTranslations } from "./study-file-translations.ts";
import { studyTranslations } from "./study-translations.ts";
import { trainingTranslations } from "./training-translations.ts";
import type { Translation } from "./translation.ts";
import { valueTranslations } from "./value-translations.ts";
import { yamlTranslations } from "./yaml-translations.ts";

/** Every text that core, `tunesmith` and the YAML parser throw or store in English and a person reads. A test proves that none is missing and none dead. */
export const translations: readonly Translation[] = [
  ...valueTranslations,
  ...parameterTranslations,
  ...studyTranslations,
  ...samplerTranslations,
  ...storageTranslations,
  ...trainingTranslations,
  ...studyFileTranslations,
  ...hyperparameterTranslations,
  ...yamlTranslations,
];
