import { fileURLToPath } from "node:url";

/** Options of Node for a small process beside the runner: little memory, no threads for compiling. */
export const leanNode: readonly string[] = ["--max-old-space-size=32", "--max-semi-space-size=1", "--v8-pool-size=0"];

/** File of a program of this folder. Another process runs built code only: from the sources, the build beside them. */
export function builtProgram(name: string): string {
  const isSource = import.meta.url.endsWith(".ts");
  return fileURLToPath(new URL(isSource ? `../../dist/training/${name}.js` : `./${name}.js`, import.meta.url));
}
