-- The table DuckDB is asked about, and the questions. It is sorted by name and instant, so that a window reads only its own part, and names are an ENUM.

-- name: kind
CREATE TYPE event_name AS ENUM (SELECT unnest($names));

-- name: table
CREATE TABLE events (name event_name, pid INTEGER, happened_at BIGINT, total DOUBLE, category VARCHAR);

-- name: fill
INSERT INTO events SELECT $name, pid, "at", NULL, NULL FROM read_parquet($file);

-- name: fill_orders
INSERT INTO events SELECT $name, pid, "at", total, category FROM read_parquet($file);

-- name: count_window
SELECT count(*) FROM (
    SELECT pid FROM events WHERE name = 'order_placed' AND happened_at > $since AND happened_at <= $now GROUP BY pid HAVING count(*) >= $x
);

-- name: count_all_time
SELECT count(*) FROM (
    SELECT pid FROM events WHERE name = 'order_placed' AND happened_at <= $now GROUP BY pid HAVING count(*) >= $x
);

-- name: sum_where
SELECT count(*) FROM (
    SELECT pid FROM events
    WHERE name = 'order_placed' AND happened_at > $since AND happened_at <= $now AND category = 'category-0'
    GROUP BY pid HAVING sum(total) >= $x
);

-- name: did_not
SELECT $profiles - count(*) FROM (
    SELECT pid FROM events WHERE name = 'login' AND happened_at > $since AND happened_at <= $now GROUP BY pid HAVING count(*) >= $x
);

-- name: sequence
SELECT count(DISTINCT c.pid)
FROM (SELECT pid, happened_at FROM events WHERE name = 'cart_added' AND happened_at > $since AND happened_at <= $now) c
ASOF JOIN (SELECT pid, happened_at FROM events WHERE name = 'order_placed' AND happened_at > $since AND happened_at <= $now) o
ON c.pid = o.pid AND c.happened_at < o.happened_at
WHERE o.happened_at <= c.happened_at + $within;
