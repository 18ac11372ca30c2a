CREATE TABLE hr_form (
    owner BIGINT NOT NULL, shape TEXT NOT NULL, mapping {bytes} NOT NULL, seen BIGINT NOT NULL,
    CONSTRAINT pk_hr_form PRIMARY KEY (owner, shape)
);
CREATE TABLE hr_share (
    digest TEXT NOT NULL, roster TEXT NOT NULL, unit TEXT NOT NULL, made_by TEXT NOT NULL, expires BIGINT NOT NULL,
    CONSTRAINT pk_hr_share PRIMARY KEY (digest)
);
CREATE INDEX ix_hr_share_roster ON hr_share (roster);
ALTER TABLE hr_person ADD COLUMN mark TEXT;

-- downgrade
ALTER TABLE hr_person DROP COLUMN mark;
DROP TABLE hr_share;
DROP TABLE hr_form;
