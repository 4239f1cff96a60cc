/**
 * The second schema. Never edit it once released.
 *
 * - `suggested`: values that the training code drew by itself, `suggested_names` as with all lists of values.
 * - `events`: a row of the codes from 100 stands for two events (see `stored-events.ts`), so that `seq` has gaps in the table.
 * - `studies`: a purged one has `seq` 0 and nothing else; its key is never used again.
 * - `infinite_results` finds the results whose first value is infinite, which `rankings` does not hold; there are hardly any. The two
 *   texts are how `packing.ts` writes +∞ and −∞.
 */
export const schema2 = `
ALTER TABLE trials ADD COLUMN suggested_names INTEGER;
ALTER TABLE trials ADD COLUMN suggested BLOB;
CREATE INDEX infinite_results ON results (study, substr(objective_values, 1, 9), finished_seq)
  WHERE substr(objective_values, 1, 9) IN (X'03000000000000F07F', X'03000000000000F0FF');
`;
