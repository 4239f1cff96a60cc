import * as format from "./format.mjs";
import { train, twoMoons } from "./moons.mjs";
import { createNetwork, evaluate, trainOneEpoch } from "./network.mjs";
import { fidelity } from "./space.mjs";

/**
 * A trial's network, trained again in this thread: same parameters, same seed, so the very same network. Other work of the page
 * gets its turn after every epoch.
 *
 * @param {() => boolean} isOutdated  Whether nobody wants it any more.
 */
export async function retrain({ params, seed }, epochCount, isOutdated = () => false) {
  const network = createNetwork(params, seed);
  for (let epoch = 1; epoch <= epochCount && !isOutdated(); epoch++) {
    trainOneEpoch(network, train, params);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return network;
}

/**
 * One sentence on points that nothing was chosen by: the search picks the trial that is luckiest on the validation points, so only
 * fresh points say how good it is.
 */
export async function testAccuracy({ best, trials }) {
  if (best === null) return "";
  const test = twoMoons(4000, "test");
  const ofBest = evaluate(await retrain(best, fidelity.max), test).accuracy;
  const ofDefault = evaluate(await retrain(trials[0], fidelity.max), test).accuracy;
  return `Right on ${test.labels.length} fresh points: best ${format.percent(ofBest, 1)}, defaults ${format.percent(ofDefault, 1)}.`;
}
