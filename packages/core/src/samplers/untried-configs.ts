import type { Rng } from "../numerics/rng.ts";
import type { Config } from "../parameters/parameter.ts";
import type { Space } from "../parameters/space.ts";
import type { History } from "../trial/history.ts";
import { createLattice } from "./lattice.ts";

/**
 * Up to `count` configs of a finite space that no trial has, that satisfy the constraints and hold the fixed values: the first
 * ones from a random config on.
 *
 * @param lookLimit  How many configs to look at.
 * @returns          Empty if there are none, or the space is not finite.
 */
export function untriedConfigs(
  space: Space,
  history: History,
  fixed: Config,
  rng: Rng,
  count: number,
  lookLimit: number,
): Config[] {
  const lattice = createLattice(space, {});
  if (typeof lattice === "string") return [];
  const start = rng.int(lattice.size);
  const found: Config[] = [];
  for (let i = 0; i < Math.min(lattice.size, lookLimit) && found.length < count; i++) {
    const config = lattice.config((start + i) % lattice.size);
    if (holds(config, fixed) && space.satisfies(config) && !history.hasConfig(space.key(config))) found.push(config);
  }
  return found;
}

function holds(config: Config, fixed: Config): boolean {
  return Object.keys(fixed).every((name) => config[name] === fixed[name]);
}
