-- Version 1 of the control file: which workspaces there are, and who may use them. Instants are UTC milliseconds since the epoch.

pragma application_id = 1131377731; -- "CotC"

create table workspaces (
    name text primary key,
    id text not null unique,
    zone text not null,
    created_at integer not null
) strict, without rowid;

-- A key names its workspace and does not refer to it: it may be made before the workspace is first opened.
create table keys (
    id text primary key,
    name text not null,
    workspace text not null,
    scope text not null check (scope in ('read', 'write', 'admin')),
    prefix text not null,
    secret_hash blob not null unique check (length(secret_hash) = 32),
    created_at integer not null,
    last_used_at integer,
    revoked_at integer
) strict, without rowid;

pragma user_version = 1;
