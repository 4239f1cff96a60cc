// `npm test`: everything that needs only Node, npm and python3. Arguments go to the test runner.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const vitest = spawnSync(
  process.execPath,
  [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: "inherit",
  },
);
const python = spawnSync("python3", ["-m", "unittest", "discover"], {
  cwd: join(root, "clients", "python"),
  stdio: "inherit",
});
process.exitCode = vitest.status === 0 && python.status === 0 ? 0 : 1;
