-- The queries on a workspace file, by name; the other queries_*.sql hold those of some subjects.
-- Values are always bound. A list is bound as one JSON array and read with json_each; the cross
-- join keeps it the outer loop, so that each item is one search of an index.

-- === profiles

-- name: profiles_by_pid
select p.pid, p.id, p.external_id, p.email, p.email_keyed, p.document, p.created_at, p.updated_at, p.changes
from json_each(?) as wanted cross join profiles as p on p.pid = wanted.value;

-- name: profiles_by_id
select p.pid, p.id, p.external_id, p.email, p.email_keyed, p.document, p.created_at, p.updated_at, p.changes
from json_each(?) as wanted cross join profiles as p on p.id = wanted.value;

-- name: profiles_by_external_id
select p.pid, p.id, p.external_id, p.email, p.email_keyed, p.document, p.created_at, p.updated_at, p.changes
from json_each(?) as wanted cross join profiles as p on p.external_id = wanted.value;

-- name: profiles_by_keyed_email
select p.pid, p.id, p.external_id, p.email, p.email_keyed, p.document, p.created_at, p.updated_at, p.changes
from json_each(?) as wanted cross join profiles as p on p.email = wanted.value and p.email_keyed = 1;

-- name: profiles_by_other_email
select p.pid, p.id, p.external_id, p.email, p.email_keyed, p.document, p.created_at, p.updated_at, p.changes
from json_each(?) as wanted cross join profiles as p on p.email = wanted.value and p.email_keyed = 0
order by p.pid;

-- name: pids_of
select p.id, p.pid from json_each(?) as wanted cross join profiles as p on p.id = wanted.value;

-- The ids of merged profiles included.
-- name: ids_of
select p.pid, p.id from json_each(?1) as wanted cross join profiles as p on p.pid = wanted.value
union all
select m.pid, m.id from json_each(?1) as wanted cross join merged_profiles as m on m.pid = wanted.value;

-- name: all_profiles
select pid, id, external_id, email, email_keyed, document, created_at, updated_at, changes from profiles order by pid;

-- name: insert_profile
insert into profiles (pid, id, external_id, email, email_keyed, document, created_at, updated_at, changes)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: update_document
update profiles set document = ?2, created_at = ?3, updated_at = ?4, changes = ?5 where pid = ?1;

-- The identifiers apart, and only where they change: an update that names an indexed column
-- rewrites its index entry.
-- name: update_identifiers
update profiles set external_id = ?2, email = ?3, email_keyed = ?4
where pid = ?1 and (external_id, email, email_keyed) is not (?2, ?3, ?4);

-- name: delete_profile
delete from profiles where pid = ?;

-- name: next_pid
select next from counters where name = 'pid';

-- name: use_pids_before
update counters set next = max(next, ?) where name = 'pid';

-- === segments

-- name: segments
select sid, id, name, kind, rule, description, origin, version, created_at, updated_at from segments order by sid;

-- name: segment_ids
select sid, id from segment_ids;

-- name: next_sid
select coalesce(max(sid), 0) + 1 from segment_ids;

-- name: register_segment
insert into segment_ids (sid, id) values (?, ?);

-- name: insert_segment
insert into segments (sid, id, name, kind, rule, description, origin, version, created_at, updated_at)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: update_segment
update segments
set name = ?3, kind = ?4, rule = ?5, description = ?6, origin = ?7, version = ?8, created_at = ?9, updated_at = ?10
where sid = ?1 and id = ?2;

-- name: delete_segment
delete from segments where sid = ?;

-- === static segments

-- name: add_list_member
insert into list_members (sid, pid, at) values (?, ?, ?) on conflict do nothing;

-- name: remove_list_members
delete from list_members where sid = ? and pid in (select value from json_each(?));

-- name: lists_of
select sid from list_members where pid = ? order by sid;

-- name: static_segments
select distinct sid from segments where kind = 'static'
union select distinct sid from list_members;

-- name: members_of_list
select pid from list_members where sid = ? order by pid;

-- === transitions

-- name: last_sequence
select first_sequence + size - 1 from transitions order by first_sequence desc limit 1;

-- name: insert_transitions
insert into transitions (first_sequence, size, sid, version, action, cause, at, low, high, pids)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- The block that contains `after` + 1 may begin before it.
-- name: blocks_after
select first_sequence, size, sid, version, action, cause, at, low, pids
from transitions
where first_sequence >= (select coalesce(max(first_sequence), 0) from transitions where first_sequence <= :after + 1)
    and (:action is null or action = :action)
    and (:cause is null or cause = :cause)
order by first_sequence;

-- name: blocks_of_segment_after
select first_sequence, size, sid, version, action, cause, at, low, pids
from transitions
where sid = :sid
    and first_sequence >= (select coalesce(max(first_sequence), 0) from transitions where first_sequence <= :after + 1)
    and (:action is null or action = :action)
    and (:cause is null or cause = :cause)
order by first_sequence;

-- The blocks that contain a pid, and those that may: only opening the bitmap tells.
-- name: blocks_that_may_hold
select first_sequence
from transitions
where pids is null and low = :pid and first_sequence > :after and (:sid is null or sid = :sid)
    and (:action is null or action = :action) and (:cause is null or cause = :cause)
union all
select first_sequence
from transitions indexed by transitions_many
where pids is not null and low <= :pid and high >= :pid and first_sequence + size - 1 > :after
    and (:sid is null or sid = :sid)
    and (:action is null or action = :action) and (:cause is null or cause = :cause)
order by first_sequence;

-- name: block
select first_sequence, size, sid, version, action, cause, at, low, pids from transitions where first_sequence = ?;

-- name: last_single_of
select first_sequence from transitions
where pids is null and low = :pid and sid = :sid
order by first_sequence desc limit 1;

-- name: last_blocks_that_may_hold
select first_sequence
from transitions indexed by transitions_many
where pids is not null and sid = :sid and low <= :pid and high >= :pid and first_sequence > :after
order by first_sequence desc;

-- name: block_ends_at
select exists (
    select 1 from transitions
    where first_sequence = (select max(first_sequence) from transitions where first_sequence <= :sequence)
        and first_sequence + size - 1 = :sequence
);

-- === recorded membership

-- name: save_membership
insert into membership_snapshots (sid, sequence, members) values (?, ?, ?)
on conflict (sid) do update set sequence = excluded.sequence, members = excluded.members;

-- name: membership_snapshots
select sid, members from membership_snapshots;

-- name: blocks_since_snapshots
select t.sid, t.action, t.low, t.pids
from segments as s
left join membership_snapshots as m on m.sid = s.sid
cross join transitions as t on t.sid = s.sid and t.first_sequence > coalesce(m.sequence, 0)
order by s.sid, t.first_sequence;

-- === properties, answers, meta

-- name: properties
select id, name, type, fallback, created_at, updated_at from properties order by name;

-- name: put_property
insert into properties (id, name, type, fallback, created_at, updated_at) values (?1, ?2, ?3, ?4, ?5, ?6)
on conflict (id) do update set name = ?2, type = ?3, fallback = ?4, created_at = ?5, updated_at = ?6;

-- name: delete_property
delete from properties where id = ?;

-- name: find_answer
select fingerprint, answer from answers where key = ?;

-- name: put_answer
insert into answers (key, fingerprint, answer, at) values (?, ?, ?, ?);

-- name: purge_answers
delete from answers where at < ?;

-- name: meta
select value from meta where name = ?;

-- name: set_meta
insert into meta (name, value) values (?1, ?2) on conflict (name) do update set value = ?2;

-- === vacuum

-- name: vacuum
vacuum;
