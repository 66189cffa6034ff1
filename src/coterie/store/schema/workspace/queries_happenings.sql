-- Queries on events, conversations, messages, aliases and suppressions. The rest, and how lists are bound: queries.sql.

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
on conflict (nid, name) do update set kinds = excluded.kinds, first_seen_at = min(first_seen_at, excluded.first_seen_at);

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

-- A row of ours is made of two numbers of 32 bits and one of 64. Packed by SQLite, thousands of them are one value, at a third of what as many rows
-- of Python objects cost, and other threads may work meanwhile.
-- name: event_heads
select unhex(group_concat(format('%016x%08x%08x', at, pid, eid), ''))
from (
    select at, pid, eid from events indexed by events_nid
    where nid = ?1 and (at, pid, eid) > (?2, ?3, ?4)
    order by at, pid, eid
    limit ?5
);

-- The documents of as many events as one JSON array: reading it at once takes half the time of reading each.
-- name: event_documents
select unhex(group_concat(format('%016x%08x%08x', at, pid, eid), '')), '[' || group_concat(document, ',') || ']'
from (
    select at, pid, eid, document from events indexed by events_nid
    where nid = ?1 and (at, pid, eid) > (?2, ?3, ?4)
    order by at, pid, eid
    limit ?5
);

-- === conversations

-- name: next_cid
select next from counters where name = 'cid';

-- name: use_cids_before
update counters set next = max(next, ?) where name = 'cid';

-- name: insert_conversation
insert into conversations (
    cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at, properties, analysis, message_count,
    created_at, updated_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);

-- name: update_conversation
update conversations
set external_id = ?3, pid = ?4, product_id = ?5, version_id = ?6, model = ?7, started_at = ?8, sent_at = ?9, last_message_at = ?10,
    properties = ?11, analysis = ?12, message_count = ?13, created_at = ?14, updated_at = ?15
where cid = ?1 and id = ?2;

-- name: conversations_by_id
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at, c.last_message_at, c.properties,
    c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.id = wanted.value;

-- name: conversations_by_external_id
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at, c.last_message_at, c.properties,
    c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.external_id = wanted.value;

-- name: conversations_by_cid
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at, c.last_message_at, c.properties,
    c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.cid = wanted.value;

-- name: conversations_of_pids
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at, c.last_message_at, c.properties,
    c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.pid = wanted.value
order by c.pid, c.cid;

-- name: conversations_after
select cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at, properties, analysis, message_count,
    created_at, updated_at
from conversations
where cid > :after
order by cid
limit :limit offset :offset;

-- name: conversations_of_pid_after
select cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at, properties, analysis, message_count,
    created_at, updated_at
from conversations
where pid = :pid and cid > :after and (:product_id is null or product_id = :product_id)
order by cid
limit :limit offset :offset;

-- name: conversations_of_product_after
select cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at, properties, analysis, message_count,
    created_at, updated_at
from conversations
where product_id = :product_id and cid > :after
order by cid
limit :limit offset :offset;

-- name: count_conversations
select count(*) from conversations;

-- name: count_conversations_of_pid
select count(*) from conversations where pid = :pid and (:product_id is null or product_id = :product_id);

-- name: count_conversations_of_product
select count(*) from conversations where product_id = :product_id;

-- name: delete_conversations_of
delete from conversations where pid = ?;

-- name: move_conversations
update conversations set pid = ?2 where pid = ?1;

-- === messages

-- name: messages_known
select m.cid, m.external_id, m.id
from json_each(?) as wanted
cross join messages as m on m.external_id = wanted.value ->> 1 and m.cid = wanted.value ->> 0;

-- name: insert_message
insert into messages (cid, number, id, external_id, role, content, at, extra) values (?, ?, ?, ?, ?, ?, ?, ?);

-- name: messages
select cid, number, id, external_id, role, content, at, extra from messages where cid = ? and number > ? order by number limit ?;

-- name: message_by_id
select cid, number, id, external_id, role, content, at, extra from messages where id = ?;

-- name: messages_by_external_id
select cid, number, id, external_id, role, content, at, extra from messages where external_id = ? order by cid;

-- === aliases and suppressions

-- name: put_alias
insert into aliases (kind, value, pid) values (?, ?, ?) on conflict (kind, value) do update set pid = excluded.pid;

-- name: put_merged
insert into merged_profiles (pid, id) values (?, ?);

-- name: forget_merged
delete from merged_profiles where id in (select value from json_each(?));

-- name: find_aliases
select a.value, a.pid from json_each(?2) as wanted cross join aliases as a on a.kind = ?1 and a.value = wanted.value;

-- name: aliases_of
select kind, value, pid from aliases where pid = ? order by kind, value;

-- name: delete_alias
delete from aliases where kind = ? and value = ?;

-- name: move_aliases
update aliases set pid = ?2 where pid = ?1;

-- name: suppress
insert into suppressions (mark, at) values (?, ?) on conflict do nothing;

-- name: suppressed
select s.mark from json_each(?) as wanted cross join suppressions as s on s.mark = unhex(wanted.value);

-- === checking (`coterie check`)

-- name: check_eids
select eid from events where eid >= (select next from counters where name = 'eid') limit 20;

-- name: check_cids
select cid from conversations where cid >= (select next from counters where name = 'cid') limit 20;

-- name: check_event_pids
select pid
from (select distinct pid from events) as one
where not exists (select 1 from profiles where pid = one.pid)
limit 20;

-- name: check_event_nids
select nid
from (select distinct nid from events) as one
where not exists (select 1 from event_names where nid = one.nid)
limit 20;

-- name: check_message_counts
select c.id, c.message_count, count(m.number), max(m.number)
from conversations as c left join messages as m on m.cid = c.cid
group by c.cid
having c.message_count <> count(m.number) or c.message_count <> coalesce(max(m.number), -1) + 1
limit 20;

-- name: check_profile_documents
select pid, document from profiles;

-- name: check_event_documents
select eid, document from events;

-- name: check_conversation_properties
select cid, properties from conversations;

-- name: check_conversation_analyses
select cid, analysis from conversations;

-- name: check_changes
select pid, changes from profiles where changes is not null and changes <> x'2a';

-- name: check_extras
select id, extra from messages;
