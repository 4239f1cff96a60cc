/**
 * The guardian's own program: `node guardian-main.js NONCE RECORD [GROUP]`, where GROUP is the folder of the run's control group.
 *
 * Standard input is a pipe whose other end only the agent holds. Lines on it: `+PID` a command was started, `-PID` it is gone,
 * `bye` the agent ends in order. When the pipe ends without `bye` the agent is dead, however it died: everything it started is
 * ended, by control group, process group, session, parentage and marker, and its record removed.
 */
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { removeGroup } from "./control-group.ts";
import { type ProcessIdentity, readProcess } from "./process-table.ts";
import { endTree, killTree } from "./process-tree.ts";
import { nonceOfMarker } from "./training-environment.ts";

const graceMs = 3_000;
/** What the agent was just starting when it died may appear a moment later. */
const secondLookMs = 250;

const [nonce = "", recordFile = "", ...groups] = process.argv.slice(2);
const roots = new Map<number, ProcessIdentity>();
let said = "";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "bye") said = line;
  else if (line.startsWith("+")) remember(Number(line.slice(1)));
  else if (line.startsWith("-")) roots.delete(Number(line.slice(1)));
}
if (said !== "bye") await endEverything();

function remember(pid: number): void {
  const found = readProcess(pid, false);
  if (found !== null && found.session === pid) roots.set(pid, { pid, startedAt: found.startedAt });
}

async function endEverything(): Promise<void> {
  const target = { roots: [...roots.values()], groups, ownsMarker: (marker: string) => nonceOfMarker(marker) === nonce };
  await endTree(target, { graceMs });
  await delay(secondLookMs);
  const survivors = await killTree(target);
  const areRemoved = (await Promise.all(groups.map(removeGroup))).every(Boolean);
  // With survivors the record stays, for the next runner to try again.
  if (survivors === 0 && areRemoved) rmSync(recordFile, { force: true });
}
