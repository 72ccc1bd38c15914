-- New rows of a batch, with their keys checked as sets. Both functions belong to cg_keys, a role that nobody can become:
-- only here may foreign keys be checked otherwise than row by row, and only under the owner's lock.

-- Writes all rows of a temporary table into a walled table for one owner and batch; returns their number.
-- The policies are those of the loader: the acting person must be allowed to write for the owner.
-- Where the server does not let cg_keys set session_replication_role, keys are checked row by row, as everywhere else.
create or replace function cg.insert_rows(target regclass, source regclass, owner uuid, batch uuid) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off set jit = off as $$
declare
  as_sets boolean := has_parameter_privilege(current_user, 'session_replication_role', 'set');
  columns text;
  odd text;
  written bigint;
  key record;
  dangling boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('intake ' || owner::text, 0));
  -- Data and nothing else: no view, no policy, no rule, no type whose conversion could run something.
  if not exists (
    select from pg_catalog.pg_class c
     where c.oid = source and c.relkind = 'r' and c.relpersistence = 't' and not c.relrowsecurity and not c.relhasrules
  ) then
    raise exception 'new rows come from a plain temporary table' using errcode = 'wrong_object_type';
  end if;
  select string_agg(quote_ident(s.attname), ', ' order by s.attnum),
         string_agg(s.attname, ', ') filter (where t.atttypid is distinct from s.atttypid)
    into columns, odd
    from pg_catalog.pg_attribute s
    left join pg_catalog.pg_attribute t on t.attrelid = target and t.attname = s.attname and not t.attisdropped
   where s.attrelid = source and s.attnum > 0 and not s.attisdropped;
  if odd is not null then
    raise exception 'columns of another type than in %: %', target, odd using errcode = 'datatype_mismatch';
  end if;

  if as_sets then
    perform set_config('session_replication_role', 'replica', true);
  end if;
  execute format('insert into %s (owner_id, batch_id, %s) select $1, $2, %s from %s', target, columns, columns, source)
    using owner, batch;
  get diagnostics written = row_count;
  if not as_sets then
    return written;
  end if;
  perform set_config('session_replication_role', 'origin', true);

  for key in
    select c.conname, c.confrelid::regclass as parent,
           string_agg(format('p.%I = %s', f.attname, case a.attname when 'owner_id' then '$1' else format('n.%I', a.attname) end),
                      ' and ') as joined,
           coalesce(string_agg(format('n.%I is not null', a.attname), ' and ') filter (where a.attname <> 'owner_id'), 'true')
             as filled
      from pg_catalog.pg_constraint c
      cross join lateral unnest(c.conkey, c.confkey) as k(own, other)
      join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
      join pg_catalog.pg_attribute f on f.attrelid = c.confrelid and f.attnum = k.other
     where c.conrelid = target and c.contype = 'f'
     group by c.oid, c.conname, c.confrelid
  loop
    execute format('select exists (select from %s n where %s and not exists (select from %s p where %s))',
                   source, key.filled, key.parent, key.joined)
      into dangling using owner;
    if dangling then
      raise exception 'a new row of % points to nothing (%)', target, key.conname
        using errcode = 'foreign_key_violation', constraint = key.conname;
    end if;
  end loop;
  return written;
end $$;

-- Whoever deletes waits for the owner's lock first, so that no row can lose the parent that a set check has just seen.
-- Without an acting person it is the operator's migration, which runs alone.
create or replace function cg.hold_owners() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare owner uuid;
begin
  if nullif(current_setting('cg.user', true), '') is not null then
    for owner in select o from unnest(cg.owners(tg_argv[0], 'write')) o order by o loop
      perform pg_advisory_xact_lock(hashtextextended('intake ' || owner::text, 0));
    end loop;
  end if;
  return null;
end $$;

-- Before many rows are deleted: statistics of the tables that were never looked at, or have at least doubled since. Every
-- deleted row is looked for in each table that may point to it; taken for empty, such a table is read from its beginning to
-- its end for every single row. Belongs to the migrator, who may look at all rows; what it counts stays in the server.
create or replace function cg.refresh_statistics(wanted regclass[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare grown regclass;
begin
  for grown in
    select c.oid::regclass from pg_catalog.pg_class c
     where c.oid = any(wanted) and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
       and (pg_relation_size(c.oid) > 2 * c.relpages * current_setting('block_size')::bigint
            or coalesce(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) is null)
     order by c.oid
  loop
    execute format('analyze %s', grown);
  end loop;
end $$;
