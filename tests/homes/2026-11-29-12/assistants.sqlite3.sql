PRAGMA user_version=1;
BEGIN TRANSACTION;
CREATE TABLE assistant (id integer primary key, name text not null unique) strict;
INSERT INTO "assistant" VALUES(1,'Desk');
CREATE TABLE version (
    assistant integer not null references assistant(id) on delete cascade, n integer not null, made text not null,
    record text not null, primary key (assistant, n)
) strict, without rowid;
INSERT INTO "version" VALUES(1,1,'2026-11-29T13:34:44+00:00','{"name": "Desk", "greeting": "Hello", "kbs": ["handbook"]}');
COMMIT;
