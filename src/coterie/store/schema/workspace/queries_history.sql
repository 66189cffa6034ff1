-- What the transitions say of the past. Instants never go back from one block to the next, so a sequence stands for an instant: everything
-- up to `upto` had happened by then.

-- name: segment_number
select sid from segment_ids where id = ?;

-- The block that holds a sequence.
-- name: block_around
select first_sequence, size, at from transitions where first_sequence <= ? order by first_sequence desc limit 1;

-- name: count_blocks_of_segment
select count(*) from transitions where sid = :sid and first_sequence > :after and first_sequence <= :upto;

-- name: moves_of_segment
select action, low, pids from transitions
where sid = :sid and first_sequence > :after and first_sequence <= :upto
order by first_sequence;

-- name: moves_of_segment_backwards
select action, low, pids from transitions
where sid = :sid and first_sequence > :after and first_sequence <= :upto
order by first_sequence desc;

-- name: counts_by_cause
select cause, action, sum(size) from transitions
where sid = :sid and first_sequence > :after and first_sequence <= :upto
group by cause, action
order by cause, action;
