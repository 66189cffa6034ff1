-- The questions to DuckDB, on the table as it came: texts are lowered in the query, where the rule ignores case.

-- name: plan
SELECT count(*) FROM people WHERE lower(plan) = $x;

-- name: number
SELECT count(*) FROM people WHERE mrr > $x;

-- name: plan_and_number
SELECT count(*) FROM people WHERE lower(plan) = 'pro' AND mrr > $x;

-- name: in_and_between
SELECT count(*) FROM people WHERE lower(country) IN ('de', 'at', 'ch') AND seats BETWEEN 10 AND $x;

-- name: time_and_not
SELECT count(*) FROM people
WHERE last_seen_at > $since AND last_seen_at <= $now
  AND NOT coalesce(signed_up_at > $new AND signed_up_at <= $now, false);

-- name: any_of_three
SELECT count(*) FROM people WHERE mrr >= $x OR seats > 200 OR lower(plan) = 'enterprise';

-- name: email_contains
SELECT count(*) FROM people WHERE contains(lower(email), $x);

-- name: company_contains
SELECT count(*) FROM people WHERE contains(lower(company), $x) AND lower(plan) IN ('pro', 'enterprise') AND mrr > 0;

-- name: email_regex
SELECT count(*) FROM people WHERE regexp_matches(email, $x, 'i');

-- name: tags_and_boolean
SELECT count(*) FROM people WHERE (list_contains(tags, 'vip') OR list_contains(tags, $x)) AND newsletter;

-- name: nested_five
SELECT count(*) FROM people
WHERE lower(country) = 'us'
  AND (lower(plan) = 'pro' OR (mrr BETWEEN 50 AND $x AND orders >= 3))
  AND NOT coalesce(lower(source) = 'ads', false);

-- name: eight
SELECT count(*) FROM people
WHERE lower(plan) IN ('starter', 'pro', 'enterprise')
  AND lower(country) IN ('us', 'gb', 'ca', 'au')
  AND mrr >= $x
  AND orders >= 2
  AND last_seen_at > $since AND last_seen_at <= $now
  AND newsletter
  AND NOT coalesce(age < 25, false)
  AND starts_with(lower(city), 'b');
