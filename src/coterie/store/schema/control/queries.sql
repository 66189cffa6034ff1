-- Every query on the control file, by name. Values are always bound.

-- name: workspaces
select name, id, zone, created_at from workspaces order by name;

-- name: workspace
select name, id, zone, created_at from workspaces where name = ?;

-- name: put_workspace
insert into workspaces (name, id, zone, created_at) values (?1, ?2, ?3, ?4)
on conflict (name) do update set id = ?2, zone = ?3, created_at = ?4;

-- name: keys
select id, name, workspace, scope, prefix, created_at, last_used_at, revoked_at
from keys
where :workspace is null or workspace = :workspace
order by created_at, id;

-- name: key_by_id
select id, name, workspace, scope, prefix, created_at, last_used_at, revoked_at from keys where id = ?;

-- name: key_by_hash
select id, name, workspace, scope, prefix, created_at, last_used_at, revoked_at from keys where secret_hash = ?;

-- name: insert_key
insert into keys (id, name, workspace, scope, prefix, secret_hash, created_at) values (?, ?, ?, ?, ?, ?, ?);

-- name: revoke_key
update keys set revoked_at = ?2 where id = ?1 and revoked_at is null;

-- name: set_last_used
update keys set last_used_at = ?2 where id = ?1 and (last_used_at is null or last_used_at < ?2);
