-- Version 4: organizations, as dialects that know of them send them. Profiles belong to them by properties of their own.

create table organizations (
    oid integer primary key,
    id text not null unique,
    external_id text not null unique,
    name text,
    properties blob not null, -- JSON
    created_at integer not null,
    updated_at integer not null
) strict;

pragma user_version = 4;
