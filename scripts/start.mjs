// `npm start`: from a fresh clone to a tuned network. Installs and builds once, then runs the demo.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

const fresh = !existsSync(join(root, "node_modules", ".tunesmith-lock"));
if (fresh) process.stdout.write("Tunesmith  installing once …");
const { seconds } = prepare();
if (fresh) process.stdout.write(` ${Math.round(seconds)} s\n\n`);

const command = spawn(
  process.execPath,
  [join(root, "packages", "tunesmith", "bin", "tunesmith.mjs"), "demo", ...process.argv.slice(2)],
  {
    stdio: "inherit",
  },
);
// The terminal sends Ctrl-C to the demo as well: it saves and says how to continue, this script only waits for it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
command.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
