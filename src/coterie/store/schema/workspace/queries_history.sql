-- What the transitions say of the past. They are asked by their instants: the order of sequences is that of instants for one profile and
-- segment, and not always for all of them together (a midnight is written in slices, with writes in between).

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
