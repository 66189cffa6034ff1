-- The CDNOW rules on purchases as an analyst would write them, for DuckDB. tests/journeys/test_cdnow_events.py runs each beside the rule of the same name.
-- `purchases` is made by cdnow.sql: one row a purchase, on a day (UTC). `$now` is the moment of asking; what is later has not happened yet.

-- name: three orders and over 100 in the 90 days before 1998
SELECT customer FROM purchases
WHERE day >= DATE '1998-01-01' - INTERVAL 90 DAY AND day < DATE '1998-01-01' AND epoch_ms(day) <= $now
GROUP BY customer HAVING count(*) >= 3 AND sum(paid) > 100;

-- name: three orders in the 90 days before 1998, over 100 ever
SELECT customer FROM purchases
WHERE epoch_ms(day) <= $now
GROUP BY customer
HAVING count(*) FILTER (day >= DATE '1998-01-01' - INTERVAL 90 DAY AND day < DATE '1998-01-01') >= 3 AND sum(paid) > 100;

-- name: three orders in the last 90 days
SELECT customer FROM purchases
WHERE epoch_ms(day) > $now - 90 * 86_400_000::BIGINT AND epoch_ms(day) <= $now
GROUP BY customer HAVING count(*) >= 3 AND sum(paid) > 100;

-- name: bought, but not in the last 120 days
SELECT customer FROM purchases
WHERE epoch_ms(day) <= $now
GROUP BY customer HAVING count(*) FILTER (epoch_ms(day) > $now - 120 * 86_400_000::BIGINT) = 0;

-- name: several large orders
SELECT customer FROM purchases
WHERE epoch_ms(day) <= $now AND discs >= 3
GROUP BY customer HAVING count(*) >= 4 AND avg(paid::DOUBLE) >= 60;

-- name: a large order within 30 days of a small one
SELECT DISTINCT small.customer
FROM purchases AS small JOIN purchases AS large USING (customer)
WHERE small.discs = 1 AND large.discs >= 5
    AND large.day > small.day AND large.day <= small.day + INTERVAL 30 DAY
    AND epoch_ms(large.day) <= $now;
