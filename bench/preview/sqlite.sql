-- The questions to SQLite, on a table prepared for them: texts stored in lower case, tags as "|vip|beta|", times as milliseconds.

-- name: plan
SELECT count(*) FROM people WHERE plan = $x;

-- name: number
SELECT count(*) FROM people WHERE mrr > $x;

-- name: plan_and_number
SELECT count(*) FROM people WHERE plan = 'pro' AND mrr > $x;

-- name: in_and_between
SELECT count(*) FROM people WHERE country IN ('de', 'at', 'ch') AND seats BETWEEN 10 AND $x;

-- name: time_and_not
SELECT count(*) FROM people
WHERE last_seen_at > $since AND last_seen_at <= $now
  AND NOT coalesce(signed_up_at > $new AND signed_up_at <= $now, false);

-- name: any_of_three
SELECT count(*) FROM people WHERE mrr >= $x OR seats > 200 OR plan = 'enterprise';

-- name: email_contains
SELECT count(*) FROM people WHERE instr(email, $x);

-- name: company_contains
SELECT count(*) FROM people WHERE instr(company, $x) AND plan IN ('pro', 'enterprise') AND mrr > 0;

-- name: email_regex
SELECT count(*) FROM people WHERE matches($x, email);

-- name: tags_and_boolean
SELECT count(*) FROM people WHERE (instr(tags, '|vip|') OR instr(tags, '|' || $x || '|')) AND newsletter;

-- name: nested_five
SELECT count(*) FROM people
WHERE country = 'us'
  AND (plan = 'pro' OR (mrr BETWEEN 50 AND $x AND orders >= 3))
  AND NOT coalesce(source = 'ads', false);

-- name: eight
SELECT count(*) FROM people
WHERE plan IN ('starter', 'pro', 'enterprise')
  AND country IN ('us', 'gb', 'ca', 'au')
  AND mrr >= $x
  AND orders >= 2
  AND last_seen_at > $since AND last_seen_at <= $now
  AND newsletter
  AND NOT coalesce(age < 25, false)
  AND substr(city, 1, 1) = 'b';
