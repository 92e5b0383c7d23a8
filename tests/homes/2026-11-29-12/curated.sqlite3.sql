PRAGMA user_version=1;
BEGIN TRANSACTION;
CREATE TABLE curated (
    id integer primary key, kb text not null, question text not null, answer text not null, made text not null,
    unique (kb, question)
) strict;
INSERT INTO "curated" VALUES(1,'handbook','Where is the canteen?','On the second floor.','2026-11-29T13:34:44+00:00');
CREATE TABLE question (
    id integer primary key, kb text not null, question text not null, record text not null, unique (kb, question)
) strict;
COMMIT;
