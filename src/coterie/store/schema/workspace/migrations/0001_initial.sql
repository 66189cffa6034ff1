-- Version 1: one workspace, as it is on disk. Instants are UTC milliseconds since the epoch.

pragma application_id = 1131377751; -- "CotW", so that `file` and we can tell what this is

create table meta (
    name text primary key,
    value text not null
) strict, without rowid;

-- The first number never given out, so that none is given twice, even after deletes and restarts.
create table counters (
    name text primary key,
    next integer not null
) strict, without rowid;

insert into counters (name, next) values ('pid', 0);

create table profiles (
    pid integer primary key check (pid between 0 and 4294967295), -- dense; a roaring bitmap holds 32 bits
    id text not null unique,
    external_id text,
    email text,
    email_keyed integer not null check (email_keyed in (0, 1)), -- made or claimed by its email
    document blob not null,
    created_at integer not null,
    updated_at integer not null,
    check (email_keyed = 0 or email is not null)
) strict;

create unique index profiles_external_id on profiles (external_id) where external_id is not null;

-- Each address is in exactly one of these two, so a write pays for one.
create unique index profiles_keyed_email on profiles (email) where email_keyed = 1;
create index profiles_other_email on profiles (email) where email_keyed = 0 and email is not null;

-- Every segment there ever was: the feed still speaks of deleted ones, and no sid is given twice.
create table segment_ids (
    sid integer primary key,
    id text not null unique
) strict;

create table segments (
    sid integer primary key references segment_ids (sid),
    id text not null unique,
    name text not null,
    kind text not null,
    rule text,
    description text,
    origin text,
    version integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create table list_members (
    sid integer not null references segments (sid) on delete cascade,
    pid integer not null references profiles (pid) on delete cascade,
    at integer not null,
    primary key (sid, pid)
) strict, without rowid;

create index list_members_pid on list_members (pid);

-- One row per (commit, segment, action, instant, cause). Its pids are one integer, or a roaring bitmap of several; sequences are dense:
-- the pid of rank r (from 0) has first_sequence + r, and the next row begins at first_sequence + size.
create table transitions (
    first_sequence integer primary key check (first_sequence >= 1),
    size integer not null check (size >= 1),
    sid integer not null references segment_ids (sid),
    version integer not null,
    action text not null check (action in ('enter', 'exit')),
    cause text not null,
    at integer not null,
    low integer not null, -- the smallest pid, and
    high integer not null, -- the largest: the bitmaps that cannot hold a pid are not opened
    pids blob,
    check ((pids is null) = (size = 1)),
    check (low <= high and (size > 1 or low = high))
) strict;

create index transitions_sid on transitions (sid);
create index transitions_one on transitions (low, sid) where pids is null;
create index transitions_many on transitions (sid, low, high) where pids is not null;

-- The members of a segment as of a sequence, so that a start need not fold its whole history.
create table membership_snapshots (
    sid integer primary key references segments (sid) on delete cascade,
    sequence integer not null,
    members blob not null
) strict;

create table properties (
    id text primary key,
    name text not null unique,
    type text,
    fallback text,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;

-- What a request with this Idempotency-Key was told.
create table answers (
    key text primary key,
    fingerprint text not null,
    answer blob not null,
    at integer not null
) strict;

create index answers_at on answers (at);

pragma user_version = 1;
