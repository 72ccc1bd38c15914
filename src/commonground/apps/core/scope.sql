-- Who may see what, answered by the database alone. Every function here belongs to cg_scope after `raise_walls`,
-- runs with that role's rights, and is called once per query, as an init plan.

-- What a test says the time is; null in production, where nobody belongs to the role cg_clock and the setting means nothing.
create or replace function cg.moved_clock() returns text language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare moved text := nullif(current_setting('cg.clock', true), '');
begin
  if moved is not null and not exists (
    select from pg_catalog.pg_auth_members m
      join pg_catalog.pg_roles clock on clock.oid = m.roleid
      join pg_catalog.pg_roles login on login.oid = m.member
     where clock.rolname = 'cg_clock' and login.rolname = session_user
  ) then
    moved := null;
  end if;
  return moved;
end $$;

create or replace function cg.today() returns date language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce(cg.moved_clock()::date, (now() at time zone '{time_zone}')::date);
end $$;

-- This moment, by the same clock.
create or replace function cg.moment() returns timestamptz language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce(cg.moved_clock()::timestamptz, clock_timestamp());
end $$;

create or replace function cg.person() returns uuid language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare who uuid := nullif(current_setting('cg.user', true), '')::uuid;
begin
  if who is null then
    raise exception 'nobody has entered: call store.walls.enter first' using errcode = 'insufficient_privilege';
  end if;
  return who;
end $$;

-- The role grants of the acting person that hold today, for people whose account is active.
create or replace function cg.grants() returns table (role text, organization_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with day as materialized (select cg.today() as today)
  select g.role::text, g.organization_id
    from day join public.core_rolegrant g on g.since <= day.today and (g.until is null or g.until > day.today)
    join public.core_person p on p.id = g.person_id
   where g.person_id = cg.person() and p.is_active
$$;

-- The organizations that an agreement opens to the acting person today. The day is asked once, not once for each agreement:
-- every query on a walled table waits for this answer.
create or replace function cg.agreements(wanted text) returns table (owner_id uuid, agreement_id uuid, organization_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with day as materialized (select cg.today() as today)
  select a.owner_id, a.id, g.organization_id
    from day cross join cg.grants() g
    join public.core_rolescope s
      on s.role = g.role and s.category = wanted and s.form = 'agreement' and s.access = 'read'
    join public.core_agreement a
      on a.collaborative_id = g.organization_id and wanted = any (a.categories)
     and a.signed_on <= day.today and a.since <= day.today and a.until > day.today
   where exists (
     select from public.core_membership m
      where m.collaborative_id = g.organization_id and m.organization_id = a.owner_id
        and m.since <= day.today and (m.until is null or m.until > day.today))
$$;

-- Districts that an emergency access opens to the acting person at this moment: approved by somebody else, not closed, not
-- run out, and only while the person still operates the system.
create or replace function cg.broken_glass(wanted text) returns table (district_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select b.district_id
    from public.core_breakglass b
   where b.person_id = cg.person() and wanted = any (b.categories)
     and b.approved_by_id is not null and b.closed_at is null and b.until > cg.moment()
     and exists (select from cg.grants() g where g.role = 'operator')
$$;

-- Whether the district left for good: two of its people confirmed it, and it has not joined again. Nothing is written for it.
create or replace function cg.has_left(place uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from public.governance_leaving l where l.place_id = place and l.confirmed_at is not null)
     and not exists (
       select from public.core_membership m
        where m.organization_id = place and (m.until is null or m.until > cg.today()))
$$;

-- Owners whose rows of this category the person may read (or write) as a whole.
create or replace function cg.owners(wanted text, wanted_access text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct owner), '{}') from (
    select g.organization_id as owner
      from cg.grants() g
      join public.core_rolescope s
        on s.role = g.role and s.category = wanted and s.form = 'organization' and s.access = wanted_access
     where wanted_access = 'read' or not cg.has_left(g.organization_id)
    union all
    select a.owner_id from cg.agreements(wanted) a where wanted_access = 'read'
    union all
    select b.district_id from cg.broken_glass(wanted) b where wanted_access = 'read'
  ) found
$$;

-- Schools whose rows of this category the person may read.
create or replace function cg.schools(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct g.organization_id), '{}')
    from cg.grants() g
    join public.core_rolescope s
      on s.role = g.role and s.category = wanted and s.form = 'school' and s.access = 'read'
$$;

-- Whether one of the person's roles opens this category by this form, for reading or for writing.
create or replace function cg.allows(wanted text, wanted_form text, wanted_access text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from cg.grants() g
      join public.core_rolescope s
        on s.role = g.role and s.category = wanted and s.form = wanted_form and s.access = wanted_access)
$$;

create or replace function cg.shows(wanted text, wanted_form text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select cg.allows(wanted, wanted_form, 'read') $$;

-- The triggers below keep rows as they were; with the argument 'sealed' only that a row changed, never what it said.

create or replace function cg.keep_update() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.core_change (owner_id, table_name, row_id, operation, old, batch_id, person_id, purpose, at)
  select coalesce(o.owner_id, o.id), tg_table_name, o.id, 'U', case when tg_nargs = 0 then to_jsonb(o) end,
         nullif(current_setting('cg.batch', true), '')::uuid, nullif(current_setting('cg.user', true), '')::uuid,
         coalesce(current_setting('cg.purpose', true), ''), clock_timestamp()
    from old_rows o;
  return null;
end $$;

create or replace function cg.keep_delete() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.core_change (owner_id, table_name, row_id, operation, old, batch_id, person_id, purpose, at)
  select coalesce(o.owner_id, o.id), tg_table_name, o.id, 'D', case when tg_nargs = 0 then to_jsonb(o) end,
         nullif(current_setting('cg.batch', true), '')::uuid, nullif(current_setting('cg.user', true), '')::uuid,
         coalesce(current_setting('cg.purpose', true), ''), clock_timestamp()
    from old_rows o;
  return null;
end $$;

create or replace function cg.keep_insert() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
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
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO' as $$
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

-- Roles and memberships are written by these functions alone, as the acting person; each refuses with a word that
-- `core.asking` turns into a sentence.

create or replace function cg.refuse(word text) returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'refused: %', word using errcode = 'CG001';
end $$;

-- How the acting person may give the role at the organization: here, parts, first, or null.
create or replace function cg.may_give(wanted text, place uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select v.reach
    from cg.grants() g
    join public.core_rolegiving v on v.giver = g.role and v.role = wanted
    join public.core_organization o on o.id = place and o.kind = v.kind and o.ended_on is null
   where (v.reach = 'here' and g.organization_id = place)
      or (v.reach = 'parts' and o.owner_id = g.organization_id)
      or (v.reach = 'first'
          and exists (
            select from public.core_membership m
             where m.collaborative_id = g.organization_id and m.organization_id = place
               and m.since <= cg.today() and (m.until is null or m.until > cg.today()))
          and not exists (
            select from public.core_rolegrant r join public.core_person p on p.id = r.person_id
             where r.organization_id = place and r.role = wanted
               and (p.is_active or p.last_login is not null or r.until is null or r.until > cg.today()))
          -- Whose records are here already is led by whom the operator names, not by the collaborative.
          and not exists (select from public.roster_student s where s.owner_id = place)
          and not exists (select from public.roster_guardian s where s.owner_id = place)
          and not exists (select from public.roster_staffmember s where s.owner_id = place))
   order by v.reach limit 1
$$;

-- Whether the acting person may give what this grant gives; or gave it as who names a member's first coordinator.
create or replace function cg.answers_for(grant_id uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.core_rolegrant r
     where r.id = grant_id
       and (coalesce(cg.may_give(r.role, r.organization_id), '') in ('here', 'parts')
            or (r.granted_by_id = cg.person() and exists (
                  select from cg.grants() g
                    join public.core_rolegiving v on v.giver = g.role and v.role = r.role and v.reach = 'first'
                    join public.core_membership m
                      on m.collaborative_id = g.organization_id and m.organization_id = r.organization_id
                     and m.since <= cg.today() and (m.until is null or m.until > cg.today())))))
$$;

-- Whether the acting person may make a way in to this account, which opens everything that it holds: it is closed, sees no
-- own children, and each role that it ever held is one this person answers for.
create or replace function cg.may_let_in(someone uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from public.core_person p where p.id = someone and not p.is_active)
     and exists (select from public.core_rolegrant r where r.person_id = someone)
     and not exists (
       select from public.core_rolegrant r
        where r.person_id = someone and (r.role = 'family' or not cg.answers_for(r.id)))
$$;

-- Why this account takes no role of the acting person's giving, null where it does. It does where it is new; where each of
-- its roles as staff is one this person answers for; or where its person opened a mailed link, so that the address is theirs.
create or replace function cg.unproven(someone uuid) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case
      when not exists (select from public.core_rolegrant r where r.person_id = someone)
        then case when p.is_active then 'unproven' end
      when not exists (select from public.core_rolegrant r where r.person_id = someone and r.role <> 'family')
        then 'family_account'
      when not exists (
        select from public.core_rolegrant r where r.person_id = someone and r.role <> 'family' and not cg.answers_for(r.id))
        then null
      when p.is_active and exists (
        select from public.core_invitation i
         where i.person_id = someone and i.mailed_at is not null and i.used_at is not null)
        then null
      else 'unproven' end
    from public.core_person p where p.id = someone
$$;

-- Whether somebody holds the role there on a day from the first up to (not including) the last, null for no end; by another
-- grant than `but`. One that ended on or before its first day is held on none.
create or replace function cg.holds_between(someone uuid, wanted text, place uuid, first_day date, last_day date, but uuid)
returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.core_rolegrant r
     where r.person_id = someone and r.role = wanted and r.organization_id = place and r.id is distinct from but
       and (r.until is null or r.until > greatest(r.since, first_day)) and (last_day is null or r.since < last_day))
$$;

create or replace function cg.give_role(someone uuid, wanted text, place uuid, first_day date, last_day date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  made uuid;
  doubt text;
begin
  perform pg_advisory_xact_lock(hashtextextended(place::text, 1));
  if someone = cg.person() then perform cg.refuse('self'); end if;
  if cg.may_give(wanted, place) is null then
    if exists (
      select from cg.grants() g
        join public.core_rolegiving v on v.giver = g.role and v.role = wanted and v.reach = 'first'
        join public.core_membership m on m.collaborative_id = g.organization_id and m.organization_id = place
    ) then perform cg.refuse('not_first'); end if;
    perform cg.refuse('not_yours');
  end if;
  -- A family comes in by the password of the account, which proves it.
  if wanted <> 'family' then
    doubt := cg.unproven(someone);
    if doubt is not null then perform cg.refuse(doubt); end if;
  end if;
  if first_day < cg.today() or last_day <= first_day then perform cg.refuse('days'); end if;
  if cg.holds_between(someone, wanted, place, first_day, last_day, null) then perform cg.refuse('held'); end if;
  insert into public.core_rolegrant (id, person_id, role, organization_id, since, until, granted_by_id)
  -- Always a line of its own: what hung on a role that ended does not come back with the next one.
  values (gen_random_uuid(), someone, wanted, place, first_day, last_day, cg.person())
  returning id into made;
  return made;
end $$;

-- Whether the acting person may end or change this grant: whoever may give it; who gave it, until it was first used; and
-- everybody the own.
create or replace function cg.may_end(grant_id uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.core_rolegrant r join public.core_person p on p.id = r.person_id
     where r.id = grant_id
       and (r.person_id = cg.person()
            or coalesce(cg.may_give(r.role, r.organization_id), '') in ('here', 'parts')
            or (r.granted_by_id = cg.person() and p.last_login is null)))
$$;

-- Whether somebody else with an open account holds the role there from that day on.
create or replace function cg.is_last_owner(grant_id uuid, last_day date) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.core_rolegrant r
      join public.core_organization o on o.id = r.organization_id
      join public.core_rolegiving v on v.giver = r.role and v.role = r.role and v.reach = 'here' and v.kind = o.kind
      join public.core_person p on p.id = r.person_id
     where r.id = grant_id and p.is_active
       and not exists (
         select from public.core_rolegrant other join public.core_person q on q.id = other.person_id
          where other.organization_id = r.organization_id and other.role = r.role and other.id <> r.id
            and other.person_id <> r.person_id and q.is_active
            and other.since <= last_day and (other.until is null or other.until > last_day)))
$$;

-- The role ends: last_day is the first day on which it is no longer held.
create or replace function cg.end_role(grant_id uuid, last_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare held public.core_rolegrant;
begin
  perform pg_advisory_xact_lock(hashtextextended(organization_id::text, 1)) from public.core_rolegrant where id = grant_id;
  select * into held from public.core_rolegrant where id = grant_id for update;
  if not cg.may_end(grant_id) then perform cg.refuse('not_yours'); end if;
  if held.until <= cg.today() then perform cg.refuse('ended'); end if;
  -- An end only ever comes earlier: nobody lengthens a role by ending it.
  if last_day < cg.today() or last_day >= held.until then perform cg.refuse('days'); end if;
  if cg.is_last_owner(grant_id, last_day) then perform cg.refuse('last_owner'); end if;
  update public.core_rolegrant
     set until_before = until, until = greatest(last_day, since), ended_by_id = cg.person(), ended_at = clock_timestamp()
   where id = grant_id;
end $$;

-- A role goes on until another day, or without end (null): for those who may give it to others.
create or replace function cg.extend_role(grant_id uuid, last_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare held public.core_rolegrant;
begin
  perform pg_advisory_xact_lock(hashtextextended(organization_id::text, 1)) from public.core_rolegrant where id = grant_id;
  select * into held from public.core_rolegrant where id = grant_id for update;
  if coalesce(cg.may_give(held.role, held.organization_id), '') not in ('here', 'parts') then perform cg.refuse('not_yours'); end if;
  if held.person_id = cg.person() then perform cg.refuse('self'); end if;
  if held.until is null or held.until <= cg.today() then perform cg.refuse('ended'); end if;
  if last_day <= held.until then perform cg.refuse('days'); end if;
  if cg.holds_between(held.person_id, held.role, held.organization_id, held.since, last_day, held.id) then
    perform cg.refuse('held');
  end if;
  update public.core_rolegrant set until = last_day, until_before = null, ended_by_id = null, ended_at = null where id = grant_id;
end $$;

-- Takes back an end that the acting person made within the last day.
create or replace function cg.reopen_role(grant_id uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(organization_id::text, 1)) from public.core_rolegrant where id = grant_id;
  if exists (
    select from public.core_rolegrant r
     where r.id = grant_id and cg.may_end(grant_id)
       and cg.holds_between(r.person_id, r.role, r.organization_id, r.since, r.until_before, r.id)
  ) then perform cg.refuse('held'); end if;
  update public.core_rolegrant
     set until = until_before, until_before = null, ended_by_id = null, ended_at = null
   where id = grant_id and ended_by_id = cg.person() and ended_at > clock_timestamp() - interval '1 day'
     and (until_before is null or until_before > cg.today()) and cg.may_end(grant_id);
  if not found then perform cg.refuse('not_yours'); end if;
end $$;

-- Whether the acting person directs the collaborative or joint-powers body.
create or replace function cg.directs(house uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from cg.grants() g join public.core_organization o on o.id = g.organization_id
     where g.organization_id = house and g.role = 'director' and o.kind in ('collaborative', 'joint_powers'))
$$;

create or replace function cg.name_house(house uuid, new_name text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not cg.directs(house) then perform cg.refuse('not_yours'); end if;
  update public.core_organization set name = new_name where id = house;
end $$;

create or replace function cg.join_house(house uuid, place uuid, terms text, first_day date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare made uuid;
begin
  if not cg.directs(house) then perform cg.refuse('not_yours'); end if;
  if not exists (
    select from public.core_organization o
     where o.id = place and o.owner_id is null and o.ended_on is null and o.kind <> 'collaborative' and o.id <> house
  ) then perform cg.refuse('no_such_place'); end if;
  if exists (
    select from public.governance_leaving l
     where l.place_id = place and l.confirmed_at is not null and l.destroyed_at is null
  ) then perform cg.refuse('being_destroyed'); end if;
  update public.core_membership set standing = terms
   where collaborative_id = house and organization_id = place and (until is null or until > greatest(since, first_day))
  returning id into made;
  if made is null then
    insert into public.core_membership (id, collaborative_id, organization_id, standing, since)
    values (gen_random_uuid(), house, place, terms, first_day)
    on conflict (collaborative_id, organization_id, since) do update set standing = excluded.standing, until = null
    returning id into made;
  end if;
  return made;
end $$;

-- The membership ends: last_day is the first day on which the organization no longer belongs to the collaborative. Its
-- agreements with the house end with it: whoever adds it again opens nothing before its coordinator signs anew.
create or replace function cg.leave_house(house uuid, place uuid, last_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not cg.directs(house) then perform cg.refuse('not_yours'); end if;
  if last_day < cg.today() then perform cg.refuse('days'); end if;
  update public.core_membership set until = greatest(last_day, since)
   where collaborative_id = house and organization_id = place and (until is null or until > last_day);
  if not found then perform cg.refuse('ended'); end if;
  update public.core_agreement
     set until = greatest(last_day, since), ended_by_id = cg.person(), ended_at = clock_timestamp()
   where owner_id = place and collaborative_id = house and until > last_day;
end $$;

-- Whether the acting person coordinates the district: signs for it, and owns its records.
create or replace function cg.coordinates(place uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from cg.grants() g where g.organization_id = place and g.role = 'coordinator')
$$;

-- Either party writes down what is to be shared; it opens nothing before the district's coordinator signs it.
create or replace function cg.draft_agreement(
  place uuid, house uuid, kinds text[], wanted_ground text, wanted_purpose text, first_day date, last_day date, gone_by date
) returns uuid language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare made uuid := gen_random_uuid();
begin
  if not (cg.directs(house) or cg.coordinates(place)) then perform cg.refuse('not_yours'); end if;
  if not exists (
    select from public.core_membership m
     where m.collaborative_id = house and m.organization_id = place and (m.until is null or m.until > cg.today())
  ) then perform cg.refuse('no_member'); end if;
  if last_day <= first_day or last_day <= cg.today() or gone_by < last_day then perform cg.refuse('days'); end if;
  insert into public.core_agreement (id, owner_id, collaborative_id, categories, ground, purpose, since, until, destroy_by,
                                     signed_by, house_signed_by, written_by_id)
  values (made, place, house, kinds, wanted_ground, wanted_purpose, first_day, last_day, gone_by, '', '', cg.person());
  return made;
end $$;

create or replace function cg.sign_agreement(agreement uuid, district_signer text, house_signer text, day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if day > cg.today() then perform cg.refuse('days'); end if;
  update public.core_agreement set signed_on = day, signed_by = district_signer, house_signed_by = house_signer
   where id = agreement and signed_on is null and ended_at is null and cg.coordinates(owner_id);
  if not found then perform cg.refuse('not_yours'); end if;
end $$;

-- last_day: the first day on which it opens nothing any more.
create or replace function cg.end_agreement(agreement uuid, last_day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if last_day < cg.today() then perform cg.refuse('days'); end if;
  update public.core_agreement
     set until = greatest(last_day, since), ended_by_id = cg.person(), ended_at = clock_timestamp()
   where id = agreement and until > last_day and (cg.coordinates(owner_id) or cg.directs(collaborative_id));
  if not found then perform cg.refuse('not_yours'); end if;
end $$;

-- The agreements of which one of the person's organizations is the other party.
create or replace function cg.parties(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct a.id), '{}')
    from cg.grants() g
    join public.core_rolescope s on s.role = g.role and s.category = wanted and s.form = 'party' and s.access = 'read'
    join public.core_agreement a on a.collaborative_id = g.organization_id
$$;

-- Emergency access: asked by an operator with a reason, approved by another operator or the director of the same house.

create or replace function cg.ask_break_glass(place uuid, kinds text[], why text) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare made uuid := gen_random_uuid();
begin
  if not exists (select from cg.grants() g where g.role = 'operator') then perform cg.refuse('not_yours'); end if;
  if length(btrim(why)) < 20 then perform cg.refuse('reason'); end if;
  if not exists (select from public.core_organization o where o.id = place and o.kind = 'district') then
    perform cg.refuse('no_such_place');
  end if;
  if not exists (
    select from cg.grants() g
      join public.core_membership m
        on m.collaborative_id = g.organization_id and m.organization_id = place
       and m.since <= cg.today() and (m.until is null or m.until > cg.today())
     where g.role = 'operator'
  ) then perform cg.refuse('no_member'); end if;
  if not coalesce(kinds <@ array['roster', 'contact', 'staff'] and cardinality(kinds) > 0, false) then
    perform cg.refuse('kinds');
  end if;
  insert into public.core_breakglass (id, person_id, district_id, categories, reason, asked_at)
  values (made, cg.person(), place, kinds, btrim(why), cg.moment());
  return made;
end $$;

-- Whether two accounts are two people, for what one person must not do alone, among who holds these roles. Nobody makes a
-- second self: neither let the other in, also not through somebody between; and nobody let both in who holds or held such a
-- role where they do. Who gives the role lets in, and who printed the code or set up the sign-in that first opened the
-- account; not the operator, whose giving stands without a name, and not a director who names a district's coordinators.
-- And somebody signed in to each account at least seven days ago; the demonstration's invented people have no such past.
create or replace function cg.are_two_people(one uuid, other uuid, wanted text[]) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with recursive letting_in as materialized (
    select r.person_id as taker, r.granted_by_id as giver from public.core_rolegrant r where r.role = any (wanted)
    union
    select i.person_id, i.made_by_id from public.core_invitation i where i.used_at is not null
    union
    select linked.person_id, saved.person_id
      from public.core_event linked
      join public.core_event saved
        on saved.kind = 'provider.saved' and saved.detail ->> 'provider' = linked.detail ->> 'provider'
     where linked.kind = 'account.identity_linked' and linked.detail ->> 'way' = 'address'
       and not exists (
         select from public.core_invitation i where i.person_id = linked.person_id and i.used_at < linked.at)
  ), line as (
    select p.id as person_id, p.id as ancestor from public.core_person p where p.id in (one, other)
    union
    select l.person_id, i.giver
      from line l
      join letting_in i on i.taker = l.ancestor
     where exists (
       select from public.core_rolegrant held
         join public.core_rolegrant theirs on theirs.organization_id = held.organization_id and theirs.role = any (wanted)
        where held.person_id = l.ancestor and held.role = any (wanted) and theirs.person_id = i.giver)
  )
  select not exists (
      select from line mine join line yours on yours.ancestor = mine.ancestor
       where mine.person_id = one and yours.person_id = other)
     and 2 = (
       select count(*) from public.core_person p
        where p.id in (one, other) and p.is_active
          and (p.is_invented or exists (
                 select from public.core_event e
                  where e.kind = 'account.signed_in' and e.person_id = p.id
                    and (e.at at time zone '{time_zone}')::date <= cg.today() - 7)))
$$;

-- Whether the acting person and this operator are two people who work for the same house, of which the district is a member
-- today, and both have held their role for seven days.
create or replace function cg.stands_apart(asker uuid, place uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with held as (
    select r.* from public.core_rolegrant r
     where r.person_id in (asker, cg.person()) and r.since <= cg.today() - 7 and (r.until is null or r.until > cg.today()))
  select exists (
      select from held mine
        join held theirs
          on theirs.organization_id = mine.organization_id and theirs.person_id = asker and theirs.role = 'operator'
        join public.core_membership m
          on m.collaborative_id = mine.organization_id and m.organization_id = place
         and m.since <= cg.today() and (m.until is null or m.until > cg.today())
       where mine.person_id = cg.person() and mine.role in ('operator', 'director'))
     and cg.are_two_people(asker, cg.person(), '{operator,director}')
$$;

create or replace function cg.approve_break_glass(asked uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found public.core_breakglass; moment timestamptz := cg.moment();
begin
  select * into found from public.core_breakglass where id = asked for update;
  if found.id is null then perform cg.refuse('not_yours'); end if;
  if found.person_id = cg.person() then perform cg.refuse('second_person'); end if;
  if not exists (
    select from cg.grants() mine
      join public.core_rolegrant theirs
        on theirs.organization_id = mine.organization_id and theirs.person_id = found.person_id and theirs.role = 'operator'
       and theirs.since <= cg.today() and (theirs.until is null or theirs.until > cg.today())
     where mine.role in ('operator', 'director')
  ) then perform cg.refuse('not_yours'); end if;
  if not cg.stands_apart(found.person_id, found.district_id) then perform cg.refuse('not_apart'); end if;
  if found.approved_by_id is not null or found.closed_at is not null or found.asked_at < cg.moment() - interval '1 day' then
    perform cg.refuse('ended');
  end if;
  update public.core_breakglass
     set approved_by_id = cg.person(), approved_at = moment, until = moment + interval '4 hours'
   where id = asked;
end $$;

-- Closed at once by who asked, by who approves, or by the district's own coordinator.
create or replace function cg.close_break_glass(asked uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.core_breakglass b set closed_at = cg.moment(), closed_by_id = cg.person()
   where b.id = asked and b.closed_at is null
     and (b.person_id = cg.person() or cg.coordinates(b.district_id)
          or exists (
            select from cg.grants() mine
              join public.core_rolegrant theirs
                on theirs.organization_id = mine.organization_id and theirs.person_id = b.person_id and theirs.role = 'operator'
             where mine.role in ('operator', 'director')));
  if not found then perform cg.refuse('not_yours'); end if;
end $$;

-- Sign-in with an organization's own accounts. A way in opens everything that an account holds, so a provider speaks for an
-- account only where each role that it holds, today or later (ever: or held before), is held at the provider's own
-- organization or a school of it. It never speaks for a family: a family chooses its address, and nobody has shown whose it is.

create or replace function cg.provider_speaks_for(provider uuid, someone uuid, ever boolean) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.core_identityprovider i
      join public.core_organization o on o.id = i.organization_id and o.ended_on is null
     where i.id = provider and i.is_on
       and exists (
         select from public.core_rolegrant r
          where r.person_id = someone and r.since <= cg.today() and (r.until is null or r.until > cg.today()))
       and not exists (
         select from public.core_rolegrant r join public.core_organization place on place.id = r.organization_id
          where r.person_id = someone and (ever or r.until is null or r.until > cg.today())
            and (r.role = 'family'
                 or (place.id <> i.organization_id and place.owner_id is distinct from i.organization_id))))
$$;

-- Whether the acting person may come in, or go on coming in, by this provider.
create or replace function cg.may_come_by(provider uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from public.core_person p where p.id = cg.person() and p.is_active)
     and cg.provider_speaks_for(provider, cg.person(), false)
$$;

-- The provider's account with this subject opens the acting person's account from now on. by_mail: nobody is signed in, and
-- the provider's word for the address is all there is. Then the address must be of a domain that the provider speaks for,
-- and the account either have a second step of its own, or have been invited and never opened.
create or replace function cg.link_identity(provider uuid, wanted_subject text, by_mail boolean) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  here public.core_identityprovider;
  held public.core_person;
begin
  perform pg_advisory_xact_lock(hashtextextended(cg.person()::text, 2));
  select * into here from public.core_identityprovider where id = provider;
  select * into held from public.core_person where id = cg.person();
  if not cg.provider_speaks_for(provider, held.id, not held.is_active) then perform cg.refuse('not_this_way'); end if;
  if by_mail then
    if substring(lower(held.email) from '[^@]*$') <> all (here.domains) then perform cg.refuse('not_this_way'); end if;
    if held.is_active then
      if not exists (select from public.mfa_authenticator a where a.user_id = held.id and a.type in ('totp', 'webauthn'))
        then perform cg.refuse('not_this_way'); end if;
    elsif held.last_login is not null or not exists (
      select from public.core_invitation i
       where i.person_id = held.id and i.used_at is null and i.expires_at > cg.moment())
      then perform cg.refuse('not_this_way');
    end if;
  elsif not held.is_active then
    perform cg.refuse('not_this_way');
  end if;
  insert into public.core_identity (id, provider_id, issuer, subject, person_id, linked_at)
  values (gen_random_uuid(), provider, here.issuer, wanted_subject, held.id, clock_timestamp())
  on conflict do nothing;
  if not found then perform cg.refuse('identity_taken'); end if;
end $$;

create or replace function cg.unlink_identity(provider uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.core_identity where provider_id = provider and person_id = cg.person();
  if not found then perform cg.refuse('ended'); end if;
end $$;

-- Writes down (provider null) or changes a provider of an organization that the acting person leads. An empty secret keeps
-- the stored one only for the same issuer and client: no secret is ever sent elsewhere. Another issuer's accounts are others.
create or replace function cg.save_provider(
  provider uuid, place uuid, label text, wanted_issuer text, client text, secret text, mail_domains text[], shown boolean
) returns uuid language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  made uuid;
  before public.core_identityprovider;
begin
  if not (cg.directs(place) or cg.coordinates(place)) then perform cg.refuse('not_yours'); end if;
  if provider is null then
    if shown and (client = '' or secret = '') then perform cg.refuse('provider_bare'); end if;
    insert into public.core_identityprovider
      (id, organization_id, name, issuer, client_id, sealed_secret, domains, is_on, changed_by_id, changed_at)
    values (gen_random_uuid(), place, label, wanted_issuer, client, secret, mail_domains, shown, cg.person(), clock_timestamp())
    returning id into made;
    return made;
  end if;
  select * into before from public.core_identityprovider where id = provider for update;
  if before.organization_id is distinct from place then perform cg.refuse('not_yours'); end if;
  if secret = '' and before.issuer = wanted_issuer and before.client_id = client then secret := before.sealed_secret; end if;
  if shown and (client = '' or secret = '') then perform cg.refuse('provider_bare'); end if;
  if before.issuer <> wanted_issuer then delete from public.core_identity where provider_id = provider; end if;
  update public.core_identityprovider
     set name = label, issuer = wanted_issuer, client_id = client, sealed_secret = secret, domains = mail_domains,
         is_on = shown, changed_by_id = cg.person(), changed_at = clock_timestamp()
   where id = provider;
  return provider;
end $$;

create or replace function cg.remove_provider(provider uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare before public.core_identityprovider;
begin
  select * into before from public.core_identityprovider where id = provider for update;
  if before.id is null or not (cg.directs(before.organization_id) or cg.coordinates(before.organization_id)) then
    perform cg.refuse('not_yours');
  end if;
  if before.is_on then perform cg.refuse('provider_on'); end if;
  delete from public.core_identity where provider_id = provider;
  delete from public.core_identityprovider where id = provider;
end $$;
