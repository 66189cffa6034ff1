-- Version 6: the ids of profiles that were merged into others, by their own pids, so that the feed can go on saying who left.

create table merged_profiles (
    pid integer primary key,
    id text not null unique
) strict;

pragma user_version = 6;
