-- How many current students of these owners are at which school, in which grade, of which federal group: counts alone,
-- which the law makes public. A child counts once, at the primary school. Hispanic of any race comes first, then two or
-- more races; a child of whom no race is written down is 'unknown'. school_id is null for a child without a school.
create or replace function cg.race_counts(wanted uuid[])
returns table (owner_id uuid, school_id uuid, grade text, race_group text, student_count bigint)
language sql stable security definer set search_path = '' as $$
  with place as (
    select distinct on (e.owner_id, e.student_id) e.owner_id, e.student_id, e.school_id, e.grade
      from public.roster_schoolenrollment e
     where e.owner_id = any (wanted) and e.ended_on is null
     order by e.owner_id, e.student_id, e.is_primary desc nulls last, e.id
  ), race as (
    select distinct on (d.owner_id, d.student_id) d.owner_id, d.student_id,
           case when d.hispanic then 'hispanic'
                when d.two_or_more then 'two_or_more'
                else case coalesce(d.american_indian, false)::int + coalesce(d.asian, false)::int
                        + coalesce(d.black, false)::int + coalesce(d.pacific_islander, false)::int
                        + coalesce(d.white, false)::int
                     when 0 then 'unknown'
                     when 1 then case when d.american_indian then 'american_indian' when d.asian then 'asian'
                                      when d.black then 'black' when d.pacific_islander then 'pacific_islander'
                                      else 'white' end
                     else 'two_or_more' end
           end as race_group
      from public.roster_demographics d
     where d.owner_id = any (wanted) and d.ended_on is null
     order by d.owner_id, d.student_id, d.id
  )
  select s.owner_id, p.school_id, coalesce(p.grade, s.grade), coalesce(r.race_group, 'unknown'), count(*)
    from public.roster_student s
    left join place p on p.owner_id = s.owner_id and p.student_id = s.id
    left join race r on r.owner_id = s.owner_id and r.student_id = s.id
   where s.owner_id = any (wanted) and s.ended_on is null
   group by 1, 2, 3, 4
$$;
