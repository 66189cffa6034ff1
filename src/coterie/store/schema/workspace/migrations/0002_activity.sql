-- Version 2: what profiles do (events) and what they say (conversations, messages); since when a profile has each of its values; the names by which
-- a profile was known before (aliases); and marks of identifiers that must not come back (suppressions).

-- Since when each property has its value, as JSON {property: instant}: only those that changed after the profile was made. What is not named has its value
-- since created_at, and null names nothing. The default is for the rows that are there already and is read without rewriting them; the '*' says
-- that nobody noted it then: every value counts as having changed at updated_at.
alter table profiles add column changes blob default x'2a';

insert into counters (name, next) values ('eid', 0), ('cid', 0);

create table event_names (
    nid integer primary key,
    name text not null unique
) strict;

create table event_properties (
    nid integer not null references event_names (nid),
    name text not null,
    kinds text not null, -- with a space between
    first_seen_at integer not null,
    primary key (nid, name)
) strict, without rowid;

-- No foreign keys here: each would be one more search for every event that comes in, of which there are fifty million. Whoever deletes or
-- merges a profile deletes or moves its events (`Transaction.delete_profile` does), event names are never deleted, and `coterie check` looks.
create table events (
    eid integer primary key check (eid between 0 and 4294967295), -- in order of arrival, never reused; the index holds 32 bits
    pid integer not null,
    nid integer not null,
    at integer not null,
    message_id any, -- a UUID in its usual form is its 16 bytes, any other text is itself
    document blob not null
) strict;

create unique index events_message_id on events (message_id) where message_id is not null;
create index events_pid on events (pid, at);

-- Holds all that a start has to know of an event, in the order in which the index wants it, so the documents are not read.
create index events_nid on events (nid, at, pid);

create table conversations (
    cid integer primary key check (cid between 0 and 4294967295), -- as for events
    id text not null unique,
    external_id text,
    pid integer not null references profiles (pid) on delete cascade,
    product_id text,
    version_id text,
    model text,
    started_at integer,
    sent_at integer, -- the instant it counts at, where the sender said so
    last_message_at integer,
    properties blob not null,
    analysis blob not null,
    message_count integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create unique index conversations_external_id on conversations (external_id) where external_id is not null;
create index conversations_pid on conversations (pid);
create index conversations_product_id on conversations (product_id) where product_id is not null;

create table messages (
    cid integer not null references conversations (cid) on delete cascade deferrable initially deferred, -- either may be written first
    number integer not null, -- from 0, in order of arrival
    id text not null,
    external_id text,
    role text not null,
    content text,
    at integer not null,
    extra blob not null,
    primary key (cid, number)
) strict, without rowid;

create unique index messages_id on messages (id);
create unique index messages_external_id on messages (external_id, cid) where external_id is not null;

-- What a profile was called before a merge, and what a browser is called before its person signs in.
create table aliases (
    kind text not null check (kind in ('id', 'external_id', 'email', 'anonymous_id')),
    value text not null,
    pid integer not null references profiles (pid) on delete cascade,
    primary key (kind, value)
) strict, without rowid;

create index aliases_pid on aliases (pid);

-- Keyed hashes of the identifiers of erased profiles.
create table suppressions (
    mark blob primary key,
    at integer not null
) strict, without rowid;

pragma user_version = 2;
