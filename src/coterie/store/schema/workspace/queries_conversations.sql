-- Queries on conversations and messages.

-- === conversations

-- name: next_cid
select next from counters where name = 'cid';

-- name: use_cids_before
update counters set next = max(next, ?) where name = 'cid';

-- name: insert_conversation
insert into conversations (
    cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at,
    properties, analysis, message_count, created_at, updated_at
) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);

-- name: update_conversation
update conversations
set external_id = ?3, pid = ?4, product_id = ?5, version_id = ?6, model = ?7, started_at = ?8,
    sent_at = ?9, last_message_at = ?10, properties = ?11, analysis = ?12,
    message_count = ?13, created_at = ?14, updated_at = ?15
where cid = ?1 and id = ?2;

-- name: conversations_by_id
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at,
    c.last_message_at, c.properties, c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.id = wanted.value;

-- name: conversations_by_external_id
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at,
    c.last_message_at, c.properties, c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.external_id = wanted.value;

-- name: conversations_by_cid
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at,
    c.last_message_at, c.properties, c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.cid = wanted.value;

-- name: conversations_of_pids
select c.cid, c.id, c.external_id, c.pid, c.product_id, c.version_id, c.model, c.started_at, c.sent_at,
    c.last_message_at, c.properties, c.analysis, c.message_count, c.created_at, c.updated_at
from json_each(?) as wanted cross join conversations as c on c.pid = wanted.value
order by c.pid, c.cid;

-- name: conversations_after
select cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at,
    properties, analysis, message_count, created_at, updated_at
from conversations
where cid > :after
order by cid
limit :limit offset :offset;

-- name: conversations_of_pid_after
select cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at,
    properties, analysis, message_count, created_at, updated_at
from conversations
where pid = :pid and cid > :after and (:product_id is null or product_id = :product_id)
order by cid
limit :limit offset :offset;

-- name: conversations_of_product_after
select cid, id, external_id, pid, product_id, version_id, model, started_at, sent_at, last_message_at,
    properties, analysis, message_count, created_at, updated_at
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

-- name: message_ids_by_external_id
select m.cid, m.external_id, m.id
from json_each(?) as wanted
cross join messages as m on m.external_id = wanted.value ->> 1 and m.cid = wanted.value ->> 0;

-- name: insert_message
insert into messages (cid, number, id, external_id, role, content, at, extra) values (?, ?, ?, ?, ?, ?, ?, ?);

-- name: messages
select cid, number, id, external_id, role, content, at, extra from messages
where cid = ? and number > ? order by number limit ?;

-- name: message_by_id
select cid, number, id, external_id, role, content, at, extra from messages where id = ?;

-- name: messages_by_external_id
select cid, number, id, external_id, role, content, at, extra from messages where external_id = ? order by cid;
