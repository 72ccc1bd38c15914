-- Incidents: what was opened, and what could have been, told apart by district. And mails about agreements.

-- Whether the acting person answers for incidents of this collaborative or joint-powers body.
create or replace function cg.files_incidents(house uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from cg.grants() g join public.core_organization o on o.id = g.organization_id
     where g.organization_id = house and g.role in ('director', 'operator') and o.kind in ('collaborative', 'joint_powers'))
$$;

-- Students whose rows of these categories an account, a role or an agreement opened to somebody on a day of the window,
-- whether or not anybody looked. It follows the forms of `cg.owners`, `cg.students`, `cg.caseload` and `cg.registrations_by`, with the
-- days of the window where those have today; where a form holds for some days of a window only, the whole window counts.
create or replace function cg.within_reach(
  someone uuid, as_role text, by_agreement uuid, wanted text[], first_at timestamptz, last_at timestamptz
) returns table (owner_id uuid, student_id uuid, category text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with span as (
    select (first_at at time zone '{time_zone}')::date as first_day, (last_at at time zone '{time_zone}')::date as last_day
  ), held as (
    select g.id as grant_id, g.person_id, g.organization_id, coalesce(place.owner_id, place.id) as district_id, s.category, s.form
      from span
      join public.core_rolegrant g on g.since <= span.last_day and (g.until is null or g.until > span.first_day)
      join public.core_rolescope s on s.role = g.role and s.access = 'read' and s.category = any (wanted)
      join public.core_organization place on place.id = g.organization_id
     where (someone is null or g.person_id = someone) and (as_role is null or g.role = as_role)
  ), shared as (
    select a.owner_id, a.collaborative_id, kind.category
      from span
      join public.core_agreement a
        on a.signed_on <= span.last_day and a.since <= span.last_day and a.until > span.first_day
      join public.core_membership m
        on m.collaborative_id = a.collaborative_id and m.organization_id = a.owner_id
       and m.since <= span.last_day and (m.until is null or m.until > span.first_day)
     cross join unnest(a.categories) kind(category)
     where by_agreement is null or a.id = by_agreement
  ), whole as (
    select h.district_id as owner_id, h.category from held h where h.form = 'organization' and by_agreement is null
    union
    select s.owner_id, s.category
      from held h
      join shared s on s.collaborative_id = h.organization_id and s.category = h.category
     where h.form = 'agreement'
    union
    select b.district_id, kind.category
      from public.core_breakglass b cross join unnest(b.categories) kind(category)
     where by_agreement is null and kind.category = any (wanted)
       and (b.person_id = someone or (someone is null and as_role = 'operator'))
       and b.approved_at <= last_at and least(b.until, b.closed_at) >= first_at
  ), registered as (
    select r.id, r.owner_id, r.student_id, r.offering_id, r.entered_by_id, o.owner_id as house_id, o.starts_on, o.ends_on
      from public.programs_registration r join public.programs_offering o on o.id = r.offering_id
     where r.entered_at <= last_at
  ), opened as (
    select w.owner_id, s.id as student_id, w.category
      from whole w
      join public.roster_student s on s.owner_id = w.owner_id
     where w.category in ('roster', 'contact')
    union
    select w.owner_id, r.student_id, w.category
      from whole w join registered r on r.owner_id = w.owner_id
     where w.category not in ('roster', 'contact')
    union
    select e.owner_id, e.student_id, h.category
      from span, held h
      join public.roster_schoolenrollment e on e.school_id = h.organization_id
     where by_agreement is null
       and (h.form = 'school'
            or (h.form = 'arrivals' and e.arrived_on > span.first_day - 30 and e.arrived_on <= span.last_day))
       and (e.ended_on is null or e.ended_on > span.first_day)
    union
    select e.owner_id, e.student_id, h.category
      from span, held h
      join public.roster_link l
        on l.person_id = h.person_id and l.owner_id = h.district_id and l.staff_id is not null
      join public.roster_teaching t on t.owner_id = l.owner_id and t.staff_id = l.staff_id
      join public.roster_enrollment e on e.owner_id = t.owner_id and e.section_id = t.section_id
     where by_agreement is null and h.form = 'teaching'
       and l.since <= span.last_day and (l.until is null or l.until > span.first_day)
       and (t.begins_on is null or t.begins_on <= span.last_day) and (t.ends_on is null or t.ends_on >= span.first_day)
       and (t.ended_on is null or t.ended_on > span.first_day)
       and (e.begins_on is null or e.begins_on <= span.last_day) and (e.ends_on is null or e.ends_on >= span.first_day)
       and (e.ended_on is null or e.ended_on > span.first_day)
    union
    select g.owner_id, g.student_id, h.category
      from span, held h
      join public.roster_link l on l.person_id = h.person_id and l.guardian_id is not null
      join public.roster_guardianship g on g.owner_id = l.owner_id and g.guardian_id = l.guardian_id
     where by_agreement is null and h.form = 'guardianship'
       and l.since <= span.last_day and (l.until is null or l.until > span.first_day)
       and (g.ended_on is null or g.ended_on > span.first_day)
    union
    select r.owner_id, r.student_id, h.category
      from span, held h
      join registered r on r.house_id = h.organization_id
     where (h.form = 'offering'
            or (h.form = 'program' and exists (
                  select from public.programs_assignment a
                   where a.owner_id = h.organization_id and a.offering_id = r.offering_id and a.person_id = h.person_id
                     and a.since <= span.last_day and a.until > span.first_day
                     and r.starts_on <= span.last_day and r.ends_on >= span.first_day)))
       and ((r.owner_id = r.house_id and by_agreement is null)
            or exists (
              select from shared s
               where s.owner_id = r.owner_id and s.collaborative_id = r.house_id and s.category = h.category))
    union
    select r.owner_id, r.student_id, h.category
      from span, held h
      join registered r on r.entered_by_id = h.person_id and r.owner_id = h.district_id
     where by_agreement is null and h.form = 'served' and r.ends_on >= span.first_day
    union
    -- A line that was ended holds no more from that moment, on the same day; until then it was open.
    select c.owner_id, c.student_id, h.category
      from span, held h
      join public.mentoring_caseload c on c.grant_id = h.grant_id
     where h.form = 'caseload' and c.since <= span.last_day
       and (c.until is null or c.until > span.first_day or c.ended_at >= first_at)
       and ((c.owner_id = h.district_id and by_agreement is null)
            or exists (
              select from shared s
               where s.owner_id = c.owner_id and s.collaborative_id = h.organization_id
                 and s.category = case when h.category = 'notes' then 'roster' else h.category end))
  )
  select o.owner_id, o.student_id, o.category
    from span, opened o
    join public.roster_student s on s.owner_id = o.owner_id and s.id = o.student_id
   where s.ended_on is null or s.ended_on > span.first_day
$$;
revoke execute on function cg.within_reach(uuid, text, uuid, text[], timestamptz, timestamptz) from public;

-- Writes an incident down and compiles a packet for each district that was a member of the house on a day of the window
-- and of which a student was looked at, changed or within reach. Looks come from the disclosure log, which says who from
-- outside a district saw whom; changes from the audit log.
create or replace function cg.file_incident(
  house uuid, words text, someone uuid, as_role text, by_agreement uuid, wanted text[],
  first_at timestamptz, last_at timestamptz, learned_at timestamptz
) returns uuid language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  made uuid := gen_random_uuid();
  moment timestamptz := cg.moment();
begin
  if not cg.files_incidents(house) then perform cg.refuse('not_yours'); end if;
  if by_agreement is not null and not exists (
    select from public.core_agreement a where a.id = by_agreement and a.collaborative_id = house
  ) then perform cg.refuse('not_yours'); end if;
  if first_at > last_at or last_at > moment or learned_at > moment or learned_at < first_at then perform cg.refuse('times'); end if;
  -- The answer says whose account it is: only of who held a role at the house, at a member or at a school of one then. The
  -- day on which it ended counts, for what was done on its morning.
  if someone is not null and not exists (
    select from public.core_rolegrant r
      join public.core_organization place on place.id = r.organization_id
     where r.person_id = someone
       and r.since <= (last_at at time zone '{time_zone}')::date
       and (r.until is null or r.until >= (first_at at time zone '{time_zone}')::date)
       and (place.id = house or exists (
              select from public.core_membership m
               where m.collaborative_id = house and m.organization_id = coalesce(place.owner_id, place.id)
                 and m.since <= (last_at at time zone '{time_zone}')::date
                 and (m.until is null or m.until > (first_at at time zone '{time_zone}')::date)))
  ) then perform cg.refuse('no_account'); end if;
  insert into public.governance_incident
    (id, owner_id, said, account_id, role, agreement_id, categories, began_at, ended_at, found_at, filed_by_id, filed_at)
  values (made, house, words, someone, coalesce(as_role, ''), by_agreement, wanted, first_at, last_at, learned_at, cg.person(), moment);
  with members as materialized (
    select distinct m.organization_id as owner_id
      from public.core_membership m join public.core_organization o on o.id = m.organization_id and o.kind = 'district'
     where m.collaborative_id = house
       and m.since <= (last_at at time zone '{time_zone}')::date
       and (m.until is null or m.until > (first_at at time zone '{time_zone}')::date)
  ), seen as materialized (
    select d.owner_id, d.student_id, d.page, d.at
      from members m
      join public.core_disclosureline d on d.owner_id = m.owner_id and d.at between first_at and last_at
     where (someone is null or d.person_id = someone) and (as_role is null or d.role = as_role)
       and (by_agreement is null or d.agreement_id = by_agreement)
  ), looks as (
    select s.owner_id, s.student_id, count(*) as looks, array_agg(distinct s.page) as pages, min(s.at) as first, max(s.at) as last
      from seen s group by 1, 2
  ), days as (
    select d.owner_id, jsonb_agg(jsonb_build_object('day', d.day, 'looks', d.looks, 'students', d.students) order by d.day) as days
      from (select s.owner_id, (s.at at time zone '{time_zone}')::date as day, count(*) as looks,
                   count(distinct s.student_id) as students
              from seen s group by 1, 2) d
     group by 1
  ), changes as (
    select c.owner_id, coalesce(case c.table_name when 'roster_student' then c.row_id end,
                                (c.old ->> 'student_id')::uuid, r.student_id, n.student_id, b.student_id) as student_id,
           count(*) as changes, min(c.at) as first, max(c.at) as last
      from members m
      join public.core_change c on c.owner_id = m.owner_id and c.at between first_at and last_at
      left join public.programs_registration r
        on r.owner_id = c.owner_id
       and r.id = case c.table_name when 'programs_registration' then c.row_id else (c.old ->> 'registration_id')::uuid end
      left join public.mentoring_note n
        on n.owner_id = c.owner_id and n.id = case c.table_name when 'mentoring_note' then c.row_id end
      left join public.mentoring_caseload b
        on b.owner_id = c.owner_id and b.id = case c.table_name when 'mentoring_caseload' then c.row_id end
     where c.person_id = someone and by_agreement is null
     group by 1, 2
  ), reach as (
    select w.owner_id, w.student_id, array_agg(distinct w.category order by w.category) as reached
      from cg.within_reach(someone, as_role, by_agreement, wanted, first_at, last_at) w
      join members m on m.owner_id = w.owner_id
     group by 1, 2
  ), lines as materialized (
    select s.owner_id, s.id as student_id, coalesce(l.looks, 0) as looks, coalesce(c.changes, 0) as changes,
           coalesce(l.pages, '{}') as pages, coalesce(r.reached, '{}') as reached,
           least(l.first, c.first) as first, greatest(l.last, c.last) as last
      from (select l.owner_id, l.student_id from looks l
            union select c.owner_id, c.student_id from changes c
            union select r.owner_id, r.student_id from reach r) every
      join public.roster_student s on s.owner_id = every.owner_id and s.id = every.student_id
      left join looks l on l.owner_id = s.owner_id and l.student_id = s.id
      left join changes c on c.owner_id = s.owner_id and c.student_id = s.id
      left join reach r on r.owner_id = s.owner_id and r.student_id = s.id
  ), packets as (
    insert into public.governance_packet
      (id, owner_id, incident_id, house_id, said, account_id, role, agreement_id, categories, began_at, ended_at, found_at,
       filed_by_id, filed_at, days, seen_count, reached_count)
    select gen_random_uuid(), l.owner_id, made, house, words, someone, coalesce(as_role, ''), by_agreement, wanted, first_at,
           last_at, learned_at, cg.person(), moment, coalesce(d.days, '[]'), l.seen_count, l.reached_count
      from (select l.owner_id, count(*) filter (where l.looks + l.changes > 0) as seen_count,
                   count(*) filter (where l.looks + l.changes = 0) as reached_count
              from lines l group by 1) l
      left join days d on d.owner_id = l.owner_id
    returning id, owner_id
  )
  insert into public.governance_packetline
    (id, owner_id, packet_id, student_id, looks, changes, pages, reached, first_at, last_at)
  select gen_random_uuid(), l.owner_id, p.id, l.student_id, l.looks, l.changes, l.pages, l.reached, l.first, l.last
    from lines l join packets p on p.owner_id = l.owner_id;
  return made;
end $$;

-- How many students of which district an incident touches, and when its families were told: counts for the house, null
-- where they are below the smallest that is shown.
create or replace function cg.incident_counts(incidents uuid[])
returns table (incident_id uuid, district_id uuid, seen_count integer, reached_count integer, told_on date)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.incident_id, p.owner_id, case when p.seen_count >= {smallest_count} then p.seen_count end,
         case when p.reached_count >= {smallest_count} then p.reached_count end, p.told_on
    from public.governance_packet p
   where p.incident_id = any (incidents) and cg.files_incidents(p.house_id)
$$;

-- The districts that have a packet of an incident, for the job that tells them: with the right of who filed it, also after
-- that person's role has ended.
create or replace function cg.incident_districts(incident uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.owner_id from public.governance_packet p where p.incident_id = incident and p.filed_by_id = cg.person()
$$;

-- The district says on which day its families were told.
create or replace function cg.record_told(packet uuid, day date) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if day > cg.today() then perform cg.refuse('times'); end if;
  update public.governance_packet set told_on = day, told_by_id = cg.person()
   where id = packet and cg.coordinates(owner_id) and day >= (found_at at time zone '{time_zone}')::date;
  if not found then perform cg.refuse('times'); end if;
end $$;

-- Whether those who answer for an agreement are mailed before its last days: either party says so.
create or replace function cg.set_reminders(agreement uuid, wanted boolean) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (
    select from public.core_agreement a
     where a.id = agreement and (cg.coordinates(a.owner_id) or cg.directs(a.collaborative_id))
  ) then perform cg.refuse('not_yours'); end if;
  if wanted then
    delete from public.governance_remindersoff where agreement_id = agreement;
  else
    insert into public.governance_remindersoff (agreement_id, person_id, since)
    values (agreement, cg.person(), cg.moment()) on conflict (agreement_id) do nothing;
  end if;
end $$;
