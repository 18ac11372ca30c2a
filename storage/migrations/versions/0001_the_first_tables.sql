CREATE TABLE answer (
    person TEXT NOT NULL, revision BIGINT NOT NULL, answer {bytes} NOT NULL, at BIGINT NOT NULL,
    CONSTRAINT pk_answer PRIMARY KEY (person, revision)
);
CREATE INDEX ix_answer_at ON answer (at);
CREATE TABLE inbox (
    id {serial}, channel TEXT NOT NULL, account TEXT NOT NULL, update_id TEXT NOT NULL, person TEXT NOT NULL,
    body {bytes} NOT NULL, state TEXT DEFAULT 'waiting' NOT NULL, tries INTEGER DEFAULT '0' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL, received BIGINT NOT NULL, settled BIGINT,
    CONSTRAINT pk_inbox PRIMARY KEY (id),
    CONSTRAINT ck_inbox_ck_inbox_state CHECK (state IN ('waiting', 'done', 'poison')),
    CONSTRAINT uq_inbox_channel_account_update_id UNIQUE (channel, account, update_id)
);
CREATE INDEX ix_inbox_person ON inbox (person);
CREATE INDEX ix_inbox_received ON inbox (received);
CREATE INDEX ix_inbox_waiting ON inbox (person, id) WHERE state = 'waiting';
CREATE TABLE outbox (
    id {serial}, channel TEXT NOT NULL, person TEXT NOT NULL, revision BIGINT NOT NULL, ordinal INTEGER NOT NULL,
    body {bytes} NOT NULL, state TEXT DEFAULT 'waiting' NOT NULL, tries INTEGER DEFAULT '0' NOT NULL,
    sender TEXT DEFAULT '' NOT NULL, claimed BIGINT, platform_id TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL, not_before BIGINT, at BIGINT NOT NULL, settled BIGINT,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT ck_outbox_ck_outbox_state CHECK (state IN ('waiting', 'sending', 'sent', 'refused', 'doubt')),
    CONSTRAINT uq_outbox_person_revision_ordinal UNIQUE (person, revision, ordinal)
);
CREATE INDEX ix_outbox_at ON outbox (at);
CREATE INDEX ix_outbox_open ON outbox (channel, person, id) WHERE state IN ('waiting', 'sending');
CREATE TABLE reply (
    person TEXT NOT NULL, message_id TEXT NOT NULL, digest TEXT NOT NULL, reply {bytes} NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_reply PRIMARY KEY (person, message_id)
);
CREATE INDEX ix_reply_at ON reply (at);
CREATE TABLE session (
    person TEXT NOT NULL, revision BIGINT NOT NULL, session {bytes}, at BIGINT NOT NULL, expired BIGINT,
    CONSTRAINT pk_session PRIMARY KEY (person)
);

-- downgrade
DROP TABLE answer;
DROP TABLE inbox;
DROP TABLE outbox;
DROP TABLE reply;
DROP TABLE session;
