import {
  type LoopEnd,
  type LoopObserver,
  runLoop,
  type Storage,
  type StudyRecord,
  StudySession,
  TunesmithError,
} from "@tunesmith/core";
import { pythonClientFolder } from "../platform/assets.ts";
import { nodeHost } from "../platform/node-host.ts";
import type { StudyDefinition } from "../study-file/study-definition.ts";
import { endOrphans, startAgent } from "../training/agent.ts";
import { createLocalEngine } from "../training/local-engine.ts";
import { availableCores, planSlots, type Slot } from "../training/slots.ts";
import { OwnSamplers } from "./own-sampler/own-samplers.ts";
import { samplerLogFile } from "./own-sampler/sampler-log-file.ts";

export interface RunStudyOptions {
  /** Folder of the store and of the attempts. */
  readonly home: string;
  readonly storage: Storage;
  readonly study: StudyRecord;
  readonly definition: StudyDefinition;
  /** Ends the run, not the study: running trials get their grace to save. */
  readonly signal: AbortSignal;
  /** Ends the grace at once. */
  readonly hurry: AbortSignal;
  /** Called once the study is open and before anything starts. */
  readonly observe: (session: StudySession, slots: readonly Slot[]) => LoopObserver;
  readonly onNotice: (message: string) => void;
}

/** Slots for a study's attempts on this machine. */
export function slotsFor({ resources, settings }: StudyDefinition): readonly Slot[] {
  return planSlots({ cores: availableCores(), gpus: [] }, resources, settings.parallel);
}

/**
 * Becomes the study's runner and drives it with processes of this machine until it is done, paused or interrupted.
 *
 * What an earlier, dead runner left alive is ended first. @throws {TunesmithError} `study-locked` if another process runs it.
 */
export async function runStudy(options: RunStudyOptions): Promise<LoopEnd> {
  const { home, storage, study, definition, signal, hurry } = options;
  const lock = await storage.acquireRunner(study.id);
  if (lock === null) throw new TunesmithError("study-locked", `${study.name} is being run by another process here`);
  await endOrphans(home);
  const agent = startAgent(home);
  const samplers = new OwnSamplers({ logFile: samplerLogFile(home, study.id, "run"), env: definition.training.env, agent });
  try {
    const session = await StudySession.open(storage, nodeHost(), study, samplers.makePolicy);
    const slots = slotsFor(definition);
    const observer = options.observe(session, slots);
    const engine = createLocalEngine({
      home,
      training: definition.training,
      slots,
      agent,
      pythonClientDir: pythonClientFolder(),
      onNotice: (ref, message) => options.onNotice(`#${ref.trial}: ${message}`),
    });
    const hurryUp = (): void => engine.hurry();
    hurry.addEventListener("abort", hurryUp, { once: true });
    try {
      return await runLoop({ session, engine, parallel: slots.length, signal, observer });
    } finally {
      await engine.close();
      hurry.removeEventListener("abort", hurryUp);
    }
  } finally {
    await samplers.close();
    await agent.close();
    await lock.release();
  }
}
