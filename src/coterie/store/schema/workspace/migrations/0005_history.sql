-- Version 5: the past of a segment is asked by instants.

create index transitions_at on transitions (sid, at);

pragma user_version = 5;
