import { addMetricsOfObject, parseJsonObject } from "./metrics-from-object.ts";
import { scanPairs } from "./scan-pairs.ts";

const nothingWanted: ReadonlySet<string> = new Set();

/**
 * The named numbers of one line of output, in the order printed; the last one wins when a name comes twice. Never throws.
 *
 * Read are pairs with `=` or `:` between name and number, anywhere in the line and whatever stands around them (`epoch=3
 * val_loss=0.31`, `loss: 0.31 - accuracy: 0.9`, `100%|██| 10/10 [00:01, val_loss=0.31]`, `cost=0.5; status=SUCCESS`, logging
 * prefixes); JSON objects and Python dicts, also behind a prefix (`[tune-metric]: {…}`), with nested names joined by `.`;
 * counting words (`Epoch 3/10`, `Epoch: [3][1/50]`); a leading `[10]` or `10:` as `iteration` (gradient boosting). Values are
 * those of `scanNumber`, optionally quoted, in `tensor(…)` and the like, or with a percent sign (`97.5%` is 97.5). Names consist
 * of letters and digits of any script and `_ . / - @`, begin with a letter, digit or `_`, hold at least one letter or `_`, and
 * have at most 200 characters; `--lr=0.1` is a command's option, `train.py:42` a place in a source file and `cuda:0` a device,
 * not metrics. A number with anything attached (`3.2s`, `12ms`, `3/4`, `0,31`) is not read, because its value would be a guess.
 *
 * @param wanted  Names the caller looks for. Only these may also be printed as `val_loss 0.31` and as words, `val loss: 0.31` for `val_loss`.
 *
 * Cost: O(length of the line), whatever it holds.
 */
export function metricsFromLine(line: string, wanted: ReadonlySet<string> = nothingWanted): Map<string, number> {
  const metrics = new Map<string, number>();
  const brace = line.indexOf("{");
  const json = brace >= 0 ? line.slice(brace).trimEnd() : "";
  const object = json.endsWith("}") ? parseJsonObject(json) : undefined;
  scanPairs(object === undefined ? line : line.slice(0, brace), wanted, metrics);
  if (object !== undefined) addMetricsOfObject(metrics, object);
  return metrics;
}
