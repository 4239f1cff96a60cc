// Scores a checkpoint on the test rows, which neither training nor tuning has seen:
//
//   node evaluate.mjs CHECKPOINT_FOLDER
//   test_accuracy=0.9310 test_loss=0.2345
//
// Tunesmith runs it once for the winner and once for the default configuration.

import { evaluate, loadDigits, loadModel } from "./train.mjs";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node evaluate.mjs CHECKPOINT_FOLDER");
  process.exit(2);
}
const { loss, accuracy } = evaluate(loadModel(folder).network, loadDigits().test);
console.log(`test_accuracy=${accuracy.toFixed(4)} test_loss=${loss.toFixed(4)}`);
