ALTER TABLE hr_roster ADD COLUMN state TEXT DEFAULT '{}' NOT NULL;
ALTER TABLE hr_roster ADD COLUMN run INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE hr_roster ADD COLUMN removed BIGINT;
CREATE TABLE hr_roster_file (
    roster TEXT NOT NULL, kind TEXT NOT NULL, part INTEGER NOT NULL, content {bytes} NOT NULL,
    CONSTRAINT pk_hr_roster_file PRIMARY KEY (roster, kind, part)
);
CREATE TABLE hr_person (
    id TEXT NOT NULL, owner BIGINT NOT NULL, seen BIGINT NOT NULL,
    CONSTRAINT pk_hr_person PRIMARY KEY (id)
);
CREATE INDEX ix_hr_person_seen ON hr_person (seen);
CREATE TABLE hr_person_key (
    owner BIGINT NOT NULL, digest TEXT NOT NULL, person TEXT NOT NULL,
    CONSTRAINT pk_hr_person_key PRIMARY KEY (owner, digest)
);
CREATE INDEX ix_hr_person_key_person ON hr_person_key (person);
CREATE TABLE hr_roster_person (
    roster TEXT NOT NULL, run INTEGER NOT NULL, at INTEGER NOT NULL, person TEXT NOT NULL, ident TEXT NOT NULL,
    name TEXT NOT NULL, unit TEXT NOT NULL, level TEXT NOT NULL, status TEXT NOT NULL, short_total FLOAT NOT NULL,
    low INTEGER NOT NULL, line {bytes} NOT NULL,
    CONSTRAINT pk_hr_roster_person PRIMARY KEY (roster, run, at)
);
CREATE INDEX ix_hr_roster_person_roster_run_status ON hr_roster_person (roster, run, status);
CREATE INDEX ix_hr_roster_person_roster_run_unit ON hr_roster_person (roster, run, unit);
CREATE INDEX ix_hr_roster_person_person ON hr_roster_person (person);

-- downgrade
DROP TABLE hr_roster_person;
DROP TABLE hr_person_key;
DROP TABLE hr_person;
DROP TABLE hr_roster_file;
ALTER TABLE hr_roster DROP COLUMN removed;
ALTER TABLE hr_roster DROP COLUMN run;
ALTER TABLE hr_roster DROP COLUMN state;
