-- The tables that the SQL engines are asked about. $people is the pattern of the Parquet files.

-- name: duckdb_plain
CREATE TABLE people AS SELECT * FROM read_parquet($people);

-- name: duckdb_prepared
CREATE TABLE lowered AS
SELECT * REPLACE (
    lower(plan) AS plan, lower(country) AS country, lower(city) AS city, lower(language) AS language,
    lower(source) AS source, lower(device) AS device, lower(email) AS email, lower(company) AS company, lower(name) AS name
) FROM read_parquet($people);

-- name: duckdb_plan_kind
CREATE TYPE plan_kind AS ENUM (SELECT DISTINCT plan FROM lowered ORDER BY 1);

-- name: duckdb_country_kind
CREATE TYPE country_kind AS ENUM (SELECT DISTINCT country FROM lowered ORDER BY 1);

-- name: duckdb_city_kind
CREATE TYPE city_kind AS ENUM (SELECT DISTINCT city FROM lowered ORDER BY 1);

-- name: duckdb_language_kind
CREATE TYPE language_kind AS ENUM (SELECT DISTINCT language FROM lowered ORDER BY 1);

-- name: duckdb_source_kind
CREATE TYPE source_kind AS ENUM (SELECT DISTINCT source FROM lowered ORDER BY 1);

-- name: duckdb_device_kind
CREATE TYPE device_kind AS ENUM (SELECT DISTINCT device FROM lowered ORDER BY 1);

-- name: duckdb_coded
CREATE TABLE people AS
SELECT * REPLACE (
    plan::plan_kind AS plan, country::country_kind AS country, city::city_kind AS city, language::language_kind AS language,
    source::source_kind AS source, device::device_kind AS device
) FROM lowered;

-- name: duckdb_drop
DROP TABLE lowered;

-- name: sqlite_table
CREATE TABLE people (
    plan, country, city, language, source, device, email, company, name, mrr, seats, orders, score, lifetime_value, age,
    signed_up_at, last_seen_at, trial_ends_at, newsletter, tags
);

-- name: sqlite_insert
INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
