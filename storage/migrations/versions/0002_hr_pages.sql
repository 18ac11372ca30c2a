CREATE TABLE hr_account (
    id {serial}, name TEXT NOT NULL, role TEXT NOT NULL, created BIGINT NOT NULL, revoked BIGINT,
    CONSTRAINT pk_hr_account PRIMARY KEY (id),
    CONSTRAINT ck_hr_account_role CHECK (role IN ('staff', 'manager')),
    CONSTRAINT uq_hr_account_name UNIQUE (name)
);
CREATE TABLE hr_code (
    digest TEXT NOT NULL, account BIGINT NOT NULL, expires BIGINT NOT NULL,
    CONSTRAINT pk_hr_code PRIMARY KEY (digest)
);
CREATE TABLE hr_session (
    digest TEXT NOT NULL, account BIGINT NOT NULL, csrf TEXT NOT NULL, seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    CONSTRAINT pk_hr_session PRIMARY KEY (digest)
);
CREATE TABLE hr_roster (
    id TEXT NOT NULL, owner BIGINT NOT NULL, name TEXT NOT NULL, created BIGINT NOT NULL,
    CONSTRAINT pk_hr_roster PRIMARY KEY (id)
);
CREATE INDEX ix_hr_roster_created ON hr_roster (created);
CREATE TABLE hr_log (
    id {serial}, at BIGINT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    CONSTRAINT pk_hr_log PRIMARY KEY (id)
);
CREATE INDEX ix_hr_log_at ON hr_log (at);

-- downgrade
DROP TABLE hr_log;
DROP TABLE hr_roster;
DROP TABLE hr_session;
DROP TABLE hr_code;
DROP TABLE hr_account;
