-- Version 3: destinations. The log of transitions is the outbox; what stands here is how far each destination has come in it, and its failures.

create table destinations (
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

create table destination_secrets (
    did integer not null references destinations (did) on delete cascade,
    secret text not null,
    created_at integer not null,
    expires_at integer, -- null for the newest
    primary key (did, secret)
) strict, without rowid;

-- Deliveries that failed and are tried again.
create table deliveries (
    did integer not null references destinations (did) on delete cascade,
    sequence integer not null,
    attempt_count integer not null,
    first_failed_at integer not null,
    next_at integer not null,
    primary key (did, sequence)
) strict, without rowid;

-- The last attempts, to be looked at. What was given up is kept for longer.
create table attempts (
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

create index attempts_did on attempts (did, given_up, number);

pragma user_version = 3;
