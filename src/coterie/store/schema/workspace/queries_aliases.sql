-- Queries on aliases, merged profiles and suppressions.

-- name: put_alias
insert into aliases (kind, value, pid) values (?, ?, ?) on conflict (kind, value) do update set pid = excluded.pid;

-- name: put_merged
insert into merged_profiles (pid, id) values (?, ?);

-- name: delete_merged
delete from merged_profiles where id in (select value from json_each(?));

-- name: find_aliases
select a.value, a.pid from json_each(?2) as wanted cross join aliases as a on a.kind = ?1 and a.value = wanted.value;

-- name: aliases_of
select kind, value, pid from aliases where pid = ? order by kind, value;

-- name: move_aliases
update aliases set pid = ?2 where pid = ?1;

-- name: suppress
insert into suppressions (mark, at) values (?, ?) on conflict do nothing;

-- name: suppressed
select s.mark from json_each(?) as wanted cross join suppressions as s on s.mark = unhex(wanted.value);
