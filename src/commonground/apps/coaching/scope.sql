-- Who coaches whom today, and the only ways in which that is written.

-- Whether a coach of this place works with teachers of this district today: the place is the district or a school of it, or
-- a house to which the district belongs.
create or replace function cg.coaches_in(place uuid, district uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from public.core_organization o where o.id = place and coalesce(o.owner_id, o.id) = district)
      or exists (
        select from public.core_membership m
         where m.collaborative_id = place and m.organization_id = district
           and m.since <= (select cg.today()) and (m.until is null or m.until > (select cg.today())))
$$;

-- The lines that exist for the acting person because of a role in force today: by the form 'coach', those of the own
-- coaching that hold today, and for what the two wrote their earlier lines besides; by the form 'house', those of the
-- coaches of the house that are not over.
create or replace function cg.coachings(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with day as materialized (select cg.today() as today),
  held as (
    select c.id, c.owner_id, c.teacher_id, coach.person_id
      from day cross join cg.grants() g
      join public.core_rolescope s
        on s.role = g.role and s.category = wanted and s.access = 'read' and s.form in ('coach', 'house')
      join public.core_rolegrant coach
        on coach.organization_id = g.organization_id and coach.role = 'coach'
       and (coach.until is null or coach.until > day.today)
       and (s.form = 'house' or coach.person_id = cg.person())
      join public.coaching_coaching c on c.coach_grant_id = coach.id and (c.until is null or c.until > day.today)
      join public.core_rolegrant teacher
        on teacher.id = c.teacher_grant_id and (teacher.until is null or teacher.until > day.today)
     where (s.form = 'house' or c.since <= day.today)
       and cg.coaches_in(g.organization_id, c.owner_id)
  )
  select coalesce(array_agg(distinct one.id), '{}')
    from held
    join public.coaching_coaching one
      on one.id = held.id
      or wanted = 'coaching' and one.owner_id = held.owner_id and one.teacher_id = held.teacher_id
         and one.coach_grant_id in (select r.id from public.core_rolegrant r where r.person_id = held.person_id)
$$;

-- Gives a teacher of a district that the acting person coordinates to a coach. day_after: the first day on which it holds
-- no more, null for none.
create or replace function cg.give_teacher(taught_by uuid, coached_by uuid, first_day date, day_after date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  teacher record;
  coach public.core_rolegrant;
  made uuid := gen_random_uuid();
begin
  select r.*, coalesce(o.owner_id, o.id) as district_id into teacher
    from public.core_rolegrant r join public.core_organization o on o.id = r.organization_id
   where r.id = taught_by;
  if teacher.id is null or teacher.district_id <> all (cg.owners('coached', 'write')) then perform cg.refuse('not_yours'); end if;
  perform pg_advisory_xact_lock(hashtextextended('coaching ' || teacher.person_id::text, 0));
  if teacher.role <> 'teacher' or teacher.since > first_day or teacher.until <= first_day then
    perform cg.refuse('no_teacher_role');
  end if;
  select * into coach from public.core_rolegrant r where r.id = coached_by and r.role = 'coach';
  if coach.id is null or coach.since > first_day or coach.until <= first_day
    or not cg.coaches_in(coach.organization_id, teacher.district_id)
  then perform cg.refuse('no_coach_role'); end if;
  if coach.person_id = teacher.person_id then perform cg.refuse('coaches_self'); end if;
  if first_day < cg.today() or day_after <= first_day then perform cg.refuse('days'); end if;
  if exists (
    select from public.coaching_coaching c
      join public.core_rolegrant t on t.id = c.teacher_grant_id
      join public.core_rolegrant r on r.id = c.coach_grant_id and r.person_id = coach.person_id
     where c.owner_id = teacher.district_id and c.teacher_id = teacher.person_id
       and c.since < coalesce(c.until, 'infinity') and (day_after is null or c.since < day_after)
       and coalesce(least(c.until, r.until, t.until), 'infinity') > first_day
  ) then perform cg.refuse('coached_already'); end if;
  insert into public.coaching_coaching
    (id, owner_id, teacher_id, teacher_grant_id, coach_grant_id, since, until, given_by_id, given_at)
  values (made, teacher.district_id, teacher.person_id, teacher.id, coach.id, first_day, day_after, cg.person(), cg.moment());
  return made;
end $$;

-- Ends a line, by the teacher's district; today it holds no more. One that has not begun never holds.
create or replace function cg.end_coaching(line uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found_line public.coaching_coaching;
begin
  select * into found_line from public.coaching_coaching c where c.id = line for update;
  if found_line.id is null or found_line.owner_id <> all (cg.owners('coached', 'write')) then
    perform cg.refuse('not_yours');
  end if;
  if found_line.until <= greatest(cg.today(), found_line.since) then perform cg.refuse('ended'); end if;
  update public.coaching_coaching
     set until = greatest(cg.today(), since), ended_by_id = cg.person(), ended_at = cg.moment()
   where id = line;
end $$;

-- The line, when the acting person is its coach or its teacher and both work together by it today. Refuses a day that is
-- not in that time.
create or replace function cg.works_together(line uuid, happened date) returns public.coaching_coaching
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found_line public.coaching_coaching;
begin
  select c.* into found_line
    from public.coaching_coaching c
    join public.core_rolegrant coach on coach.id = c.coach_grant_id and (coach.until is null or coach.until > cg.today())
    join public.core_rolegrant teacher on teacher.id = c.teacher_grant_id and (teacher.until is null or teacher.until > cg.today())
   where c.id = line and c.since <= cg.today() and (c.until is null or c.until > cg.today())
     and cg.person() in (c.teacher_id, coach.person_id)
     and cg.coaches_in(coach.organization_id, c.owner_id);
  if found_line.id is null then perform cg.refuse('not_yours'); end if;
  if happened > cg.today() or happened < found_line.since then perform cg.refuse('day_of_coaching'); end if;
  return found_line;
end $$;

-- made: the id of the new entry, chosen by the page. One that is sent twice is written once. looked_at: the entry of the same
-- two on which the teacher looks back, or null.
drop function if exists cg.write_coaching(uuid, uuid, text, date, text, text);
create or replace function cg.write_coaching(
  made uuid, line uuid, looked_at uuid, wanted_kind text, happened date, words text, wanted_step text, taker text,
  seen_by text, ends date
) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_line public.coaching_coaching := cg.works_together(line, happened);
  coach uuid := (select r.person_id from public.core_rolegrant r where r.id = found_line.coach_grant_id);
begin
  if wanted_kind = 'reflection' and cg.person() <> found_line.teacher_id then perform cg.refuse('not_yours'); end if;
  if ends < happened then perform cg.refuse('goal_ends'); end if;
  if looked_at is not null and not exists (
    select from public.coaching_entry e
     where e.id = looked_at and e.owner_id = found_line.owner_id and e.teacher_id = found_line.teacher_id
       and e.coach_id = coach and e.kind not in ('goal', 'reflection') and e.struck_at is null
  ) then perform cg.refuse('not_yours'); end if;
  insert into public.coaching_entry
    (id, owner_id, coaching_id, teacher_id, coach_id, author_id, about_id, kind, day, said, next_step, step_by, measure,
     last_day, written_at)
  values (made, found_line.owner_id, line, found_line.teacher_id, coach, cg.person(), looked_at, wanted_kind, happened,
          btrim(words), btrim(wanted_step), taker, btrim(seen_by), ends, cg.moment())
  on conflict (id) do nothing;
  if not exists (
    select from public.coaching_entry e where e.id = made and e.author_id = cg.person() and e.coaching_id = line
  ) then perform cg.refuse('not_yours'); end if;
  return made;
end $$;

-- The acting person's own entry, locked: the teacher's always, the coach's while the two work together.
create or replace function cg.own_entry(wanted uuid) returns public.coaching_entry
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found_entry public.coaching_entry;
begin
  select e.* into found_entry from public.coaching_entry e where e.id = wanted and e.author_id = cg.person() for update;
  if found_entry.id is null
    or (found_entry.teacher_id <> cg.person() and found_entry.coaching_id <> all (cg.coachings('coaching')))
  then perform cg.refuse('not_yours'); end if;
  if found_entry.struck_at is not null then perform cg.refuse('ended'); end if;
  return found_entry;
end $$;

-- A goal stays a goal, and what the teacher looks back on stays that.
drop function if exists cg.correct_coaching(uuid, text, date, text, text);
create or replace function cg.correct_coaching(
  wanted uuid, wanted_kind text, happened date, words text, wanted_step text, taker text, seen_by text, ends date
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare found_entry public.coaching_entry := cg.own_entry(wanted);
begin
  if found_entry.written_at <= cg.moment() - interval '1 day' then perform cg.refuse('note_stands'); end if;
  if wanted_kind <> found_entry.kind
    and (array[wanted_kind, found_entry.kind::text] && array['goal', 'reflection'])
  then perform cg.refuse('not_yours'); end if;
  if ends < happened then perform cg.refuse('goal_ends'); end if;
  if happened <> found_entry.day then perform cg.works_together(found_entry.coaching_id, happened); end if;
  update public.coaching_entry
     set kind = wanted_kind, day = happened, said = btrim(words), next_step = btrim(wanted_step), step_by = taker,
         measure = btrim(seen_by), last_day = ends, corrected_at = cg.moment()
   where id = wanted;
end $$;

-- How a goal went, by its teacher always, by its coach while the two work together.
create or replace function cg.judge_coaching(wanted uuid, went text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.coaching_entry
     set outcome = went
   where id = wanted and kind = 'goal' and struck_at is null
     and (teacher_id = cg.person() or coach_id = cg.person() and coaching_id = any (cg.coachings('coaching')));
  if not found then perform cg.refuse('not_yours'); end if;
end $$;

-- Strikes an entry: what it said stays readable, with a mark.
create or replace function cg.strike_coaching(wanted uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform cg.own_entry(wanted);
  update public.coaching_entry set struck_at = cg.moment() where id = wanted;
end $$;

-- How often coach and teachers met in a month that is over, for those who see who coaches whom: by the coach's role and the
-- teachers' district, so that no two of these numbers differ by one teacher's. Where fewer teachers than the smallest count
-- were met, there is no number.
create or replace function cg.coaching_visits(earliest date)
returns table (grant_id uuid, owner_id uuid, month date, visit_count bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with house as (
    select g.organization_id
      from cg.grants() g
      join public.core_rolescope s
        on s.role = g.role and s.category = 'coached' and s.access = 'read' and s.form = 'house'
  )
  select c.coach_grant_id, e.owner_id, date_trunc('month', e.day)::date, count(*)
    from public.coaching_entry e
    join public.coaching_coaching c on c.owner_id = e.owner_id and c.id = e.coaching_id
    join public.core_rolegrant coach on coach.id = c.coach_grant_id
   where e.kind not in ('goal', 'reflection') and e.struck_at is null
     and e.day >= earliest and e.day < date_trunc('month', cg.today())
     and (e.owner_id = any (cg.owners('coached', 'read'))
          or coach.organization_id in (select h.organization_id from house h)
             and cg.coaches_in(coach.organization_id, e.owner_id))
   group by 1, 2, 3
  having count(distinct e.teacher_id) >= {smallest_count}
$$;
