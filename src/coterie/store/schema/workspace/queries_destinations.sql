-- === destinations

-- name: destinations
select did, id, url, description, segments, actions, causes, state, state_reason, cursor, failures,
    failing_since, hold_until, created_at, updated_at
from destinations order by did;

-- name: insert_destination
insert into destinations (id, url, description, segments, actions, causes, state, state_reason, cursor, failures,
    failing_since, hold_until, created_at, updated_at)
values (:id, :url, :description, :segments, :actions, :causes, :state, :state_reason, :cursor, :failures,
    :failing_since, :hold_until, :created_at, :updated_at);

-- name: update_destination
update destinations
set url = :url, description = :description, segments = :segments, actions = :actions, causes = :causes,
    updated_at = :updated_at
where did = :did;

-- name: record_progress
update destinations
set state = :state, state_reason = :state_reason, cursor = :cursor, failures = :failures,
    failing_since = :failing_since, hold_until = :hold_until
where did = :did;

-- name: delete_destination
delete from destinations where did = ?;

-- name: destination_secrets
select did, secret, created_at, expires_at from destination_secrets order by did, created_at;

-- name: put_destination_secret
insert into destination_secrets (did, secret, created_at, expires_at) values (?1, ?2, ?3, ?4)
on conflict (did, secret) do update set expires_at = ?4;

-- name: delete_expired_secrets
delete from destination_secrets where did = ? and expires_at <= ?;

-- name: deliveries
select did, sequence, attempt_count, first_failed_at, next_at from deliveries order by did, sequence;

-- name: put_delivery
insert into deliveries (did, sequence, attempt_count, first_failed_at, next_at) values (?1, ?2, ?3, ?4, ?5)
on conflict (did, sequence) do update set attempt_count = ?3, first_failed_at = ?4, next_at = ?5;

-- name: delete_delivery
delete from deliveries where did = ? and sequence = ?;

-- name: insert_attempt
insert into attempts (did, sequence, at, status, error, took, next_at, given_up) values (?, ?, ?, ?, ?, ?, ?, ?);

-- name: delete_old_attempts
delete from attempts
where did = :did and given_up = :given_up and number <= (
    select number from attempts where did = :did and given_up = :given_up order by number desc limit 1 offset :kept
);

-- name: attempts
select sequence, at, status, error, took, next_at, given_up
from attempts where did = ? order by number desc limit ?;

-- name: blocks_for_destination
select first_sequence, size, sid, version, action, cause, at, low, pids
from transitions
where first_sequence >= (select coalesce(max(first_sequence), 0) from transitions where first_sequence <= :after + 1)
    and first_sequence <= :until
    and (:segments is null or sid in (
        select s.sid from json_each(:segments) as wanted cross join segment_ids as s on s.id = wanted.value
    ))
    and (:actions is null or action in (select value from json_each(:actions)))
    and (:causes is null or cause in (select value from json_each(:causes)))
order by first_sequence;

-- name: block_of
select first_sequence, size, sid, version, action, cause, at, low, pids
from transitions where first_sequence <= ? order by first_sequence desc limit 1;

-- name: segment_id
select id from segment_ids where sid = ?;
