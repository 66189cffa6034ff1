-- Queries of the integrity check (`coterie check`).

-- name: check_file
pragma integrity_check(20);

-- name: check_references
pragma foreign_key_check;

-- name: check_sequences
select first_sequence, expected
from (
    select first_sequence, lag(first_sequence + size, 1, 1) over (order by first_sequence) as expected from transitions
)
where first_sequence <> expected
limit 20;

-- name: check_pids
select pid from profiles where pid >= (select next from counters where name = 'pid') limit 20;

-- name: check_bitmaps
select first_sequence, size, low, high, pids from transitions where pids is not null;

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
