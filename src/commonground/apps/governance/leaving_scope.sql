-- How a district leaves. What may be destroyed is decided here, by what two people of the district confirmed; pages and jobs
-- only ask. `cg.destroy_rows` and `cg.destroy_past` (retention) are the only functions that delete behind walls.

-- Every table whose rows belong to an owner, with how to order its rows. A new table is in it without being named anywhere.
create or replace function cg.owned_tables() returns table (name text, key text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.relname::text, k.attname::text
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
    join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_catalog.pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]
   where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
   order by 1
$$;

-- What stays of a district that left, and is told on its certificate: that it had agreed, that rows changed (names taken
-- out), and who looked at which child, of which nothing but a random number is left.
create or replace function cg.stays(target text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select target in ('core_agreement', 'core_change', 'core_disclosureline')
$$;

-- Which rows `t` of a table its owner is told of, in numbers and in its export; null for none. Families were told that nobody
-- but the child's guardians reads an answer about meals: how many answered, and who, goes the same way as what they said.
-- Coach and teacher were told the same of what they write to each other.
create or replace function cg.told(target text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case target
    when 'programs_mealsanswer' then null
    when 'coaching_entry' then null
    when 'core_change' then 't.table_name not in (''programs_mealsanswer'', ''coaching_entry'')'
    else 'true' end
$$;

-- The tables that are emptied, those first to which nothing points any more once the ones before are empty.
create or replace function cg.tables_to_empty() returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  waiting text[] := array(select t.name from cg.owned_tables() t where not cg.stays(t.name));
  ordered text[] := '{}';
  free text[];
begin
  while cardinality(waiting) > 0 loop
    select array_agg(w order by w) into free from unnest(waiting) w
     where not exists (
       select from pg_catalog.pg_constraint c
         join pg_catalog.pg_class child on child.oid = c.conrelid
        where c.contype = 'f' and c.confrelid = ('public.' || quote_ident(w))::regclass
          and child.relname <> w and child.relname = any (waiting));
    if free is null then raise exception 'tables point at each other in a circle: %', waiting; end if;
    ordered := ordered || free;
    waiting := array(select w from unnest(waiting) w where w <> all (free));
  end loop;
  return ordered;
end $$;

-- The condition under which no row of any table points to the row `t` of the target. Rows of the same table and owner go
-- with it.
create or replace function cg.pointed_to_by_nothing(target text) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(string_agg(format(
           'not exists (select from public.%I c where %s%s)', child.relname, joined.words,
           case when c.conrelid = c.confrelid then ' and c.owner_id is distinct from t.owner_id' else '' end), ' and '), 'true')
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_class child on child.oid = c.conrelid
   cross join lateral (
     select string_agg(format('c.%I = t.%I', a.attname, f.attname), ' and ') as words
       from unnest(c.conkey, c.confkey) k(own, other)
       join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
       join pg_catalog.pg_attribute f on f.attrelid = c.confrelid and f.attnum = k.other
   ) joined
   where c.contype = 'f' and c.confrelid = ('public.' || quote_ident(target))::regclass
$$;

-- Held until the transaction ends by whoever places a legal hold, and by whoever destroys what one could cover: a hold that
-- is being placed is waited for.
create or replace function cg.lock_holds(place uuid) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('hold ' || place::text, 0));
end $$;

-- Whether a hold covers the files that a district sent: of everything or of files, of whichever students.
create or replace function cg.holds_files(place uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.governance_legalhold h
     where h.owner_id = place and h.ended_at is null and h.data_class in ('', 'files'))
$$;

-- Whether a hold covers the files of a batch that the acting person sees; none is placed until the transaction ends.
create or replace function cg.files_held(batch uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare place uuid := (select b.owner_id from public.intake_batch b where b.id = batch);
begin
  if place is null or place <> all (cg.owners('roster', 'read')) then perform cg.refuse('not_yours'); end if;
  perform cg.lock_holds(place);
  return cg.holds_files(place);
end $$;

-- What stops a district from leaving: held, programs, or null.
create or replace function cg.leaving_stops(place uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case
    when exists (select from public.governance_legalhold h where h.owner_id = place and h.ended_at is null) then 'legal_hold'
    when exists (
      select from public.programs_offering o
        join public.programs_registration r on r.offering_id = o.id and r.owner_id <> leaving_stops.place
       where o.owner_id = leaving_stops.place and o.ends_on >= cg.today()) then 'programs_run'
  end
$$;

-- How many rows of each table a district owns, as its coordinator reads it before leaving; null where no number is told.
create or replace function cg.owned_counts(place uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  counts jsonb := '{}';
  one record;
  found bigint;
begin
  if not cg.coordinates(place) then perform cg.refuse('not_yours'); end if;
  for one in select t.name, cg.told(t.name) as told from cg.owned_tables() t loop
    found := null;
    if one.told is not null then
      execute format('select count(*) from public.%I t where t.owner_id = $1 and %s', one.name, one.told) into found using place;
    end if;
    counts := counts || jsonb_build_object(one.name, found);
  end loop;
  return counts;
end $$;

-- Opens the district's way out, or answers the one that is open. Asking for the export again makes it anew.
create or replace function cg.begin_leaving(wanted uuid) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare made uuid;
begin
  if not cg.coordinates(wanted) then perform cg.refuse('not_yours'); end if;
  perform pg_advisory_xact_lock(hashtextextended('leaving ' || wanted::text, 0));
  select l.id into made from public.governance_leaving l
   where l.place_id = wanted and l.called_off_at is null and l.destroyed_at is null;
  if made is null then
    insert into public.governance_leaving (id, place_id, begun_by_id, begun_at)
    values (gen_random_uuid(), wanted, cg.person(), cg.moment()) returning id into made;
  end if;
  return made;
end $$;

-- The open way out, locked, of a district that the acting person coordinates, before anything was confirmed.
create or replace function cg.own_leaving(wanted uuid) returns public.governance_leaving
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found public.governance_leaving;
begin
  select * into found from public.governance_leaving l where l.id = wanted for update;
  if found.id is null or not cg.coordinates(found.place_id) then perform cg.refuse('not_yours'); end if;
  if found.confirmed_at is not null or found.called_off_at is not null then perform cg.refuse('ended'); end if;
  return found;
end $$;

-- How far the export has come; with a digest it is whole. What was asked for before, with another export or none, is taken
-- back.
drop function if exists cg.note_export(uuid, bigint, text);
create or replace function cg.note_export(wanted uuid, rows_written bigint, sha256 text, number text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform cg.own_leaving(wanted);
  update public.governance_leaving
     set export_count = rows_written, export_digest = sha256, export_number = number, saved_at = null, asked_by_id = null,
         asked_at = null, waived = '', exported_at = case when sha256 <> '' then cg.moment() end
   where id = wanted;
end $$;

-- Somebody of the district has the export whole: she types the number in its last part.
drop function if exists cg.note_saved(uuid);
create or replace function cg.note_arrived(wanted uuid, typed text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare leaving public.governance_leaving := cg.own_leaving(wanted);
begin
  if leaving.exported_at is null or leaving.export_number = ''
     or regexp_replace(typed, '[ -]', '', 'g') <> leaving.export_number then perform cg.refuse('wrong_number'); end if;
  update public.governance_leaving set saved_at = coalesce(saved_at, cg.moment()) where id = wanted;
end $$;

-- The rows of one table that the district owns, each as JSON, in the order of their keys: for its export alone, and so also
-- those that no role of the district sees as a whole. Without what `cg.told` leaves out: an export can be made any day.
create or replace function cg.owned_rows(wanted uuid, target text) returns setof text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  leaving public.governance_leaving := cg.own_leaving(wanted);
  sorted text := (select t.key from cg.owned_tables() t where t.name = target);
begin
  if sorted is null then perform cg.refuse('no_such_place'); end if;
  if cg.told(target) is null then return; end if;
  return query execute format(
    'select row_to_json(t)::text from public.%I t where t.owner_id = $1 and %s order by t.%I', target, cg.told(target), sorted)
    using leaving.place_id;
end $$;

-- One person of the district asks that everything it owns be destroyed: after its export arrived, or saying why without.
create or replace function cg.ask_leaving(wanted uuid, why_without text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  leaving public.governance_leaving := cg.own_leaving(wanted);
  stop text := cg.leaving_stops(leaving.place_id);
begin
  if stop is not null then perform cg.refuse(stop); end if;
  if leaving.saved_at is null and length(btrim(why_without)) < 20 then perform cg.refuse('not_saved'); end if;
  update public.governance_leaving
     set asked_by_id = cg.person(), asked_at = cg.moment(),
         waived = case when leaving.saved_at is null then btrim(why_without) else '' end
   where id = wanted;
end $$;

create or replace function cg.call_off_leaving(wanted uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform cg.own_leaving(wanted);
  update public.governance_leaving set called_off_at = cg.moment() where id = wanted;
end $$;

-- Whether the acting person and another both coordinate the district, have done so for seven days, and are two people.
create or replace function cg.coordinate_apart(other uuid, place uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select 2 = (
      select count(distinct r.person_id) from public.core_rolegrant r
       where r.person_id in (other, cg.person()) and r.role = 'coordinator' and r.organization_id = place
         and r.since <= cg.today() - 7 and (r.until is null or r.until > cg.today()))
     and cg.are_two_people(other, cg.person(), '{coordinator}')
$$;

-- A district and its schools.
create or replace function cg.place_and_schools(place uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select o.id from public.core_organization o where o.id = place_and_schools.place or o.owner_id = place_and_schools.place
$$;

-- The second person confirms: from this moment nothing of the district is open to anybody any more but to the two, who read
-- the certificate for thirty days; roles, agreements and memberships end, and the rows may be destroyed.
create or replace function cg.confirm_leaving(wanted uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  leaving public.governance_leaving := cg.own_leaving(wanted);
  stop text;
  place uuid := leaving.place_id;
  today date := cg.today();
  roles bigint; people bigint; agreements bigint; memberships bigint;
begin
  if leaving.asked_by_id is null then perform cg.refuse('not_asked'); end if;
  if leaving.saved_at is null and leaving.waived = '' then perform cg.refuse('not_saved'); end if;
  if leaving.asked_by_id = cg.person() then perform cg.refuse('second_coordinator'); end if;
  if not cg.coordinate_apart(leaving.asked_by_id, place) then perform cg.refuse('not_apart'); end if;
  perform cg.lock_holds(place);
  stop := cg.leaving_stops(place);
  if stop is not null then perform cg.refuse(stop); end if;
  with ended as (
    update public.core_rolegrant r
       set until_before = r.until, ended_by_id = cg.person(), ended_at = clock_timestamp(),
           until = greatest(r.since, today + case
             when r.role = 'coordinator' and r.person_id in (leaving.asked_by_id, cg.person()) then 30 else 0 end)
     where r.organization_id in (select cg.place_and_schools(place))
       and (r.until is null or r.until > today)
    returning r.person_id)
  select count(*), count(distinct e.person_id) into roles, people from ended e;
  update public.core_agreement
     set until = greatest(today, since), ended_by_id = cg.person(), ended_at = clock_timestamp()
   where owner_id = place and until > today;
  get diagnostics agreements = row_count;
  update public.core_membership set until = greatest(today, since)
   where organization_id = place and (until is null or until > today);
  get diagnostics memberships = row_count;
  update public.core_breakglass set closed_at = cg.moment(), closed_by_id = cg.person()
   where district_id = place and closed_at is null;
  delete from public.core_invitation where district_id = place;
  delete from public.core_identity i using public.core_identityprovider p
   where p.id = i.provider_id and i.person_id not in (leaving.asked_by_id, cg.person())
     and p.organization_id in (select cg.place_and_schools(place));
  -- What is left opens the accounts of the two, who may have no other way in, and no account by its address.
  delete from public.core_identityprovider p
   where p.organization_id in (select cg.place_and_schools(place))
     and not exists (select from public.core_identity i where i.provider_id = p.id);
  update public.core_identityprovider set domains = '{}'
   where organization_id in (select cg.place_and_schools(place));
  update public.governance_leaving
     set confirmed_by_id = cg.person(), confirmed_at = cg.moment(),
         ended_counts = jsonb_build_object(
           'roles', roles, 'people', people, 'agreements', agreements, 'memberships', memberships)
   where id = wanted;
end $$;

-- Destroys what is left of the own sign-in of a district that left, once the two read its certificate no more.
create or replace function cg.forget_sign_in(place uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not cg.has_left(place) or exists (
    select from public.governance_leaving l
     where l.place_id = place and (l.confirmed_at at time zone '{time_zone}')::date + 30 >= cg.today()
  ) then return; end if;
  delete from public.core_identity i using public.core_identityprovider p
   where p.id = i.provider_id
     and p.organization_id in (select cg.place_and_schools(place));
  delete from public.core_identityprovider p
   where p.organization_id in (select cg.place_and_schools(place));
end $$;

-- The district of a way out that two people confirmed and that is not finished; refuses otherwise, and while anything is held.
create or replace function cg.confirmed_leaving(wanted uuid) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare place uuid;
begin
  select l.place_id into place from public.governance_leaving l
   where l.id = wanted and l.confirmed_at is not null and l.destroyed_at is null for update;
  if place is null then perform cg.refuse('ended'); end if;
  perform cg.lock_holds(place);
  if exists (select from public.governance_legalhold h where h.owner_id = place and h.ended_at is null) then
    perform cg.refuse('legal_hold');
  end if;
  return place;
end $$;

-- The batches of a leaving district: ids alone, of folders that are to be destroyed and of jobs that are not to run.
create or replace function cg.leaving_batches(wanted uuid) returns uuid[]
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare place uuid := cg.confirmed_leaving(wanted);
begin
  return array(select b.id from public.intake_batch b where b.owner_id = place);
end $$;

-- Destroys what the leaving district owns in one table, but for rows to which another owner's rows point, and counts it.
-- Killed in the middle nothing of this table is gone; asked again, nothing more is.
create or replace function cg.destroy_rows(wanted uuid, target text) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  place uuid := cg.confirmed_leaving(wanted);
  gone bigint;
begin
  if target <> all (cg.tables_to_empty()) then perform cg.refuse('no_such_place'); end if;
  perform pg_advisory_xact_lock(hashtextextended('intake ' || place::text, 0));
  execute format('delete from public.%I t where t.owner_id = $1 and %s', target, cg.pointed_to_by_nothing(target)) using place;
  get diagnostics gone = row_count;
  update public.governance_leaving
     set destroyed_counts = destroyed_counts || jsonb_build_object(
           target, case when cg.told(target) is not null then coalesce((destroyed_counts ->> target)::bigint, 0) + gone end)
   where id = wanted;
  return gone;
end $$;

-- Takes what rows said out of an owner's lines in the ledger of changes, those written before a moment, but for lines about
-- these students, their registrations and their guardians, and about tables of a class that is held; and chains the lines
-- anew from the first link that it touches. Refuses where the chain did not hold before.
-- Answers how many lines, and the heads of the chain before and after: they go into the ledger of events, whose own chain
-- stays as it is, so that nobody can do this unseen. For the functions here and in `retention_scope.sql` alone.
create or replace function cg.take_names_out(
  place uuid, before timestamptz, but_for uuid[], out line_count bigint, out head_before text, out head_after text
) language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  first_touched bigint;
  found_count bigint;
  previous text;
  print text;
  touched record;
  held uuid[] := array(
    select unnest(but_for)
    union select r.id from public.programs_registration r where r.owner_id = place and r.student_id = any (but_for)
    union select g.guardian_id from public.roster_guardianship g where g.owner_id = place and g.student_id = any (but_for)
    union select c.row_id from public.core_change c
     where c.owner_id = place and c.table_name = 'programs_registration' and c.old ->> 'student_id' = any (but_for::text[])
    union select (c.old ->> 'guardian_id')::uuid from public.core_change c
     where c.owner_id = place and c.table_name = 'roster_guardianship' and c.old ->> 'student_id' = any (but_for::text[]));
  held_tables text[] := array(select r.target from cg.retained() r where cg.is_held(place, r.data_class));
  numbers bigint[];
begin
  perform pg_advisory_xact_lock(hashtextextended('chain change', 0));
  select c.fingerprint into head_before from public.core_chainlink c where c.ledger = 'change' order by c.position desc limit 1;
  head_before := coalesce(head_before, '');
  select min(c.number), array_agg(c.number) into first_touched, numbers from public.core_change c
   where c.owner_id = place and c.old is not null and c.at < before
     and c.table_name <> all (held_tables) and c.row_id <> all (held)
     and not exists (
       select from unnest(array['student_id', 'registration_id', 'guardian_id']) k where c.old ->> k = any (held::text[]));
  line_count := 0;
  head_after := head_before;
  if first_touched is null then return; end if;
  for pass in 1..2 loop
    select c.fingerprint into previous from public.core_chainlink c
     where c.ledger = 'change' and c.last_number < first_touched order by c.position desc limit 1;
    previous := coalesce(previous, '');
    for touched in
      select c.* from public.core_chainlink c where c.ledger = 'change' and c.last_number >= first_touched order by c.position
    loop
      select f.line_count, f.fingerprint into found_count, print
        from cg.fingerprint('change', touched.first_number - 1, touched.last_number, previous) f;
      if pass = 1 and (found_count, print) is distinct from (touched.line_count::bigint, touched.fingerprint::text) then
        perform cg.refuse('chain_broken');
      end if;
      if pass = 2 then
        update public.core_chainlink set fingerprint = print where id = touched.id;
        head_after := print;
      end if;
      previous := print;
    end loop;
    if pass = 1 then
      update public.core_change c set old = null
       where c.owner_id = place and c.number = any (numbers);
      get diagnostics line_count = row_count;
    end if;
  end loop;
end $$;

create or replace function cg.forget_names(wanted uuid) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  place uuid := cg.confirmed_leaving(wanted);
  taken record;
begin
  select * into taken from cg.take_names_out(place, 'infinity', '{}');
  if taken.line_count > 0 then
    update public.governance_leaving
       set names_before = case when names_before = '' then taken.head_before else names_before end, names_after = taken.head_after,
           destroyed_counts = destroyed_counts || jsonb_build_object(
             'names', coalesce((destroyed_counts ->> 'names')::bigint, 0) + taken.line_count)
     where id = wanted;
  end if;
  return taken.line_count;
end $$;

-- Asks every table that has an owner what the district still owns there, and closes the way out when that is nothing but
-- what stays and public rows to which others point. Refuses with rows_left otherwise.
create or replace function cg.finish_leaving(wanted uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  place uuid := cg.confirmed_leaving(wanted);
  left_over jsonb := '{}';
  one record;
  found bigint;
begin
  for one in select t.name from cg.owned_tables() t loop
    execute format('select count(*) from public.%I where owner_id = $1', one.name) into found using place;
    if found > 0 then
      if not cg.stays(one.name) and not exists (
        select from pg_catalog.pg_policies p where p.schemaname = 'public' and p.tablename = one.name and p.policyname = 'public'
      ) then perform cg.refuse('rows_left'); end if;
      execute format('select count(*) from public.%I t where t.owner_id = $1 and %s', one.name, cg.told(one.name))
        into found using place;
      left_over := left_over || jsonb_build_object(one.name, found);
    end if;
  end loop;
  if exists (select from public.core_change c where c.owner_id = place and c.old is not null) then
    perform cg.refuse('rows_left');
  end if;
  update public.governance_leaving l
     set destroyed_at = cg.moment(), kept_counts = left_over,
         digest = encode(sha256(convert_to(coalesce((
           select string_agg(d.key || ' ' || coalesce(d.value, 'not told'), E'\n' order by d.key collate "C")
             from jsonb_each_text(l.destroyed_counts) d), ''), 'UTF8')), 'hex')
   where l.id = wanted;
end $$;
