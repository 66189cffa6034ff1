-- What the rules are asked about, as DuckDB holds it. A value fills the columns of its kind; `folded_...` is the text for comparing without regard to case.

CREATE TABLE profiles (pid BIGINT PRIMARY KEY);

CREATE TABLE memberships (pid BIGINT, segment VARCHAR);

CREATE TABLE activity (number BIGINT PRIMARY KEY, pid BIGINT, source VARCHAR, name VARCHAR, happened_at BIGINT);

CREATE TABLE profile_values (
    pid BIGINT, name VARCHAR, changed_at BIGINT, kind VARCHAR, number_value DOUBLE, text_value VARCHAR, folded_text VARCHAR,
    boolean_value BOOLEAN, time_value BIGINT, list_value VARCHAR[], folded_list VARCHAR[]
);

CREATE TABLE activity_values (
    number BIGINT, name VARCHAR, kind VARCHAR, number_value DOUBLE, text_value VARCHAR, folded_text VARCHAR,
    boolean_value BOOLEAN, time_value BIGINT, list_value VARCHAR[], folded_list VARCHAR[]
);

-- The month and day, on the wall of the workspace's zone, of every instant that occurs.
CREATE TABLE days (happened_at BIGINT PRIMARY KEY, month_and_day VARCHAR);
