-- Which students, sections, staff members and guardians a relationship shows to the acting person today.

-- Districts where one of the person's roles opens something by one of these forms: at the district or at one of its schools.
create or replace function cg.districts_by(variadic wanted_forms text[]) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct coalesce(place.owner_id, place.id)), '{}')
    from cg.grants() g
    join public.core_rolescope s on s.role = g.role and s.form = any (wanted_forms)
    join public.core_organization place on place.id = g.organization_id
$$;

-- A link opens nothing by itself: it needs a role in force where it was made.
create or replace function cg.own_staff() returns table (owner_id uuid, staff_id uuid)
language sql stable security definer rows 10 set search_path = pg_catalog, pg_temp as $$
  select l.owner_id, l.staff_id from public.roster_link l
   where l.person_id = cg.person() and l.staff_id is not null
     and l.since <= (select cg.today()) and (l.until is null or l.until > (select cg.today()))
     and l.owner_id = any ((select cg.districts_by('teaching', 'self'))::uuid[])
$$;

-- A family's role in one district opens its links in every district that belongs to the same collaborative today.
create or replace function cg.own_guardians() returns table (owner_id uuid, guardian_id uuid)
language sql stable security definer rows 10 set search_path = pg_catalog, pg_temp as $$
  with home as (select cg.districts_by('guardianship') as districts)
  select l.owner_id, l.guardian_id from public.roster_link l
   where l.person_id = cg.person() and l.guardian_id is not null
     and l.since <= (select cg.today()) and (l.until is null or l.until > (select cg.today()))
     and (l.owner_id = any ((select districts from home)::uuid[])
          or l.owner_id in (
            select theirs.organization_id
              from public.core_membership mine
              join public.core_membership theirs on theirs.collaborative_id = mine.collaborative_id
             where mine.organization_id = any ((select districts from home)::uuid[])
               and mine.since <= (select cg.today()) and (mine.until is null or mine.until > (select cg.today()))
               and theirs.since <= (select cg.today()) and (theirs.until is null or theirs.until > (select cg.today()))))
$$;

-- A family's links follow its role: when the last role by which a person is a family in a district ends, the links to
-- guardians there end on the same day, since a role elsewhere would keep them open; when it goes on after all, so do they.
create or replace function cg.follow_role() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.until is null or new.until > old.until then
    update public.roster_link l set until = new.until
     where l.person_id = new.person_id and l.owner_id = new.organization_id and l.guardian_id is not null
       and l.until = greatest(old.until, l.since + 1);
  elsif not exists (
    select from public.core_rolegrant r
      join public.core_rolescope s on s.role = r.role and s.form = 'guardianship'
     where r.person_id = new.person_id and r.organization_id = new.organization_id
       and (r.until is null or r.until > new.until)
  ) then
    update public.roster_link l set until = greatest(new.until, l.since + 1)
     where l.person_id = new.person_id and l.owner_id = new.organization_id and l.guardian_id is not null
       and (l.until is null or l.until > new.until)
       and exists (select from public.core_rolescope s where s.role = new.role and s.form = 'guardianship');
  end if;
  return null;
end $$;

create or replace trigger follow_role after update of until on public.core_rolegrant
  for each row when (new.until is distinct from old.until) execute function cg.follow_role();

create or replace function cg.own_children() returns table (owner_id uuid, student_id uuid)
language sql stable security definer rows 10 set search_path = pg_catalog, pg_temp as $$
  select g.owner_id, g.student_id
    from cg.own_guardians() o
    join public.roster_guardianship g on g.owner_id = o.owner_id and g.guardian_id = o.guardian_id
   where g.ended_on is null or g.ended_on > (select cg.today())
$$;

create or replace function cg.own_sections() returns table (owner_id uuid, section_id uuid)
language sql stable security definer rows 10 set search_path = pg_catalog, pg_temp as $$
  select t.owner_id, t.section_id
    from cg.own_staff() o
    join public.roster_teaching t on t.owner_id = o.owner_id and t.staff_id = o.staff_id
   where (t.ended_on is null or t.ended_on > (select cg.today()))
     and (t.begins_on is null or t.begins_on <= (select cg.today())) and (t.ends_on is null or t.ends_on >= (select cg.today()))
$$;

-- Students whom a relationship at work shows: all but a family's own.
create or replace function cg.students_at_work(wanted text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found uuid[] := '{}';
begin
  if cg.shows(wanted, 'teaching') then
    found := found || array(
      select e.student_id from cg.own_sections() s
        join public.roster_enrollment e on e.section_id = s.section_id and e.owner_id = s.owner_id
       where (e.ended_on is null or e.ended_on > (select cg.today()))
         and (e.begins_on is null or e.begins_on <= (select cg.today())) and (e.ends_on is null or e.ends_on >= (select cg.today())));
  end if;
  if cg.shows(wanted, 'school') then
    found := found || array(
      select e.student_id from public.roster_schoolenrollment e
       where e.school_id = any (cg.schools(wanted)) and (e.ended_on is null or e.ended_on > (select cg.today())));
  end if;
  if cg.shows(wanted, 'arrivals') then
    found := found || array(
      select e.student_id
        from cg.grants() g
        join public.core_rolescope s
          on s.role = g.role and s.category = wanted and s.form = 'arrivals' and s.access = 'read'
        join public.roster_schoolenrollment e on e.school_id = g.organization_id
       where e.arrived_on > (select cg.today()) - 30 and (e.ended_on is null or e.ended_on > (select cg.today())));
  end if;
  if cg.shows(wanted, 'caseload') then
    found := found || array(select c.student_id from cg.caseload(wanted, 'read') c);
  end if;
  return found;
end $$;

create or replace function cg.students(wanted text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found uuid[] := cg.students_at_work(wanted);
begin
  if cg.shows(wanted, 'guardianship') then
    found := found || array(select c.student_id from cg.own_children() c);
  end if;
  return found;
end $$;

-- Of the students whose roster rows the person may read those with a part of the name that begins with each of these words,
-- which are as `name_key` writes them.
create or replace function cg.students_called(words text[]) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(s.id), '{}')
    from public.roster_student s
   where array_to_tsvector(string_to_array(s.name_key, ' ')) @@ (
           select string_agg(format($w$'%s':*$w$, replace(replace(word, '\', '\\'), $w$'$w$, $w$''$w$)), ' & ')::tsquery
             from unnest(words) word)
     and (s.owner_id = any ((select cg.owners('roster', 'read'))::uuid[])
          or s.id = any ((select cg.students('roster'))::uuid[]))
$$;

-- Students about whom the person may write rows of this category because of a relationship.
create or replace function cg.students_to_write(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(distinct found.student_id), '{}') from (
    select c.student_id from cg.own_children() c where cg.allows(wanted, 'guardianship', 'write')
    union all
    select e.student_id
      from cg.grants() g
      join public.core_rolescope s
        on s.role = g.role and s.category = wanted and s.form = 'arrivals' and s.access = 'write'
      join public.roster_schoolenrollment e on e.school_id = g.organization_id
     where e.arrived_on > (select cg.today()) - 30 and (e.ended_on is null or e.ended_on > (select cg.today()))
  ) found
$$;

-- The federal group of a child: Hispanic of any race first, then two or more races, 'unknown' where none is written down.
-- Neither a function of its own rights nor with a path of its own, so that the planner draws it into the query; that is
-- why it names the schema of every type.
create or replace function cg.federal_group(d public.roster_demographics) returns text language sql immutable as $$
  select case
    when d.hispanic then 'hispanic'
    when d.two_or_more then 'two_or_more'
    else case coalesce(d.american_indian, false)::pg_catalog.int4 + coalesce(d.asian, false)::pg_catalog.int4 + coalesce(d.black, false)::pg_catalog.int4
            + coalesce(d.pacific_islander, false)::pg_catalog.int4 + coalesce(d.white, false)::pg_catalog.int4
         when 0 then 'unknown'
         when 1 then case when d.american_indian then 'american_indian' when d.asian then 'asian' when d.black then 'black'
                          when d.pacific_islander then 'pacific_islander' else 'white' end
         else 'two_or_more' end
    end
$$;

create or replace function cg.sections(wanted text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found uuid[] := '{}';
begin
  if cg.shows(wanted, 'teaching') then
    found := found || array(select s.section_id from cg.own_sections() s);
  end if;
  if cg.shows(wanted, 'guardianship') then
    found := found || array(
      select e.section_id from cg.own_children() c
        join public.roster_enrollment e on e.student_id = c.student_id and e.owner_id = c.owner_id
       where e.ended_on is null or e.ended_on > (select cg.today()));
  end if;
  return found;
end $$;

create or replace function cg.staff(wanted text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found uuid[] := array(select o.staff_id from cg.own_staff() o);
begin
  if cg.shows(wanted, 'guardianship') then
    found := found || array(
      select t.staff_id from cg.own_children() c
        join public.roster_enrollment e on e.student_id = c.student_id and e.owner_id = c.owner_id
        join public.roster_teaching t on t.section_id = e.section_id and t.owner_id = e.owner_id
       where (e.ended_on is null or e.ended_on > (select cg.today())) and (t.ended_on is null or t.ended_on > (select cg.today())));
  end if;
  if cg.shows(wanted, 'school') then
    found := found || array(
      select r.staff_id from public.roster_staffrole r
       where r.school_id = any (cg.schools(wanted)) and (r.ended_on is null or r.ended_on > (select cg.today())));
  end if;
  return found;
end $$;

-- A family sees its own record, not the other guardian's, whatever else the person is; a school, and whoever walks beside a
-- child, the child's guardians.
create or replace function cg.guardians(wanted text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found uuid[] := array(select o.guardian_id from cg.own_guardians() o);
begin
  if cg.shows(wanted, 'school') or cg.shows(wanted, 'arrivals') or cg.shows(wanted, 'caseload') then
    found := found || array(
      select g.guardian_id from public.roster_guardianship g
       where g.student_id = any (cg.students_at_work(wanted)) and (g.ended_on is null or g.ended_on > (select cg.today())));
  end if;
  return found;
end $$;

-- How many students of the acting liaison's schools speak which language at home; fewer than the smallest count is null.
create or replace function cg.home_languages() returns table (school_id uuid, home_language text, student_count bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.school_id, s.home_language, case when count(*) < {smallest_count} then null else count(*) end
    from cg.grants() g
    join public.roster_schoolenrollment e on e.school_id = g.organization_id and e.ended_on is null
    join public.roster_student s on s.id = e.student_id and s.owner_id = e.owner_id and s.ended_on is null
   where g.role in ('liaison', 'principal') and s.home_language is not null
   group by 1, 2
$$;
