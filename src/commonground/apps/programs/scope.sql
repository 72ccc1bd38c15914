-- Which registrations exist for the acting person today, and who gets a seat. Race and meals are read in `tables_scope.sql`
-- alone, where children are counted; nothing that decides a seat names them.

-- Districts that share this category with a body today, and each body with itself; grounds: on one of these, null for any.
-- No role is asked.
drop function if exists cg.sharing(text);
create or replace function cg.sharing(wanted text, grounds text[] default null) returns table (owner_id uuid, house_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct a.owner_id, a.collaborative_id
    from public.core_agreement a
    join public.core_membership m on m.collaborative_id = a.collaborative_id and m.organization_id = a.owner_id
   where wanted = any (a.categories) and (grounds is null or a.ground = any (grounds))
     and a.signed_on <= cg.today() and a.since <= cg.today() and a.until > cg.today()
     and m.since <= cg.today() and (m.until is null or m.until > cg.today())
$$;

-- The same on grounds that let somebody of the house be with the district's children, beside one or in a program: as a school
-- official or by the families' consent. A study or an audit is none. `Agreement.BESIDE_CHILDREN` has them, too.
create or replace function cg.lending(wanted text) returns table (owner_id uuid, house_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select x.owner_id, x.house_id from cg.sharing(wanted, '{school_official,consent}') x
$$;

-- Registrations whose rows of this category one of the person's roles opens:
-- offering  everybody with a seat in an offering of the organization of the grant, and by name alone who waits for one;
--           facts about health from four weeks before its first day, for preparing it, to its last;
-- program   everybody with a seat in an offering in which the person teaches, from its first day to its last; facts about
--           health only on days on which it is held;
-- served    the registrations that the person wrote down, in the own district, until the offering is over;
-- guardianship  the own children's; what is said about health and meals is written until the offering is over.
-- Across district lines only with an agreement in force that names the category, as with a school official or by the families'
-- consent: a study or an audit runs no program with children.
create or replace function cg.registrations_by(wanted text, wanted_access text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare found uuid[] := '{}';
begin
  if cg.allows(wanted, 'guardianship', wanted_access) then
    found := found || array(
      select r.id from cg.own_children() c
        join public.programs_registration r on r.owner_id = c.owner_id and r.student_id = c.student_id
        join public.programs_offering o on o.id = r.offering_id
       where wanted_access = 'read' or wanted not in ('health', 'meals') or o.ends_on >= (select cg.today()));
  end if;
  if cg.allows(wanted, 'offering', wanted_access) then
    found := found || array(
      select r.id
        from cg.grants() g
        join public.core_rolescope s
          on s.role = g.role and s.category = wanted and s.form = 'offering' and s.access = wanted_access
        join public.programs_offering o on o.owner_id = g.organization_id
        join public.programs_registration r on r.offering_id = o.id
        join public.programs_seat t
          on t.registration_id = r.id and t.owner_id = r.owner_id
         and (t.state = 'seated' or (t.state = 'waiting' and wanted = 'registration'))
       where (r.owner_id = o.owner_id
              or (r.owner_id, o.owner_id) in (select x.owner_id, x.house_id from cg.lending(wanted) x))
         and (wanted <> 'health' or (select cg.today()) between o.starts_on - 28 and o.ends_on));
  end if;
  if cg.allows(wanted, 'program', wanted_access) then
    found := found || array(
      select r.id
        from cg.grants() g
        join public.core_rolescope s
          on s.role = g.role and s.category = wanted and s.form = 'program' and s.access = wanted_access
        join public.programs_assignment a
          on a.owner_id = g.organization_id and a.person_id = cg.person()
         and a.since <= (select cg.today()) and a.until > (select cg.today())
        join public.programs_offering o
          on o.id = a.offering_id and o.starts_on <= (select cg.today()) and o.ends_on >= (select cg.today())
        join public.programs_registration r on r.offering_id = o.id
        join public.programs_seat t on t.registration_id = r.id and t.owner_id = r.owner_id and t.state = 'seated'
       where (r.owner_id = o.owner_id
              or (r.owner_id, o.owner_id) in (select x.owner_id, x.house_id from cg.lending(wanted) x))
         and (wanted <> 'health'
              or exists (select from public.programs_day d where d.offering_id = o.id and d.held_on = (select cg.today()))));
  end if;
  if cg.allows(wanted, 'served', wanted_access) then
    found := found || array(
      select r.id
        from cg.grants() g
        join public.core_rolescope s
          on s.role = g.role and s.category = wanted and s.form = 'served' and s.access = wanted_access
        join public.core_organization place on place.id = g.organization_id
        join public.programs_registration r
          on r.entered_by_id = cg.person() and r.owner_id = coalesce(place.owner_id, place.id)
        join public.programs_offering o on o.id = r.offering_id and o.ends_on >= (select cg.today()));
  end if;
  return found;
end $$;

create or replace function cg.registrations(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select cg.registrations_by(wanted, 'read') $$;

create or replace function cg.registrations_to_write(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select cg.registrations_by(wanted, 'write') $$;

-- The students of the registrations that exist for the person: the child's own row, and no other row about the child.
create or replace function cg.registered(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(r.student_id), '{}')
    from public.programs_registration r where r.id = any ((select cg.registrations_by('registration', 'read'))::uuid[])
$$;

-- Whether the acting person may write down, or take back, this registration.
create or replace function cg.may_register(registration uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.programs_registration r
     where r.id = registration
       and (r.owner_id = any (cg.owners('registration', 'write'))
            or r.student_id = any (cg.students_to_write('registration'))
            or r.id = any (cg.registrations_to_write('registration'))))
$$;

-- Seats that the offering would give or keep if these registrations had one, besides those that have: each district's
-- taken seats, or as many as are still kept for it where that is more.
create or replace function cg.seats_used(wanted uuid, asking uuid[]) returns integer
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with taken as (
    select r.owner_id as district_id, count(*)::integer as seats
      from public.programs_seat t
      join public.programs_registration r on r.id = t.registration_id and r.owner_id = t.owner_id
     where t.offering_id = wanted and (t.state = 'seated' or t.registration_id = any (asking))
     group by 1
  ), kept as (
    select q.district_id, q.seats
      from public.programs_seatguarantee q join public.programs_offering o on o.id = q.offering_id
     where q.offering_id = wanted and o.release_on > (select cg.today())
  )
  select coalesce(sum(greatest(coalesce(t.seats, 0), coalesce(k.seats, 0))), 0)::integer
    from taken t full join kept k on k.district_id = t.district_id
$$;

-- Gives free seats to those who wait, one offering at a time: families in the order of their first child's receipt, a
-- family whole or not at all. A family that does not fit keeps its place and the next that fits is seated. Returns how
-- many children were seated; run again it seats nobody else.
create or replace function cg.decide_seats(wanted uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  limit_of_seats integer;
  family record;
  child uuid;
  free_number integer;
  seated_count integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('seats of ' || wanted::text, 0));
  select capacity into limit_of_seats from public.programs_offering where id = wanted;
  for family in
    select r.family_unit, array_agg(t.registration_id order by t.received_at, t.registration_id) as children
      from public.programs_seat t
      join public.programs_registration r on r.id = t.registration_id and r.owner_id = t.owner_id
      join public.programs_offering o on o.id = t.offering_id
     where t.offering_id = wanted and t.state = 'waiting'
     group by r.family_unit
    -- A family keeps its place while a district of one of its children shares nothing.
    having bool_and(r.owner_id = o.owner_id or (r.owner_id, o.owner_id) in (
             select x.owner_id, x.house_id from cg.lending('registration') x))
     order by min(t.received_at), r.family_unit
  loop
    continue when cg.seats_used(wanted, family.children) > limit_of_seats;
    foreach child in array family.children loop
      select min(n) into free_number from generate_series(1, limit_of_seats) n
       where not exists (select from public.programs_seat t where t.offering_id = wanted and t.number = n);
      update public.programs_seat
         set state = 'seated', number = free_number, seated_at = clock_timestamp()
       where registration_id = child and offering_id = wanted;
      seated_count := seated_count + 1;
    end loop;
  end loop;
  return seated_count;
end $$;

-- Puts registrations of the acting person on the list, all of them before anybody is seated, then gives out what is free.
-- Asked again it changes nothing; a child that was withdrawn takes a new place at the end.
create or replace function cg.ask_for_seats(wanted uuid, asking uuid[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare one uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('seats of ' || wanted::text, 0));
  foreach one in array asking loop
    if not cg.may_register(one) then perform cg.refuse('not_yours'); end if;
    if not exists (
      select from public.programs_registration r join public.programs_offering o on o.id = r.offering_id
       where r.id = one and o.id = wanted
         and (r.owner_id = o.owner_id
              or (r.owner_id, o.owner_id) in (select x.owner_id, x.house_id from cg.lending('registration') x))
    ) then perform cg.refuse('not_shared'); end if;
    insert into public.programs_seat (id, owner_id, registration_id, offering_id, state, received_at)
    select gen_random_uuid(), r.owner_id, r.id, r.offering_id, 'waiting', clock_timestamp()
      from public.programs_registration r where r.id = one
    on conflict (owner_id, registration_id) do update
      set state = 'waiting', received_at = clock_timestamp(), withdrawn_at = null
      where programs_seat.state = 'withdrawn';
  end loop;
  perform cg.decide_seats(wanted);
end $$;

-- Changes these emergency facts of a registered child, until the offering is over, and signs them; the others stay. For
-- those who may write them: some of them, who write down what a family tells, may not read what stands there.
create or replace function cg.change_care(wanted uuid, facts jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  told public.programs_care;
begin
  if not wanted = any (cg.registrations_to_write('health')) or not exists (
    select from public.programs_registration r
      join public.programs_offering o on o.id = r.offering_id and o.ends_on >= cg.today()
      join public.programs_seat t on t.registration_id = r.id and t.owner_id = r.owner_id and t.state <> 'withdrawn'
     where r.id = wanted)
  then perform cg.refuse('not_yours'); end if;
  select * into told from public.programs_care c where c.registration_id = wanted for update;
  if told.id is null then perform cg.refuse('not_yours'); end if;
  told := jsonb_populate_record(told, facts);
  if told.ride_id is not null and not exists (
    select from public.programs_ride d join public.programs_registration r on r.offering_id = d.offering_id
     where r.id = wanted and d.id = told.ride_id)
  then perform cg.refuse('not_yours'); end if;
  update public.programs_care
     set contact_name = told.contact_name, contact_phone = told.contact_phone, other_name = told.other_name,
         other_phone = told.other_phone, picked_up_by = told.picked_up_by, allergies = told.allergies,
         medicines = told.medicines, needs = told.needs, ride_id = told.ride_id,
         written_by_id = cg.person(), written_at = cg.moment()
   where registration_id = wanted;
end $$;

-- Gives the seat or the place on the list back, and the seat to whoever is next. Asked again it changes nothing.
create or replace function cg.give_back_seat(registration uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare wanted uuid;
begin
  if not cg.may_register(registration) then perform cg.refuse('not_yours'); end if;
  select offering_id into wanted from public.programs_registration where id = registration;
  perform pg_advisory_xact_lock(hashtextextended('seats of ' || wanted::text, 0));
  update public.programs_seat
     set state = 'withdrawn', number = null, withdrawn_at = clock_timestamp()
   where registration_id = registration and state <> 'withdrawn';
  perform cg.decide_seats(wanted);
end $$;

-- The places of the families of these registrations on the waiting list, from 1; only of those that exist for the person.
create or replace function cg.waiting_places(asked uuid[]) returns table (registration_id uuid, place bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with families as (
    select t.offering_id, r.family_unit,
           rank() over (partition by t.offering_id order by min(t.received_at), r.family_unit) as place
      from public.programs_seat t
      join public.programs_registration r on r.id = t.registration_id and r.owner_id = t.owner_id
     where t.state = 'waiting'
       and t.offering_id in (select mine.offering_id from public.programs_registration mine where mine.id = any (asked))
     group by t.offering_id, r.family_unit
  )
  select r.id, f.place
    from public.programs_registration r
    join public.programs_seat t on t.registration_id = r.id and t.owner_id = r.owner_id and t.state = 'waiting'
    join families f on f.offering_id = r.offering_id and f.family_unit = r.family_unit
   where r.id = any (asked)
     and (r.id = any (cg.registrations_by('registration', 'read')) or r.owner_id = any (cg.owners('registration', 'read')))
$$;

-- Seats of an offering in all: how many are taken or kept for somebody today, and how many families wait. Names nobody.
create or replace function cg.seats_left(wanted uuid, out seats_left integer, out families_waiting bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select greatest(o.capacity - cg.seats_used(o.id, '{}'), 0),
         (select count(distinct r.family_unit) from public.programs_seat t
            join public.programs_registration r on r.id = t.registration_id and r.owner_id = t.owner_id
           where t.offering_id = o.id and t.state = 'waiting')
    from public.programs_offering o where o.id = wanted
$$;

-- How many more children of a district would find a seat today: what is free for anybody, and what is kept for it.
create or replace function cg.seats_left_for(wanted uuid, district uuid) returns integer
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select greatest(o.capacity - cg.seats_used(o.id, '{}'), 0) + greatest(
           coalesce((select q.seats from public.programs_seatguarantee q
                      where q.offering_id = o.id and q.district_id = district and o.release_on > cg.today()), 0)
           - (select count(*) from public.programs_seat t
               where t.offering_id = o.id and t.owner_id = district and t.state = 'seated'), 0)::integer
    from public.programs_offering o where o.id = wanted
$$;

-- Counts of an offering, only for those whose role shows counts (form 'counts') of the organization that runs it.
create or replace function cg.counts_offering(wanted uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from public.programs_offering o
      join cg.grants() g on g.organization_id = o.owner_id
      join public.core_rolescope s
        on s.role = g.role and s.category = 'registration' and s.form = 'counts' and s.access = 'read'
     where o.id = wanted)
$$;

-- Seats by district: kept until the release day, taken, waiting.
create or replace function cg.seats_by_district(wanted uuid)
returns table (district_id uuid, kept integer, taken bigint, waiting bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(k.district_id, t.district_id), coalesce(k.seats, 0)::integer, coalesce(t.taken, 0), coalesce(t.waiting, 0)
    from (select q.district_id, q.seats from public.programs_seatguarantee q where q.offering_id = wanted) k
    full join (
      select s.owner_id as district_id, count(*) filter (where s.state = 'seated') as taken,
             count(*) filter (where s.state = 'waiting') as waiting
        from public.programs_seat s where s.offering_id = wanted and s.state <> 'withdrawn' group by 1
    ) t on t.district_id = k.district_id
   where cg.counts_offering(wanted)
$$;

-- Head count: children with a seat, by day, district and mark; no mark is 'none'.
create or replace function cg.head_count(wanted uuid)
returns table (held_on date, district_id uuid, mark text, student_count bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.held_on, s.owner_id, coalesce(a.mark, 'none'), count(*)
    from public.programs_day d
    join public.programs_seat s on s.offering_id = d.offering_id and s.state = 'seated'
    left join public.programs_attendance a
      on a.day_id = d.id and a.registration_id = s.registration_id and a.owner_id = s.owner_id
   where d.offering_id = wanted and cg.counts_offering(wanted)
   group by 1, 2, 3
$$;
