-- A program's children counted by race and by meals: once each, after registration has closed, and kept as they may be shown.
-- Counted anew at each look, a table would tell what those said, or are, who came or left in between.

drop function if exists cg.seats_by_race(uuid);
drop function if exists cg.meals_to_count(uuid);
drop function if exists cg.meals_counted(uuid);
drop function if exists cg.keep_meals_count(uuid, uuid[], text[], integer[]);

-- When an offering is over: after its last day as its owner writes it, and after the last day on which it was held.
create or replace function cg.offering_over_on(wanted uuid) returns date
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select greatest(o.ends_on, (select max(d.held_on) from public.programs_day d where d.offering_id = o.id))
    from public.programs_offering o where o.id = wanted
$$;

-- The last day on which an offering can be counted by meals: on the next the first answers may be destroyed.
create or replace function cg.meals_counted_until(wanted uuid) returns date
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return cg.offering_over_on(wanted) + cg.least_days('meals');
end $$;

-- Districts whose families are asked about meals and counted by them in an offering today: of its owner, and those whose
-- agreements in force name registrations and name meals.
create or replace function cg.meals_shared(wanted uuid) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select array(
    select o.owner_id
    union select x.owner_id from cg.sharing('registration') x
      join cg.sharing('meals') y on y.owner_id = x.owner_id and y.house_id = x.house_id
     where x.house_id = o.owner_id)
    from public.programs_offering o where o.id = wanted
$$;

-- Offerings whose registration has closed and that were not counted by this (race, meals) yet, in the order in which it closed.
create or replace function cg.offerings_to_count(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(o.id order by o.closes_on, o.id), '{}') from public.programs_offering o
   where o.closes_on < cg.today() and (wanted <> 'meals' or cg.meals_counted_until(o.id) >= cg.today())
     and not exists (select from public.programs_groupcount c where c.offering_id = o.id and c.counted_by = wanted)
     and exists (select from public.programs_seat s where s.offering_id = o.id and s.state = 'seated')
$$;

-- The children of the table of an offering that is to be counted, and those of every table of the last year as they were when
-- it was counted.
create or replace function cg.counted_children(wanted uuid, wanted_by text)
returns table (offering_id uuid, owner_id uuid, student_id uuid, registration_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select r.offering_id, r.owner_id, r.student_id, r.id
    from public.programs_seat s
    join public.programs_registration r on r.id = s.registration_id and r.owner_id = s.owner_id
   where s.offering_id = wanted and s.state = 'seated'
     and (wanted_by <> 'meals' or s.owner_id = any (cg.meals_shared(wanted)))
  union all
  select r.offering_id, r.owner_id, r.student_id, r.id
    from public.programs_groupcount c
    join public.programs_seat s
      on s.offering_id = c.offering_id and s.owner_id = c.district_id and s.seated_at <= c.counted_at
     and (s.withdrawn_at is null or s.withdrawn_at > c.counted_at)
    join public.programs_registration r on r.id = s.registration_id and r.owner_id = s.owner_id
   where c.counted_by = wanted_by and c.group_key = 'all' and c.offering_id <> wanted
     and c.counted_at > cg.moment() - interval '1 year'
$$;

-- How many children of a district and group are in which tables: those of the offering that is to be counted, and of all that
-- share children with it, or with one that does. Names nobody. A child of whom two families' forms said different things about
-- meals is another child in each table. Waits for whoever is being seated; at: the moment at which they were read.
drop function if exists cg.groups_to_count(uuid, text);
create or replace function cg.groups_to_count(wanted uuid, wanted_by text)
returns table (offerings uuid[], district_id uuid, group_key text, child_count bigint, at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare moment timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended('seats of ' || wanted::text, 0));
  moment := cg.moment();
  if wanted <> all (cg.offerings_to_count(wanted_by)) then return; end if;
  return query
  with recursive child as materialized (
    select c.* from cg.counted_children(wanted, wanted_by) c
  ), near (offering_id) as (
    select wanted
    union
    select other.offering_id from near n
      join child mine on mine.offering_id = n.offering_id
      join child other on other.owner_id = mine.owner_id and other.student_id = mine.student_id
  ), told as (
    select c.offering_id, c.owner_id, c.student_id,
           case wanted_by
             when 'race' then coalesce((
               select cg.federal_group(d) from public.roster_demographics d
                where d.owner_id = c.owner_id and d.student_id = c.student_id and d.ended_on is null
                order by d.id limit 1), 'unknown')
             else coalesce((
               select m.answer from public.programs_mealsanswer m
                where m.owner_id = c.owner_id and m.registration_id = c.registration_id), 'silent')
           end as told
      from child c where c.offering_id in (select n.offering_id from near n)
  ), alike as (
    select array_agg(t.offering_id order by t.offering_id) as offerings, t.owner_id, t.told::text as told
      from told t group by t.owner_id, t.student_id, t.told
  )
  select a.offerings, a.owner_id, a.told, count(*), moment from alike a group by 1, 2, 3;
end $$;

-- The tables of these offerings as they are shown, for the job that holds another against them.
create or replace function cg.groups_shown(offerings uuid[], wanted_by text)
returns table (offering_id uuid, counted_at timestamptz, district_id uuid, group_key text, child_count integer)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.offering_id, c.counted_at, c.district_id, c.group_key, c.child_count
    from public.programs_groupcount c where c.offering_id = any (offerings) and c.counted_by = wanted_by
$$;

-- Keeps a table of children who were read at a moment, as it may be shown, null where hidden; once for an offering, and not
-- where another table was kept since then, against which it was not held. Whether it was kept.
create or replace function cg.keep_groups(
  wanted uuid, wanted_by text, at timestamptz, districts uuid[], groups text[], counts integer[]
) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('counts of programs', 0));
  if exists (
    select from public.programs_groupcount c
     where c.counted_by = wanted_by and (c.offering_id = wanted or c.kept_at >= keep_groups.at)
  ) then return false; end if;
  insert into public.programs_groupcount
    (id, owner_id, offering_id, counted_by, district_id, group_key, child_count, counted_at, kept_at)
  select gen_random_uuid(), o.owner_id, o.id, wanted_by, n.district, n.group_key, n.child_count, keep_groups.at, cg.moment()
    from public.programs_offering o, unnest(districts, groups, counts) n (district, group_key, child_count)
   where o.id = wanted and o.closes_on < cg.today();
  return found;
end $$;

-- A table of an offering as it was kept; only for those who count the offering.
create or replace function cg.groups_counted(wanted uuid, wanted_by text)
returns table (district_id uuid, group_key text, child_count integer, counted_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.district_id, c.group_key, c.child_count, c.counted_at
    from public.programs_groupcount c
   where c.offering_id = wanted and c.counted_by = wanted_by and cg.counts_offering(wanted)
$$;
