ALTER TABLE reply ADD COLUMN revision BIGINT DEFAULT '0' NOT NULL;
CREATE INDEX ix_session_at ON session (at) WHERE session IS NOT NULL;
CREATE INDEX ix_session_expired ON session (expired) WHERE expired IS NOT NULL;
CREATE TABLE seen (
    what TEXT NOT NULL, at BIGINT NOT NULL,
    CONSTRAINT pk_seen PRIMARY KEY (what)
);
-- People were talked with before: that much of time has passed for certain.
INSERT INTO seen (what, at) SELECT 'clock', last FROM (SELECT max(at) AS last FROM session) AS talked WHERE last IS NOT NULL;
ANALYZE;

-- downgrade
DROP TABLE seen;
DROP INDEX ix_session_expired;
DROP INDEX ix_session_at;
ALTER TABLE reply DROP COLUMN revision;
