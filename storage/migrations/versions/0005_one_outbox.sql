ALTER TABLE outbox ADD COLUMN not_after BIGINT;
ALTER TABLE outbox ADD COLUMN rank INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE outbox ADD COLUMN line BIGINT;
CREATE INDEX ix_outbox_notice ON outbox (person, settled) WHERE rank = 1;
ALTER TABLE campaign ADD COLUMN owner TEXT DEFAULT '' NOT NULL;
ALTER TABLE campaign ADD COLUMN wording TEXT DEFAULT '' NOT NULL;
ALTER TABLE campaign ADD COLUMN series TEXT DEFAULT '' NOT NULL;
ALTER TABLE campaign ADD COLUMN not_before BIGINT;
ALTER TABLE notice ADD COLUMN unit TEXT DEFAULT '' NOT NULL;
-- What was on its way while the service stood still for this: nobody knows whether it arrived.
UPDATE notice SET state = 'in_doubt', reason = 'sender_died' WHERE state = 'sending';
DROP INDEX ix_notice_open;
ALTER TABLE notice DROP COLUMN holder;
ALTER TABLE notice DROP COLUMN claimed;
CREATE INDEX ix_notice_open ON notice (campaign, channel, id) WHERE state IN ('waiting', 'sending');
DROP TABLE sender;
DROP TABLE pace;

-- downgrade
CREATE TABLE pace (
    account TEXT NOT NULL, body {bytes} NOT NULL,
    CONSTRAINT pk_pace PRIMARY KEY (account)
);
CREATE TABLE sender (
    id TEXT NOT NULL, beat BIGINT NOT NULL,
    CONSTRAINT pk_sender PRIMARY KEY (id)
);
DROP INDEX ix_notice_open;
ALTER TABLE notice ADD COLUMN holder TEXT DEFAULT '' NOT NULL;
ALTER TABLE notice ADD COLUMN claimed BIGINT;
CREATE INDEX ix_notice_open ON notice (campaign, id) WHERE state IN ('waiting', 'sending');
ALTER TABLE notice DROP COLUMN unit;
ALTER TABLE campaign DROP COLUMN not_before;
ALTER TABLE campaign DROP COLUMN series;
ALTER TABLE campaign DROP COLUMN wording;
ALTER TABLE campaign DROP COLUMN owner;
DELETE FROM outbox WHERE rank = 1;
DROP INDEX ix_outbox_notice;
ALTER TABLE outbox DROP COLUMN line;
ALTER TABLE outbox DROP COLUMN rank;
ALTER TABLE outbox DROP COLUMN not_after;
