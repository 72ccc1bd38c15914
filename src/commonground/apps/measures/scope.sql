-- Counts of rosters are rows now (measures_rostercount), written when a batch is applied.
drop function if exists cg.race_counts(uuid[]);

-- Whether the person acts for this organization, or for a collaborative it belongs to today.
create or replace function cg.works_with(place uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from cg.grants() g
     where g.role in ('director', 'analyst', 'coordinator')
       and (g.organization_id = place or exists (
         select from public.core_membership m
          where m.collaborative_id = g.organization_id and m.organization_id = place
            and m.since <= cg.today() and (m.until is null or m.until > cg.today()))))
$$;

-- Where the rows stand from which a district's standing numbers were counted: file and lines, never a value. Of 'protected'
-- the rows with the races of protected students, of 'enrolled' those of all students with a race on file, of 'unknown' of
-- those without one. early: grades that the number leaves out. Rows that an earlier batch brought and no later one changed
-- are told by that batch.
drop function if exists cg.counted_lines(uuid, text);
create or replace function cg.counted_lines(place uuid, wanted text, early text[])
returns table (batch_id uuid, number integer, label text, file text, first_line integer, last_line integer)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with grade as (
    select distinct on (e.student_id) e.student_id, e.grade
      from public.roster_schoolenrollment e
     where e.owner_id = place and e.ended_on is null
     order by e.student_id, e.is_primary desc nulls last, e.id
  ), child as (
    select s.id, s.batch_id, s.file, s.line
      from public.roster_student s left join grade g on g.student_id = s.id
     where s.owner_id = place and s.ended_on is null and cg.works_with(place)
       and not coalesce(coalesce(g.grade, s.grade) = any (early), false)
  ), race as (
    select distinct on (d.student_id) d.student_id, d.batch_id, d.file, d.line,
           coalesce(d.hispanic or d.two_or_more or d.american_indian or d.asian or d.black or d.pacific_islander, false)
             as protected,
           coalesce(d.white, false) as white
      from public.roster_demographics d
     where d.owner_id = place and d.ended_on is null
     order by d.student_id, d.id
  ), stands as (
    select c.batch_id, c.file, c.line from child c join race r on r.student_id = c.id
     where wanted = 'enrolled' and (r.protected or r.white)
    union all
    select r.batch_id, r.file, r.line from child c join race r on r.student_id = c.id
     where wanted = 'protected' and r.protected
    union all
    select c.batch_id, c.file, c.line from child c left join race r on r.student_id = c.id
     where wanted = 'unknown' and not coalesce(r.protected or r.white, false)
  ), runs as (
    select batch_id, file, line,
           line - row_number() over (partition by batch_id, file order by line) as run
      from (select distinct batch_id, file, line from stands where line is not null) l
  )
  select r.batch_id, b.number, b.label, r.file, min(r.line)::integer, max(r.line)::integer
    from runs r left join public.intake_batch b on b.id = r.batch_id
   group by r.batch_id, b.number, b.label, r.file, r.run
   order by b.number, r.file, 5
$$;

-- Students by meals, language and special education in one public table, added up by district and by school. Outside the
-- person's own district a count below the smallest is hidden, so is one that leaves fewer others, and, where one school
-- alone would be hidden, the school with the next smallest count. blanks: rows of which the table says nothing.
-- leaves: the numbers leave the site as a file, so no district is the person's own.
drop function if exists cg.program_counts(uuid, integer, text[]);
create or replace function cg.program_counts(wanted_batch uuid, wanted_year integer, wanted text[], leaves boolean)
returns table (district_id text, school_id text, school_name text, measure text, number bigint, total bigint,
               blanks bigint, is_hidden boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with own as (
    select coalesce(house.state_id, place.state_id) as state_id
      from cg.grants() g join public.core_organization place on place.id = g.organization_id
      left join public.core_organization house on house.id = place.owner_id
     where not leaves
  ), cell as (
    select p.district_id, p.school_id, p.school_name, m.measure, m.number, p.k12_total
      from public.measures_programcount p
     cross join lateral (values ('meals', p.free_meals + p.reduced_meals), ('english', p.english_learners),
                                ('special', p.special_education)) as m (measure, number)
     where p.batch_id = wanted_batch and p.school_year is not distinct from wanted_year
       and p.district_id = any (wanted)
       -- A district told by its schools is their sum; its own rows would count every child twice.
       and (p.school_id is not null or not exists (
         select from public.measures_programcount o
          where o.batch_id = wanted_batch and o.school_year is not distinct from wanted_year
            and o.district_id = p.district_id and o.school_id is not null))
  ), added as (
    select c.district_id, c.school_id, max(c.school_name) as school_name, c.measure, sum(c.number) as number,
           sum(c.k12_total) as total, count(*) filter (where c.number is null) as blanks,
           grouping(c.school_id) = 1 as is_whole
      from cell c
     group by grouping sets ((c.district_id, c.school_id, c.measure), (c.district_id, c.measure))
  ), small as (
    select a.*, not exists (select from own where own.state_id = a.district_id)
                and coalesce(a.number < {smallest_count} or a.total - a.number < {smallest_count}, false) as too_small
      from added a where a.is_whole or a.school_id is not null
  ), ranked as (
    select s.*, count(*) filter (where s.too_small) over part as hidden_here,
           row_number() over (partition by s.district_id, s.measure, s.is_whole, s.too_small order by s.number, s.school_id)
             as place
      from small s
    window part as (partition by s.district_id, s.measure, s.is_whole)
  )
  select r.district_id, case when r.is_whole then null else r.school_id end,
         case when r.is_whole then null else r.school_name end, r.measure,
         case when r.too_small or x.beside then null else r.number end, r.total, r.blanks, r.too_small or x.beside
    from ranked r
   cross join lateral (select not r.is_whole and not r.too_small and r.hidden_here = 1 and r.place = 1 as beside) x
   order by 1, 2 nulls first, 4
$$;

-- A letter of the state, or a judgment about the exemption, is written down by a director of a collaborative that the
-- district belongs to, and by nobody else, whatever page or program asks.
create or replace function cg.decides(house uuid, place uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from cg.grants() g
      join public.core_membership m on m.collaborative_id = g.organization_id
     where g.role = 'director' and g.organization_id = house and m.organization_id = place
       and m.standing <> 'partner' and m.since <= cg.today() and (m.until is null or m.until > cg.today()))
$$;

create or replace function cg.record_letter(house uuid, place uuid, wanted text, day date) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare made uuid;
begin
  if not cg.decides(house, place) or day > cg.today() then
    raise exception 'no such decision is the person''s' using errcode = 'insufficient_privilege';
  end if;
  insert into public.measures_letter (id, collaborative_id, district_id, decision, dated_on, recorded_by_id, recorded_at)
  values (gen_random_uuid(), house, place, wanted, day, cg.person(), clock_timestamp())
  returning id into made;
  return made;
end $$;

-- of_school: its id as the counts name it, '' for the district itself.
drop function if exists cg.record_exemption(uuid, uuid, integer, boolean, text);
create or replace function cg.record_exemption(house uuid, place uuid, of_school text, year integer, holds boolean, why text)
returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare made uuid;
begin
  if not cg.decides(house, place) then
    raise exception 'no such decision is the person''s' using errcode = 'insufficient_privilege';
  end if;
  insert into public.measures_exemption (id, collaborative_id, district_id, school, school_year, applies, reason,
                                         recorded_by_id, recorded_at)
  values (gen_random_uuid(), house, place, of_school, year, holds, why, cg.person(), clock_timestamp())
  returning id into made;
  return made;
end $$;
