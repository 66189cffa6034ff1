-- The CDNOW segments as an analyst would write them, for DuckDB. tests/journeys/test_cdnow.py runs each beside the rule of the same name.
-- `$file` is the purchase file; every query but the first two selects the customers of one segment from the table `customers`.

-- name: purchases
CREATE TABLE purchases AS
SELECT
    part[1] AS customer,
    strptime(part[2], '%Y%m%d')::DATE AS day,
    part[3]::INTEGER AS discs,
    part[4]::DECIMAL(10, 2) AS paid
FROM (
    SELECT string_split_regex(trim(line), '\s+') AS part
    FROM read_csv($file, columns = {'line': 'VARCHAR'}, delim = chr(1), header = true, quote = '', auto_detect = false)
);

-- name: customers
CREATE TABLE customers AS
SELECT
    customer,
    count(*) AS orders,
    sum(discs) AS discs,
    sum(paid)::DOUBLE AS total,
    min(day) AS first_day,
    max(day) AS last_day,
    strftime(min(day), '%Y-%m') AS cohort,
    list(DISTINCT strftime(day, '%Y-%m')) AS months
FROM purchases
GROUP BY customer;

-- name: bought once
SELECT customer FROM customers WHERE orders = 1;

-- name: loyal
SELECT customer FROM customers WHERE orders >= 10;

-- name: middle spenders
SELECT customer FROM customers WHERE total BETWEEN 50 AND 100;

-- name: began on Valentine's day
SELECT customer FROM customers WHERE first_day = DATE '1997-02-14';

-- name: lapsed in spring
SELECT customer FROM customers WHERE last_day < DATE '1997-06-01';

-- name: active
SELECT customer FROM customers WHERE epoch_ms(last_day) > $now - 90 * 86_400_000::BIGINT AND epoch_ms(last_day) <= $now;

-- name: valuable and slipping away
SELECT customer FROM customers
WHERE (orders >= 5 OR total > 300) AND NOT (epoch_ms(last_day) > $now - 90 * 86_400_000::BIGINT AND epoch_ms(last_day) <= $now);

-- name: the first two cohorts by their number
SELECT customer FROM customers
WHERE cohort IN ('1997-01', '1997-02') AND (starts_with(customer, '000') OR regexp_matches(customer, '[13579]$'));

-- name: January and Christmas
SELECT customer FROM customers WHERE list_has_all(months, ['1997-01', '1997-12']);

-- name: big spenders who are not loyal
SELECT customer FROM customers WHERE total > 200 AND NOT (orders >= 10);
