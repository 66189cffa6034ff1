-- === organizations

-- name: organization_by_id
select oid, id, external_id, name, properties, created_at, updated_at from organizations where id = ?;

-- name: organization_by_external_id
select oid, id, external_id, name, properties, created_at, updated_at from organizations where external_id = ?;

-- name: organizations_by_place
select oid, id, external_id, name, properties, created_at, updated_at
from organizations where oid > 0 order by oid limit :limit offset :offset;

-- name: count_organizations
select count(*) from organizations where oid > 0;

-- name: put_organization
insert into organizations (id, external_id, name, properties, created_at, updated_at)
values (:id, :external_id, :name, :properties, :created_at, :updated_at)
on conflict (external_id) do update
set name = excluded.name, properties = excluded.properties, updated_at = excluded.updated_at;
