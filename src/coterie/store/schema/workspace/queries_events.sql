-- Queries on events.

-- === event names and their properties

-- name: event_names
select name, nid from event_names order by nid;

-- name: add_event_name
insert into event_names (name) values (?) on conflict do nothing;

-- name: nids_of
select n.name, n.nid from json_each(?) as wanted cross join event_names as n on n.name = wanted.value;

-- name: event_properties
select n.name, p.name, p.kinds, p.first_seen_at
from event_names as n cross join event_properties as p on p.nid = n.nid
where :name is null or n.name = :name
order by n.nid, p.name;

-- name: put_event_property
insert into event_properties (nid, name, kinds, first_seen_at)
values ((select nid from event_names where name = ?1), ?2, ?3, ?4)
on conflict (nid, name) do update
set kinds = excluded.kinds, first_seen_at = min(first_seen_at, excluded.first_seen_at);

-- === events

-- name: next_eid
select next from counters where name = 'eid';

-- name: use_eids_before
update counters set next = max(next, ?) where name = 'eid';

-- name: insert_event
insert into events (eid, pid, nid, at, message_id, document) values (?, ?, ?, ?, ?, ?);

-- name: events_by_uuid
select e.message_id, e.pid from json_each(?) as wanted cross join events as e on e.message_id = unhex(wanted.value);

-- name: events_by_message_id
select e.message_id, e.pid from json_each(?) as wanted cross join events as e on e.message_id = wanted.value;

-- name: events_of_pids
select e.eid, e.pid, n.name, e.at, e.message_id, e.document
from json_each(?) as wanted cross join events as e on e.pid = wanted.value cross join event_names as n on n.nid = e.nid
order by e.pid, e.at, e.eid;

-- name: timeline
select e.eid, e.pid, n.name, e.at, e.message_id, e.document
from events as e cross join event_names as n on n.nid = e.nid
where e.pid = :pid and (e.at, e.eid) < (:at, :eid) and (:name is null or n.name = :name)
order by e.at desc, e.eid desc
limit :limit;

-- name: delete_events_of
delete from events where pid = ?;

-- name: move_events
update events set pid = ?2 where pid = ?1;

-- A row consists of two numbers of 32 bits and one of 64. SQLite packs thousands of rows into one
-- value, which costs a third of as many rows of Python objects, and other threads run meanwhile.
-- name: event_heads
select unhex(group_concat(format('%016x%08x%08x', at, pid, eid), ''))
from (
    select at, pid, eid from events indexed by events_nid
    where nid = ?1 and (at, pid, eid) > (?2, ?3, ?4)
    order by at, pid, eid
    limit ?5
);

-- The documents of these events as one JSON array: parsing it at once takes half the time.
-- name: event_documents
select unhex(group_concat(format('%016x%08x%08x', at, pid, eid), '')), '[' || group_concat(document, ',') || ']'
from (
    select at, pid, eid, document from events indexed by events_nid
    where nid = ?1 and (at, pid, eid) > (?2, ?3, ?4)
    order by at, pid, eid
    limit ?5
);
