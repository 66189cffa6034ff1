PRAGMA page_size=8192;

BEGIN TRANSACTION;

DROP TABLE IF EXISTS aliases;
CREATE TABLE aliases (
    kind text not null check (kind in ('id', 'external_id', 'email', 'anonymous_id')),
    value text not null,
    pid integer not null references profiles (pid) on delete cascade,
    primary key (kind, value)
) strict, without rowid;
INSERT INTO aliases VALUES('anonymous_id','browser',3);
CREATE INDEX aliases_pid on aliases (pid);

DROP TABLE IF EXISTS answers;
CREATE TABLE answers (
    key text primary key,
    fingerprint text not null,
    answer blob not null,
    at integer not null
) strict;
INSERT INTO answers VALUES('key','print',X'7B226964223A317D',1772357400000);
CREATE INDEX answers_at on answers (at);

DROP TABLE IF EXISTS attempts;
CREATE TABLE attempts (
    number integer primary key,
    did integer not null references destinations (did) on delete cascade,
    sequence integer not null,
    at integer not null,
    status integer,
    error text,
    took real not null,
    next_at integer,
    given_up integer not null check (given_up in (0, 1))
) strict;
INSERT INTO attempts VALUES(1,1,5,1772357400000,500,'It answered 500.',0.25,1772357460000,0);
CREATE INDEX attempts_did on attempts (did, given_up, number);

DROP TABLE IF EXISTS conversations;
CREATE TABLE conversations (
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
INSERT INTO conversations VALUES(0,'019c0000-0000-7000-a000-000000000000','c-0',3,'p',NULL,'gpt',NULL,NULL,NULL,X'7B7D',X'7B2273656E74696D656E74223A302E357D',1,1772357400000,1772357400000);
CREATE UNIQUE INDEX conversations_external_id on conversations (external_id) where external_id is not null;
CREATE INDEX conversations_pid on conversations (pid);
CREATE INDEX conversations_product_id on conversations (product_id) where product_id is not null;

DROP TABLE IF EXISTS counters;
CREATE TABLE counters (
    name text primary key,
    next integer not null
) strict, without rowid;
INSERT INTO counters VALUES('cid',2);
INSERT INTO counters VALUES('eid',4);
INSERT INTO counters VALUES('pid',4);

DROP TABLE IF EXISTS deliveries;
CREATE TABLE deliveries (
    did integer not null references destinations (did) on delete cascade,
    sequence integer not null,
    attempt_count integer not null,
    first_failed_at integer not null,
    next_at integer not null,
    primary key (did, sequence)
) strict, without rowid;
INSERT INTO deliveries VALUES(1,5,2,1772357400000,1772357460000);

DROP TABLE IF EXISTS destination_secrets;
CREATE TABLE destination_secrets (
    did integer not null references destinations (did) on delete cascade,
    secret text not null,
    created_at integer not null,
    expires_at integer, -- null for the newest
    primary key (did, secret)
) strict, without rowid;
INSERT INTO destination_secrets VALUES(1,'whsec_c2VjcmV0',1772357400000,NULL);

DROP TABLE IF EXISTS destinations;
CREATE TABLE destinations (
    did integer primary key,
    id text not null unique,
    url text not null,
    description text,
    segments text, -- JSON lists; null lets all through
    actions text,
    causes text,
    state text not null check (state in ('active', 'failing', 'disabled')),
    state_reason text,
    cursor integer not null, -- every transition up to it was delivered, given up, let go by the filters, or is in `deliveries`
    failures integer not null, -- in a row
    failing_since integer,
    hold_until integer,
    created_at integer not null,
    updated_at integer not null
) strict;
INSERT INTO destinations VALUES(1,'d','https://example.com/hook',NULL,NULL,'["enter"]',NULL,'failing','It answered 500.',6,2,1772357400000,NULL,1772357400000,1772357400000);

DROP TABLE IF EXISTS event_names;
CREATE TABLE event_names (
    nid integer primary key,
    name text not null unique
) strict;
INSERT INTO event_names VALUES(1,'order');
INSERT INTO event_names VALUES(2,'visit');

DROP TABLE IF EXISTS event_properties;
CREATE TABLE event_properties (
    nid integer not null references event_names (nid),
    name text not null,
    kinds text not null, -- with a space between
    first_seen_at integer not null,
    primary key (nid, name)
) strict, without rowid;
INSERT INTO event_properties VALUES(1,'total','text number',1772357400000);

DROP TABLE IF EXISTS events;
CREATE TABLE events (
    eid integer primary key check (eid between 0 and 4294967295), -- in order of arrival, never reused; the index holds 32 bits
    pid integer not null,
    nid integer not null,
    at integer not null,
    message_id any, -- a UUID in its usual form is its 16 bytes, any other text is itself
    document blob not null
) strict;
INSERT INTO events VALUES(0,0,1,1772357399999,X'0193F2C800004000800000000000000F',X'7B22746F74616C223A392E357D');
INSERT INTO events VALUES(1,3,2,1772357400000,'not a UUID',X'7B7D');
INSERT INTO events VALUES(3,0,1,1772357400000,NULL,X'7B227768656E223A7B2274696D65223A377D7D');
CREATE UNIQUE INDEX events_message_id on events (message_id) where message_id is not null;
CREATE INDEX events_nid on events (nid, at, pid);
CREATE INDEX events_pid on events (pid, at);

DROP TABLE IF EXISTS list_members;
CREATE TABLE list_members (
    sid integer not null references segments (sid) on delete cascade,
    pid integer not null references profiles (pid) on delete cascade,
    at integer not null,
    primary key (sid, pid)
) strict, without rowid;
INSERT INTO list_members VALUES(2,0,1772357400000);
INSERT INTO list_members VALUES(2,3,1772357400000);
CREATE INDEX list_members_pid on list_members (pid);

DROP TABLE IF EXISTS membership_snapshots;
CREATE TABLE membership_snapshots (
    sid integer primary key references segments (sid) on delete cascade,
    sequence integer not null,
    members blob not null
) strict;
INSERT INTO membership_snapshots VALUES(1,6,X'3A300000010000000000020010000000000001000300');

DROP TABLE IF EXISTS merged_profiles;
CREATE TABLE merged_profiles (
    pid integer primary key,
    id text not null unique
) strict;
INSERT INTO merged_profiles VALUES(2,'id-of-2-kept');

DROP TABLE IF EXISTS messages;
CREATE TABLE messages (
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
INSERT INTO messages VALUES(0,0,'019c0000-0000-7000-b000-000000000000','m-0','user','Hello',1772357400000,X'7B22746F6B656E73223A5B312C7B2261223A6E756C6C7D5D7D');
CREATE UNIQUE INDEX messages_external_id on messages (external_id, cid) where external_id is not null;
CREATE UNIQUE INDEX messages_id on messages (id);

DROP TABLE IF EXISTS meta;
CREATE TABLE meta (
    name text primary key,
    value text not null
) strict, without rowid;
INSERT INTO meta VALUES('created_at','1772357400000');
INSERT INTO meta VALUES('workspace_id','019ca8bb-b5c0-7fdb-8db7-dd0e25a5d274');
INSERT INTO meta VALUES('zone','Europe/Berlin');

DROP TABLE IF EXISTS organizations;
CREATE TABLE organizations (
    oid integer primary key,
    id text not null unique,
    external_id text not null unique,
    name text,
    properties blob not null, -- JSON
    created_at integer not null,
    updated_at integer not null
) strict;
INSERT INTO organizations VALUES(1,'o','acme','Acme',X'7B22706C616E223A2270726F227D',1772357400000,1772357400000);

DROP TABLE IF EXISTS profiles;
CREATE TABLE profiles (
    pid integer primary key check (pid between 0 and 4294967295), -- dense; a roaring bitmap holds 32 bits
    id text not null unique,
    external_id text,
    email text,
    email_keyed integer not null check (email_keyed in (0, 1)), -- made or claimed by its email
    document blob not null,
    created_at integer not null,
    updated_at integer not null, changes blob default x'2a',
    check (email_keyed = 0 or email is not null)
) strict;
INSERT INTO profiles VALUES(0,'019c0000-0000-7000-8000-000000000000','u-0','anna@example.com',0,X'7B22706C616E223A2270726F222C226D7272223A34322E302C226F6B223A747275652C226174223A7B2274696D65223A357D2C2274616773223A5B2261222C2262225D7D',1772357400000,1772357400005,X'7B22706C616E223A313737323335373430303030357D');
INSERT INTO profiles VALUES(1,'019c0000-0000-7000-8000-000000000001',NULL,'ben@example.com',1,X'7B7D',1772357400000,1772357400000,NULL);
INSERT INTO profiles VALUES(3,'019c0000-0000-7000-8000-000000000003','u-3','ben@example.com',0,X'7B22776F7264223A2246C3BCC39F6520F09FA6B6227D',1772357400000,1772357400000,NULL);
CREATE UNIQUE INDEX profiles_external_id on profiles (external_id) where external_id is not null;
CREATE UNIQUE INDEX profiles_keyed_email on profiles (email) where email_keyed = 1;
CREATE INDEX profiles_other_email on profiles (email) where email_keyed = 0 and email is not null;

DROP TABLE IF EXISTS properties;
CREATE TABLE properties (
    id text primary key,
    name text not null unique,
    type text,
    fallback text,
    created_at integer not null,
    updated_at integer not null
) strict, without rowid;
INSERT INTO properties VALUES('property-plan','plan','text',NULL,1772357400000,1772357400000);

DROP TABLE IF EXISTS segment_ids;
CREATE TABLE segment_ids (
    sid integer primary key,
    id text not null unique
) strict;
INSERT INTO segment_ids VALUES(1,'019c0000-0000-7000-9000-000000000001');
INSERT INTO segment_ids VALUES(2,'019c0000-0000-7000-9000-000000000002');
INSERT INTO segment_ids VALUES(3,'019c0000-0000-7000-9000-000000000003');

DROP TABLE IF EXISTS segments;
CREATE TABLE segments (
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
INSERT INTO segments VALUES(1,'019c0000-0000-7000-9000-000000000001','Everyone','dynamic','{"property":"plan","operator":"is_set"}',NULL,NULL,1,1772357400000,1772357400000);
INSERT INTO segments VALUES(2,'019c0000-0000-7000-9000-000000000002','Everyone','static',NULL,NULL,NULL,1,1772357400000,1772357400000);

DROP TABLE IF EXISTS suppressions;
CREATE TABLE suppressions (
    mark blob primary key,
    at integer not null
) strict, without rowid;
INSERT INTO suppressions VALUES(X'6D61726B',1772357400000);

DROP TABLE IF EXISTS transitions;
CREATE TABLE transitions (
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
INSERT INTO transitions VALUES(1,3,1,1,'enter','definition',1772357400000,0,3,X'3A300000010000000000020010000000000001000300');
INSERT INTO transitions VALUES(4,2,2,1,'enter','facts',1772357400000,0,3,X'3A30000001000000000001001000000000000300');
INSERT INTO transitions VALUES(6,1,3,1,'enter','facts',1772357400000,2,2,NULL);
INSERT INTO transitions VALUES(7,1,1,1,'exit','time',1772357400000,1,1,NULL);
CREATE INDEX transitions_at on transitions (sid, at);
CREATE INDEX transitions_many on transitions (sid, low, high) where pids is not null;
CREATE INDEX transitions_one on transitions (low, sid) where pids is null;
CREATE INDEX transitions_sid on transitions (sid);

pragma user_version=6;
pragma application_id=1131377751;

COMMIT TRANSACTION;
