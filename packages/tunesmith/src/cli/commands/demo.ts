import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { usageMessages } from "@tunesmith/protocol";
import { assetPath } from "../../platform/assets.ts";
import type { CliContext } from "../cli-context.ts";
import { withStore } from "../open-store.ts";
import { readDefinition, runDefinition } from "./run.ts";

export interface DemoOptions {
  readonly trials?: number;
}

const studyName = "digits";

/** Tunes the digits example, keeps the winner's model in `out/` and lets it read new digits. */
export async function demo(context: CliContext, { trials }: DemoOptions): Promise<number> {
  const folder = exampleFolder();
  const definition = readDefinition(context.language, join(folder, "study.yaml"));
  const budget = trials === undefined ? definition.settings.budget : { ...definition.settings.budget, trials };
  const code = await runDefinition(context, { ...definition, settings: { ...definition.settings, budget } }, { continue: true });
  if (code !== 0 || context.json) return code;
  const finished = await withStore(context, async (storage) => (await storage.getStudy(studyName))?.state === "done");
  return finished ? readNewDigits(context, folder) : 0;
}

/** The example in the repository when run from there, so that what is read is what can be changed; else a copy beside the studies. */
function exampleFolder(): string {
  const here = resolve("examples", "digits");
  return existsSync(join(here, "train.mjs")) && existsSync(join(here, "study.yaml")) ? here : assetPath("examples", "digits");
}

async function readNewDigits(context: CliContext, folder: string): Promise<number> {
  const out = resolve("out");
  if (!clearOwnExport(out)) {
    context.print(usageMessages(context.language).outTaken(`tunesmith best ${studyName} --model FOLDER`));
    return 0;
  }
  const { best } = await import("./best.ts");
  const code = await withStore(context, (storage) =>
    best({ ...context, print: () => {} }, storage, { study: studyName, model: out }),
  );
  if (code !== 0) return code;
  const script = join(folder, "predict.mjs");
  context.print();
  context.print(usageMessages(context.language).readsDigits(`node ${relative(process.cwd(), script)} out/`));
  return new Promise((done) => {
    spawn(process.execPath, [script, out], { stdio: "inherit" }).on("close", (status) => done(status ?? 1));
  });
}

/** Whether `out/` is free: not there, empty, or an earlier export, which is then removed. */
function clearOwnExport(out: string): boolean {
  if (!existsSync(out) || readdirSync(out).length === 0) return true;
  const provenance = join(out, "provenance.json");
  if (!existsSync(provenance) || (JSON.parse(readFileSync(provenance, "utf8")) as { study?: unknown }).study === undefined)
    return false;
  rmSync(out, { recursive: true });
  return true;
}
