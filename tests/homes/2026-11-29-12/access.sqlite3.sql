PRAGMA user_version=2;
BEGIN TRANSACTION;
CREATE TABLE belonging (
    kind text not null, id text not null, owner text not null, primary key (kind, id)
) strict, without rowid;
CREATE TABLE key (
    id text primary key, hash text not null, name text not null, "user" text,
    scope text not null, kbs text, origins text, webhook text not null, created text not null,
    expires text, used text, revoked text
) strict;
INSERT INTO "key" VALUES('e341a95d','af0f4787157e75cffcd6ca684017fd7ab6d9a7a920657817fc0488e86b565aef','laptop','anna','write',NULL,NULL,'','2026-11-29T13:34:49+00:00',NULL,NULL,NULL);
CREATE TABLE member (
    "user" text not null references "user"(name) on delete cascade, team text not null, primary key ("user", team)
) strict, without rowid;
CREATE TABLE role (whose text not null, kb text not null, role text not null, primary key (whose, kb)) strict, without rowid;
INSERT INTO "role" VALUES('anna','*','owner');
INSERT INTO "role" VALUES('anna','281f710206f167f5','editor');
CREATE TABLE session (
    hash text primary key, "user" text not null references "user"(name) on delete cascade, expires text not null
) strict, without rowid;
CREATE TABLE "user" (name text primary key, created text not null, password text) strict;
INSERT INTO "user" VALUES('anna','2026-11-29T13:34:45+00:00',NULL);
COMMIT;
