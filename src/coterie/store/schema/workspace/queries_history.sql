-- The past of a segment, from its transitions. They are selected by instant: sequences follow
-- instants for one profile and segment, but not always for all of them together (a midnight is
-- written in slices, with other writes in between).

-- name: sid_of
select sid from segment_ids where id = ?;

-- name: count_blocks_between
select count(*) from transitions where sid = :sid and at > :after and at <= :until;

-- name: blocks_between
select action, low, pids from transitions
where sid = :sid and at > :after and at <= :until and first_sequence <= :upto
order by at, first_sequence;

-- name: blocks_between_backwards
select action, low, pids from transitions
where sid = :sid and at > :after and at <= :until and first_sequence <= :upto
order by at desc, first_sequence desc;

-- name: counts_by_cause
select cause, action, sum(size) from transitions
where sid = :sid and at > :after and at <= :until and first_sequence <= :upto
group by cause, action
order by cause, action;
