"""The tables of users, roles, keys and sign-ins."""

from __future__ import annotations

from ingest.stores import ACCESS, StoreFile

USERS = StoreFile(
    ACCESS,
    (
        """
create table "user" (name text primary key, created text not null) strict;
create table member (
    "user" text not null references "user"(name) on delete cascade, team text not null, primary key ("user", team)
) strict, without rowid;
-- whose: a user's name, or a group's with its @
create table role (whose text not null, kb text not null, role text not null, primary key (whose, kb)) strict, without rowid;
create table key (
    id text primary key, hash text not null, name text not null, "user" text,
    scope text not null, kbs text, origins text, webhook text not null, created text not null,
    expires text, used text, revoked text
) strict;
create table belonging (
    kind text not null, id text not null, owner text not null, primary key (kind, id)
) strict, without rowid;
""",
        # From here on `role.kb` and `key.kbs` hold bases' identities; names, as before, are none, and give nothing.
        """
alter table "user" add column password text;
create table session (
    hash text primary key, "user" text not null references "user"(name) on delete cascade, expires text not null
) strict, without rowid;
""",
        # A name somebody tried a password for, as a hash: people type passwords there.
        """
create table attempt (id integer primary key, who text not null, at text not null) strict;
create index attempt_by_who on attempt(who);
""",
    ),
)
