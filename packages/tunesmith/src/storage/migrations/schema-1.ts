/**
 * The first schema. Never edit it once released: its checksum is stored in every database; changes are a new migration.
 *
 * - Tables are the truth; `events` only says in which order things became so. `seq` is dense per study.
 * - `study` is the short key that all tables share; `studies.id` is the public one.
 * - `…_names` point to `name_sets`; the BLOB beside it holds the values in that order (see `packing.ts`).
 * - A trial is made in `trials` and finished by one row in `results`: rows of `trials` hardly grow, so that their pages stay full.
 * - `rankings` holds the finite values of complete trials, in order.
 * - Instants are milliseconds since 1970 and for display, and for how long trials took.
 */
export const schema1 = `
CREATE TABLE studies (
  study INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'done')),
  cause TEXT,
  message TEXT,
  revision INTEGER NOT NULL,
  active_ms REAL NOT NULL,
  created_at REAL NOT NULL,
  deleted_at REAL,
  seq INTEGER NOT NULL,
  trial_count INTEGER NOT NULL,
  queued_count INTEGER NOT NULL,
  running_count INTEGER NOT NULL,
  paused_count INTEGER NOT NULL,
  complete_count INTEGER NOT NULL,
  stopped_count INTEGER NOT NULL,
  failed_count INTEGER NOT NULL,
  cancelled_count INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX studies_by_name ON studies (name) WHERE deleted_at IS NULL;

CREATE TABLE revisions (
  study INTEGER NOT NULL REFERENCES studies,
  revision INTEGER NOT NULL,
  problem TEXT NOT NULL,
  settings TEXT NOT NULL,
  definition TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (study, revision)
) STRICT;

CREATE TABLE name_sets (
  name_set INTEGER PRIMARY KEY,
  names TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE trials (
  study INTEGER NOT NULL REFERENCES studies,
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'complete', 'stopped', 'failed', 'cancelled')),
  open INTEGER NOT NULL,
  source TEXT NOT NULL,
  revision INTEGER NOT NULL,
  history_seq INTEGER NOT NULL,
  bracket INTEGER NOT NULL,
  config_names INTEGER NOT NULL,
  config BLOB NOT NULL,
  fixed_names INTEGER,
  fixed BLOB,
  why TEXT,
  note TEXT,
  tags TEXT,
  fidelity REAL,
  created_seq INTEGER NOT NULL,
  created_at REAL NOT NULL,
  started_at REAL,
  PRIMARY KEY (study, number)
) STRICT;
CREATE INDEX trials_by_state ON trials (study, state, number) WHERE state <> 'complete';

CREATE TABLE results (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  finished_seq INTEGER NOT NULL,
  finished_at REAL NOT NULL,
  objective_values BLOB,
  standard_errors BLOB,
  metric_names INTEGER,
  metrics BLOB,
  reason TEXT,
  message TEXT,
  stop_why TEXT,
  PRIMARY KEY (study, trial),
  FOREIGN KEY (study, trial) REFERENCES trials (study, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX results_by_finish ON results (study, finished_seq);

CREATE TABLE rankings (
  study INTEGER NOT NULL,
  objective INTEGER NOT NULL,
  value REAL NOT NULL,
  trial INTEGER NOT NULL,
  PRIMARY KEY (study, objective, value, trial)
) STRICT, WITHOUT ROWID;

CREATE TABLE replicates (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  replicate INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'complete', 'stopped', 'failed', 'cancelled')),
  attempt INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  confirm INTEGER NOT NULL,
  target REAL,
  metric_names INTEGER,
  metrics BLOB,
  infra_retry_count INTEGER NOT NULL,
  error_retry_count INTEGER NOT NULL,
  reason TEXT,
  message TEXT,
  ended_as TEXT,
  PRIMARY KEY (study, trial, replicate),
  FOREIGN KEY (study, trial) REFERENCES trials (study, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_replicates ON replicates (study, attempt = 0, trial, replicate) WHERE state IN ('queued', 'running');

CREATE TABLE reports (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  replicate INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  step INTEGER NOT NULL,
  fidelity REAL NOT NULL,
  metric_names INTEGER NOT NULL,
  metrics BLOB NOT NULL,
  PRIMARY KEY (study, trial, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reports_by_step ON reports (study, trial, replicate, attempt, step);

CREATE TABLE decisions (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  replicate INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  step INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (study, trial, replicate, attempt, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  study INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  replicate INTEGER NOT NULL,
  step INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  location TEXT NOT NULL,
  PRIMARY KEY (study, trial, replicate, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  study INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  trial INTEGER,
  replicate INTEGER,
  attempt INTEGER,
  ref INTEGER,
  PRIMARY KEY (study, seq)
) STRICT, WITHOUT ROWID;
`;
