CREATE TABLE campaign (
    id TEXT NOT NULL, title TEXT NOT NULL, audience TEXT NOT NULL, source TEXT DEFAULT '' NOT NULL,
    digest TEXT DEFAULT '' NOT NULL, state TEXT DEFAULT 'draft' NOT NULL, why TEXT DEFAULT '' NOT NULL,
    left_out {bytes} NOT NULL, not_after BIGINT NOT NULL, at BIGINT NOT NULL, started BIGINT, ended BIGINT,
    CONSTRAINT pk_campaign PRIMARY KEY (id),
    CONSTRAINT ck_campaign_ck_campaign_state CHECK (state IN ('draft', 'sending', 'paused', 'done', 'cancelled', 'expired'))
);
CREATE TABLE notice (
    id {serial}, campaign TEXT NOT NULL, subject TEXT NOT NULL, facts {bytes} NOT NULL,
    email TEXT DEFAULT '' NOT NULL, state TEXT DEFAULT 'waiting' NOT NULL, reason TEXT DEFAULT '' NOT NULL,
    channel TEXT DEFAULT '' NOT NULL, address TEXT DEFAULT '' NOT NULL, tried TEXT DEFAULT '' NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL, holder TEXT DEFAULT '' NOT NULL, not_before BIGINT,
    platform_id TEXT DEFAULT '' NOT NULL, claimed BIGINT, settled BIGINT, opened BIGINT,
    CONSTRAINT pk_notice PRIMARY KEY (id),
    CONSTRAINT ck_notice_ck_notice_state CHECK (state IN ('waiting', 'sending', 'told', 'not_told', 'in_doubt')),
    CONSTRAINT fk_notice_campaign_campaign FOREIGN KEY(campaign) REFERENCES campaign (id) ON DELETE CASCADE,
    CONSTRAINT uq_notice_campaign_subject UNIQUE (campaign, subject)
);
CREATE INDEX ix_notice_channel_address ON notice (channel, address);
CREATE INDEX ix_notice_open ON notice (campaign, id) WHERE state IN ('waiting', 'sending');
CREATE TABLE binding (
    subject TEXT NOT NULL, channel TEXT NOT NULL, person TEXT NOT NULL, at BIGINT NOT NULL,
    CONSTRAINT pk_binding PRIMARY KEY (subject, channel)
);
CREATE INDEX ix_binding_person ON binding (person);
CREATE TABLE invitation (
    code TEXT NOT NULL, subject TEXT NOT NULL, at BIGINT NOT NULL, used BIGINT, person TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_invitation PRIMARY KEY (code)
);
CREATE TABLE silence (
    who TEXT NOT NULL, at BIGINT NOT NULL,
    CONSTRAINT pk_silence PRIMARY KEY (who)
);
CREATE TABLE sender (
    id TEXT NOT NULL, beat BIGINT NOT NULL,
    CONSTRAINT pk_sender PRIMARY KEY (id)
);
CREATE TABLE pace (
    account TEXT NOT NULL, body {bytes} NOT NULL,
    CONSTRAINT pk_pace PRIMARY KEY (account)
);

-- downgrade
DROP TABLE pace;
DROP TABLE sender;
DROP TABLE silence;
DROP TABLE invitation;
DROP TABLE binding;
DROP TABLE notice;
DROP TABLE campaign;
