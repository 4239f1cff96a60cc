/**
 * The third schema. Never edit it once released.
 *
 * - `parent`, `parent_step`: the checkpoint that a child began from; its `fidelity` is then never null. `trials_by_parent` finds the
 *   children that may still need one.
 * - `child_count`: trials of a study that have a parent.
 */
export const schema3 = `
ALTER TABLE trials ADD COLUMN parent INTEGER;
ALTER TABLE trials ADD COLUMN parent_step INTEGER;
ALTER TABLE studies ADD COLUMN child_count INTEGER NOT NULL DEFAULT 0;
CREATE INDEX trials_by_parent ON trials (study, parent, parent_step) WHERE parent IS NOT NULL;
`;
