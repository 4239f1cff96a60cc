// Set up for every test file. Property tests draw new cases at each run, so that they go on finding faults; where a run decides whether a
// change lands, `.ci/run` names a seed, so that a change is not refused for a fault that was there before it.
import fc from "fast-check";

const seed = process.env.TUNESMITH_TEST_SEED;
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
