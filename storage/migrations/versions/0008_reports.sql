CREATE TABLE hr_report (
    day BIGINT NOT NULL, topic TEXT NOT NULL, words TEXT NOT NULL,
    CONSTRAINT pk_hr_report PRIMARY KEY (day, topic, words)
);

-- downgrade
DROP TABLE hr_report;
