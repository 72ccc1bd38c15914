-- Which children a person walks beside today, and the only ways in which caseloads and notes are written.

-- The children given to the acting person by a role in force today that shows this category by the form 'caseload': of the
-- district where the role is held; or of a district that today shares the category with the house where it is held, as
-- with a school official or by the families' consent: a study or an audit gives nobody a child to walk beside. The days of
-- the relationship and its notes, which no agreement names, follow the students. A child whom the district's file no
-- longer holds is not there. within: whether the role is held in the child's own district.
drop function if exists cg.caseload(text, text);
create or replace function cg.caseload(wanted text, wanted_access text)
returns table (owner_id uuid, student_id uuid, since date, within boolean)
language sql stable security definer rows 10 set search_path = pg_catalog, pg_temp as $$
  select c.owner_id, c.student_id, c.since, c.owner_id = coalesce(place.owner_id, place.id)
    from cg.grants() g
    join public.core_rolescope s
      on s.role = g.role and s.category = wanted and s.form = 'caseload' and s.access = wanted_access
    join public.core_organization place on place.id = g.organization_id
    join public.core_rolegrant r
      on r.person_id = cg.person() and r.role = g.role and r.organization_id = g.organization_id
     and r.since <= (select cg.today()) and (r.until is null or r.until > (select cg.today()))
    join public.mentoring_caseload c
      on c.grant_id = r.id and c.since <= (select cg.today()) and (c.until is null or c.until > (select cg.today()))
    join public.roster_student child
      on child.owner_id = c.owner_id and child.id = c.student_id
     and (child.ended_on is null or child.ended_on > (select cg.today()))
   where c.owner_id = coalesce(place.owner_id, place.id)
      or (c.owner_id, place.id) in (
           select x.owner_id, x.house_id
             from cg.lending(case when wanted in ('caseload', 'notes') then 'roster' else wanted end) x)
$$;

-- Gives a child of a district that the acting person coordinates to somebody with a role there, or at a house with which
-- the district shares its students today. day_after: the first day on which it holds no more, null for none.
create or replace function cg.give_child(child uuid, role_grant uuid, first_day date, day_after date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  district uuid := (select s.owner_id from public.roster_student s where s.id = child and s.ended_on is null);
  held record;
  made uuid := gen_random_uuid();
begin
  if district is null or district <> all (cg.owners('caseload', 'write')) then perform cg.refuse('not_yours'); end if;
  perform pg_advisory_xact_lock(hashtextextended('caseload ' || child::text, 0));
  select r.*, coalesce(o.owner_id, o.id) as district_id into held
    from public.core_rolegrant r join public.core_organization o on o.id = r.organization_id
   where r.id = role_grant
     and exists (
       select from public.core_rolescope s
        where s.role = r.role and s.category = 'roster' and s.form = 'caseload' and s.access = 'read');
  if held.id is null or held.since > first_day or held.until <= first_day then perform cg.refuse('no_caseload_role'); end if;
  if held.district_id <> district and not exists (
    select from cg.lending('roster') x where x.owner_id = district and x.house_id = held.organization_id
  ) then perform cg.refuse('no_caseload_role'); end if;
  if held.person_id = cg.person() then perform cg.refuse('own_caseload'); end if;
  if first_day < cg.today() or day_after <= first_day then perform cg.refuse('days'); end if;
  if exists (
    select from public.mentoring_caseload c
      join public.core_rolegrant r on r.id = c.grant_id and r.person_id = held.person_id
     where c.student_id = child and c.owner_id = district
       and c.since < coalesce(c.until, 'infinity') and (day_after is null or c.since < day_after)
       and coalesce(least(c.until, r.until), 'infinity') > first_day
  ) then perform cg.refuse('beside_already'); end if;
  insert into public.mentoring_caseload (id, owner_id, student_id, grant_id, since, until, given_by_id, given_at)
  values (made, district, child, held.id, first_day, day_after, cg.person(), cg.moment());
  return made;
end $$;

-- Ends a line; on `day_after`, today at the soonest, it holds no more. One that has not begun never holds.
create or replace function cg.end_caseload(line uuid, day_after date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found_line public.mentoring_caseload;
begin
  select * into found_line from public.mentoring_caseload c where c.id = line for update;
  if found_line.id is null or found_line.owner_id <> all (cg.owners('caseload', 'write')) then
    perform cg.refuse('not_yours');
  end if;
  if found_line.until <= greatest(cg.today(), found_line.since) then perform cg.refuse('ended'); end if;
  if day_after < cg.today() then perform cg.refuse('days'); end if;
  update public.mentoring_caseload
     set until = greatest(day_after, since), ended_by_id = cg.person(), ended_at = cg.moment()
   where id = line;
end $$;

-- Refuses a day of a meeting that is not in the acting person's time with the child.
create or replace function cg.stands_beside(child uuid, met date) returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare beside record;
begin
  select c.owner_id, min(c.since) as since into beside
    from cg.caseload('notes', 'write') c where c.student_id = child group by c.owner_id;
  if beside.owner_id is null then perform cg.refuse('not_yours'); end if;
  if met > cg.today() or met < beside.since then perform cg.refuse('day_of_meeting'); end if;
  return beside.owner_id;
end $$;

-- Children beside whom the acting person walks today by a role in the child's own district.
create or replace function cg.beside_within() returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct c.student_id), '{}') from cg.caseload('notes', 'read') c where c.within
$$;

-- made: the id of the new note, chosen by the page. One that is sent twice is written once.
drop function if exists cg.write_note(uuid, date, text, text);
create or replace function cg.write_note(
  made uuid, child uuid, met date, talked text, wanted_step text, wanted_reach text
) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare district uuid := cg.stands_beside(child, met);
begin
  insert into public.mentoring_note (id, owner_id, student_id, author_id, met_on, talked_about, next_step, reach, written_at)
  values (made, district, child, cg.person(), met, btrim(talked), btrim(wanted_step), wanted_reach, cg.moment())
  on conflict (id) do nothing;
  if not exists (
    select from public.mentoring_note n where n.id = made and n.author_id = cg.person() and n.student_id = child
  ) then perform cg.refuse('not_yours'); end if;
  return made;
end $$;

-- The acting person's own note about a child beside whom they walk today, locked.
create or replace function cg.own_note(wanted uuid) returns public.mentoring_note
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found_note public.mentoring_note;
begin
  select n.* into found_note from public.mentoring_note n where n.id = wanted and n.author_id = cg.person() for update;
  if found_note.id is null
    or not exists (select from cg.caseload('notes', 'write') c where c.student_id = found_note.student_id)
  then perform cg.refuse('not_yours'); end if;
  if found_note.struck_at is not null then perform cg.refuse('ended'); end if;
  return found_note;
end $$;

drop function if exists cg.correct_note(uuid, date, text, text);
create or replace function cg.correct_note(
  wanted uuid, met date, talked text, wanted_step text, wanted_reach text
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found_note public.mentoring_note := cg.own_note(wanted);
begin
  if found_note.written_at <= cg.moment() - interval '1 day' then perform cg.refuse('note_stands'); end if;
  if met <> found_note.met_on then perform cg.stands_beside(found_note.student_id, met); end if;
  update public.mentoring_note
     set met_on = met, talked_about = btrim(talked), next_step = btrim(wanted_step), reach = wanted_reach,
         corrected_at = cg.moment()
   where id = wanted;
end $$;

-- Strikes a note: what it said stays readable, with a mark.
create or replace function cg.strike_note(wanted uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform cg.own_note(wanted);
  update public.mentoring_note set struck_at = cg.moment() where id = wanted;
end $$;
