PRAGMA user_version=1;
BEGIN TRANSACTION;
CREATE TABLE belonging (
    kind text not null, id text not null, owner text not null, primary key (kind, id)
) strict, without rowid;
CREATE TABLE key (
    id text primary key, hash text not null, name text not null, user text,
    scope text not null, kbs text, origins text, webhook text not null, created text not null,
    expires text, used text, revoked text
) strict;
INSERT INTO "key" VALUES('a03745d0','65a1cdbfb349f45f3e7eebafb1925f7ab80a04d6b993a1f87480c66c43a5ab36','laptop','anna','write',NULL,NULL,'','2026-11-29T13:34:29+00:00',NULL,NULL,NULL);
CREATE TABLE member (
    user text not null references user(name) on delete cascade, team text not null, primary key (user, team)
) strict, without rowid;
CREATE TABLE role (whose text not null, kb text not null, role text not null, primary key (whose, kb)) strict, without rowid;
INSERT INTO "role" VALUES('anna','*','owner');
INSERT INTO "role" VALUES('anna','handbook','editor');
CREATE TABLE user (name text primary key, created text not null) strict;
INSERT INTO "user" VALUES('anna','2026-11-29T13:34:25+00:00');
COMMIT;
