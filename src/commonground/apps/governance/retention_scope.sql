-- How long which data is kept. Only what is declared here can be destroyed by time, and nothing that a legal hold covers.

-- The classes that end by time, and for how many days rows are kept when the district says nothing else.
create or replace function cg.data_classes() returns table (data_class text, usual_days integer)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  values ('meals', 30),
         ('health', 30), ('attendance', 1095), ('registration', 1095), ('roster', 1825), ('contact', 365), ('staff', 1825),
         ('correction', 1095), ('notes', 1095), ('caseload', 1095), ('coaching', 1095), ('coached', 1095), ('incident', 2190), ('hold', 2190), ('files', 730), ('audit', 1825)
$$;

-- When a program is over for a registration: when the offering is, and after the registration was made. An owner who moves
-- dates back destroys nothing.
create or replace function cg.over_on(offering uuid, entered timestamptz) returns date
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select greatest(cg.offering_over_on(over_on.offering), (over_on.entered at time zone '{time_zone}')::date)
$$;

-- The tables of each class in the order in which they are emptied; when of the row `t` the event happened after which the
-- days count (null: it has not); and which student it is about (null: none), of several one of those that are held ($4).
create or replace function cg.retained() returns table (data_class text, step integer, target text, happened text, student text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  with said (left_school, program_over, registered, held_child) as (values (
    'coalesce(t.ended_on, (select s.ended_on from public.roster_student s where s.id = t.student_id))',
    '(select cg.over_on(r.offering_id, r.entered_at) from public.programs_registration r where r.id = t.registration_id)',
    '(select r.student_id from public.programs_registration r where r.id = t.registration_id)',
    '(select g.student_id from public.roster_guardianship g'
    ' where g.owner_id = t.owner_id and g.guardian_id = t.guardian_id and g.student_id = any ($4) limit 1)'))
  select v.* from said, lateral (values
    ('health', 1, 'programs_consentgiven', program_over, registered),
    ('health', 2, 'programs_care', program_over, registered),
    ('meals', 1, 'programs_mealsanswer', program_over, registered),
    ('attendance', 1, 'programs_attendance', program_over, registered),
    ('registration', 1, 'programs_seat', program_over, registered),
    ('registration', 2, 'programs_registration', 'cg.over_on(t.offering_id, t.entered_at)', 't.student_id'),
    ('contact', 1, 'roster_guardianship', left_school, 't.student_id'),
    ('contact', 2, 'roster_link', 't.until', held_child),
    ('contact', 3, 'roster_guardian', 't.ended_on', 'null::uuid'),
    ('staff', 1, 'roster_teaching', 't.ended_on', 'null::uuid'),
    ('staff', 2, 'roster_staffrole', 't.ended_on', 'null::uuid'),
    ('staff', 3, 'roster_staffmember', 't.ended_on', 'null::uuid'),
    ('roster', 1, 'roster_enrollment', left_school, 't.student_id'),
    ('roster', 2, 'roster_schoolenrollment', left_school, 't.student_id'),
    ('roster', 3, 'roster_demographics', left_school, 't.student_id'),
    ('roster', 4, 'roster_student', 't.ended_on', 't.id'),
    ('roster', 5, 'roster_section', 't.ended_on', 'null::uuid'),
    ('correction', 1, 'families_correction', '(t.answered_at at time zone ''{time_zone}'')::date', 't.student_id'),
    ('notes', 1, 'mentoring_note', 't.met_on', 't.student_id'),
    ('caseload', 1, 'mentoring_caseload', 'least(t.until, (select r.until from public.core_rolegrant r where r.id = t.grant_id), (select s.ended_on from public.roster_student s where s.id = t.student_id))', 't.student_id'),
    ('coaching', 1, 'coaching_entry', 'greatest(t.day, t.last_day)', 'null::uuid'),
    ('coached', 1, 'coaching_coaching', 'least(t.until, (select min(r.until) from public.core_rolegrant r where r.id in (t.teacher_grant_id, t.coach_grant_id)))', 'null::uuid'),
    ('incident', 1, 'governance_packetline', '(select (p.filed_at at time zone ''{time_zone}'')::date from public.governance_packet p where p.id = t.packet_id and p.told_on is not null)', 't.student_id'),
    ('incident', 2, 'governance_packet', 'case when t.told_on is not null then (t.filed_at at time zone ''{time_zone}'')::date end', 'null::uuid'),
    ('hold', 1, 'governance_legalhold', '(t.ended_at at time zone ''{time_zone}'')::date', 't.student_id')
  ) v (data_class, step, target, happened, student)
$$;

-- The fewest days that a district may say: the usual ones where a rule asks for them, and of what shows what happened.
create or replace function cg.least_days(wanted text) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when wanted in ('attendance', 'registration', 'incident', 'hold', 'audit') then c.usual_days else 30 end
    from cg.data_classes() c where c.data_class = wanted
$$;

-- For how many days a district keeps a class; null for a class that does not end by time.
create or replace function cg.days_kept(place uuid, wanted text) returns integer
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(
           (select greatest(k.days, cg.least_days(wanted)) from public.governance_keeping k
             where k.owner_id = place and k.data_class = wanted), c.usual_days)
    from cg.data_classes() c where c.data_class = wanted
$$;

-- Whether a hold covers all of a class; and the students of which one covers it.
create or replace function cg.is_held(place uuid, wanted text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.governance_legalhold h
     where h.owner_id = place and h.ended_at is null and h.student_id is null and h.data_class in ('', wanted))
$$;

create or replace function cg.students_held(place uuid, wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(h.student_id), '{}') from public.governance_legalhold h
   where h.owner_id = place and h.ended_at is null and h.student_id is not null and h.data_class in ('', wanted)
$$;

-- Destroys the district's rows of one class that are past, and answers how many by table, null where no number is told. A row to which others still point
-- stays until those are gone. On the last day for which it is kept a row is still there.
create or replace function cg.destroy_past(place uuid, wanted text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  kept integer := cg.days_kept(place, wanted);
  held uuid[];
  counts jsonb := '{}';
  one record;
  gone bigint;
begin
  perform cg.lock_holds(place);
  if kept is null or cg.is_held(place, wanted) then return counts; end if;
  -- A line about a student may be of any class.
  held := case wanted when 'audit' then array(
    select h.student_id from public.governance_legalhold h
     where h.owner_id = place and h.ended_at is null and h.student_id is not null) else cg.students_held(place, wanted) end;
  perform pg_advisory_xact_lock(hashtextextended('intake ' || place::text, 0));
  if wanted = 'audit' then
    select jsonb_strip_nulls(jsonb_build_object(
             'core_change', nullif(n.line_count, 0), 'before', case when n.line_count > 0 then n.head_before end,
             'after', case when n.line_count > 0 then n.head_after end)) into counts
      from cg.take_names_out(place, (cg.today() - kept)::timestamp at time zone '{time_zone}', held) n;
    return counts;
  end if;
  for one in select r.* from cg.retained() r where r.data_class = wanted order by r.step loop
    execute format(
      'delete from public.%I t where t.owner_id = $1 and (%s) + $2 < $3 and not coalesce((%s) = any ($4), false) and %s',
      one.target, one.happened, one.student, cg.pointed_to_by_nothing(one.target))
      using place, kept, cg.today(), held;
    get diagnostics gone = row_count;
    if gone > 0 then
      counts := counts || jsonb_build_object(one.target, case when cg.told(one.target) is not null then gone end);
    end if;
  end loop;
  return counts;
end $$;

-- Batches whose files as they were sent are past: ids alone. Nothing while a hold covers files, or any of its students; none
-- is placed until the transaction ends.
create or replace function cg.past_files(place uuid) returns uuid[]
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform cg.lock_holds(place);
  if cg.holds_files(place) then return '{}'; end if;
  return array(
    select b.id from public.intake_batch b
     where b.owner_id = place and b.status not in ('received', 'checking', 'applying', 'undoing')
       and (b.sent_at at time zone '{time_zone}')::date + cg.days_kept(place, 'files') < cg.today());
end $$;
