-- Who may see what, answered by the database alone. Every function here belongs to cg_scope after `raise_walls`,
-- runs with that role's rights, and is called once per query, as an init plan.

create or replace function cg.today() returns date language plpgsql stable security definer set search_path = '' as $$
declare moved text := nullif(current_setting('cg.clock', true), '');
begin
  -- Only a test database has the role cg_clock; in production the setting means nothing.
  if moved is not null and exists (
    select from pg_catalog.pg_auth_members m
      join pg_catalog.pg_roles clock on clock.oid = m.roleid
      join pg_catalog.pg_roles login on login.oid = m.member
     where clock.rolname = 'cg_clock' and login.rolname = session_user
  ) then
    return moved::date;
  end if;
  return (now() at time zone '{time_zone}')::date;
end $$;

create or replace function cg.person() returns uuid language plpgsql stable security definer set search_path = '' as $$
declare who uuid := nullif(current_setting('cg.user', true), '')::uuid;
begin
  if who is null then
    raise exception 'nobody has entered: call store.walls.enter first' using errcode = 'insufficient_privilege';
  end if;
  return who;
end $$;

-- The role grants of the acting person that hold today, for people whose account is active.
create or replace function cg.grants() returns table (role text, organization_id uuid)
language sql stable security definer set search_path = '' as $$
  select g.role::text, g.organization_id
    from public.core_rolegrant g join public.core_person p on p.id = g.person_id
   where g.person_id = cg.person() and p.is_active
     and g.since <= cg.today() and (g.until is null or g.until > cg.today())
$$;

-- The organizations that an agreement opens to the acting person today.
create or replace function cg.agreements(wanted text) returns table (owner_id uuid, agreement_id uuid, organization_id uuid)
language sql stable security definer set search_path = '' as $$
  select a.owner_id, a.id, g.organization_id
    from cg.grants() g
    join public.core_rolescope s
      on s.role = g.role and s.category = wanted and s.form = 'agreement' and s.access = 'read'
    join public.core_agreement a
      on a.collaborative_id = g.organization_id and wanted = any (a.categories)
     and a.signed_on <= cg.today() and a.since <= cg.today() and a.until > cg.today()
   where exists (
     select from public.core_membership m
      where m.collaborative_id = g.organization_id and m.organization_id = a.owner_id
        and m.since <= cg.today() and (m.until is null or m.until > cg.today()))
$$;

-- Owners whose rows of this category the person may read (or write) as a whole.
create or replace function cg.owners(wanted text, wanted_access text) returns uuid[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(distinct owner), '{}') from (
    select g.organization_id as owner
      from cg.grants() g
      join public.core_rolescope s
        on s.role = g.role and s.category = wanted and s.form = 'organization' and s.access = wanted_access
    union all
    select a.owner_id from cg.agreements(wanted) a where wanted_access = 'read'
  ) found
$$;

-- Schools whose rows of this category the person may read.
create or replace function cg.schools(wanted text) returns uuid[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(distinct g.organization_id), '{}')
    from cg.grants() g
    join public.core_rolescope s
      on s.role = g.role and s.category = wanted and s.form = 'school' and s.access = 'read'
$$;

-- Whether one of the person's roles opens this category by this form, for reading or for writing.
create or replace function cg.allows(wanted text, wanted_form text, wanted_access text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from cg.grants() g
      join public.core_rolescope s
        on s.role = g.role and s.category = wanted and s.form = wanted_form and s.access = wanted_access)
$$;

create or replace function cg.shows(wanted text, wanted_form text) returns boolean
language sql stable security definer set search_path = '' as $$ select cg.allows(wanted, wanted_form, 'read') $$;

-- The triggers below keep rows as they were; with the argument 'sealed' only that a row changed, never what it said.

create or replace function cg.keep_update() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.core_change (owner_id, table_name, row_id, operation, old, batch_id, person_id, purpose, at)
  select coalesce(o.owner_id, o.id), tg_table_name, o.id, 'U', case when tg_nargs = 0 then to_jsonb(o) end,
         nullif(current_setting('cg.batch', true), '')::uuid, nullif(current_setting('cg.user', true), '')::uuid,
         coalesce(current_setting('cg.purpose', true), ''), clock_timestamp()
    from old_rows o;
  return null;
end $$;

create or replace function cg.keep_delete() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.core_change (owner_id, table_name, row_id, operation, old, batch_id, person_id, purpose, at)
  select coalesce(o.owner_id, o.id), tg_table_name, o.id, 'D', case when tg_nargs = 0 then to_jsonb(o) end,
         nullif(current_setting('cg.batch', true), '')::uuid, nullif(current_setting('cg.user', true), '')::uuid,
         coalesce(current_setting('cg.purpose', true), ''), clock_timestamp()
    from old_rows o;
  return null;
end $$;

create or replace function cg.keep_insert() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.core_change (owner_id, table_name, row_id, operation, old, batch_id, person_id, purpose, at)
  values (coalesce(new.owner_id, new.id), tg_table_name, new.id, 'I', null, null,
          nullif(current_setting('cg.user', true), '')::uuid,
          coalesce(current_setting('cg.purpose', true), ''), clock_timestamp());
  return null;
end $$;

-- The number up to which a ledger's lines after `after` can be chained, at most `most` of them; null when there are none,
-- or while some transaction that may hold a smaller number is still writing.
create or replace function cg.settled_end(ledger text, after bigint, most integer) returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
  ledger_table regclass := case ledger
    when 'change' then 'public.core_change' when 'disclosure' then 'public.core_disclosureline'
    when 'event' then 'public.core_event' end;
  found bigint;
begin
  execute format('select max(number) from (select number from %s where number > $1 order by number limit $2) line', ledger_table)
    into found using after, most;
  if exists (
    select from pg_catalog.pg_locks l
     where l.relation = ledger_table and l.mode = 'RowExclusiveLock' and l.granted and l.pid <> pg_backend_pid()
  ) then
    return null;
  end if;
  return found;
end $$;

-- How many lines a ledger has in (after, until], and the fingerprint over them and the one before.
create or replace function cg.fingerprint(ledger text, after bigint, until bigint, previous text, out line_count bigint, out fingerprint text)
language plpgsql stable security definer set search_path = '' set timezone = 'UTC' set datestyle = 'ISO' as $$
declare
  ledger_table regclass := case ledger
    when 'change' then 'public.core_change' when 'disclosure' then 'public.core_disclosureline'
    when 'event' then 'public.core_event' end;
begin
  execute format(
    'select count(*), encode(sha256(convert_to($3 || coalesce(string_agg(row_to_json(line)::text, E''\n'' order by number), ''''), ''UTF8'')), ''hex'')
       from %s line where number > $1 and number <= $2', ledger_table)
    into line_count, fingerprint using after, until, previous;
end $$;

create or replace function cg.refuse(word text) returns void language plpgsql stable set search_path = '' as $$
begin
  raise exception 'refused: %', word using errcode = 'CG001';
end $$;
