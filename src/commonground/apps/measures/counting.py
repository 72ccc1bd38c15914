"""The statements that count an owner's roster after a batch: plain SQL, inside the walls, one pass for each."""

# Where each current student is, and the group by two codings.
PLACES = """
place as (
    select distinct on (e.student_id) e.student_id, e.school_id, e.grade
      from roster_schoolenrollment e
     where e.owner_id = %(owner)s and e.ended_on is null
     order by e.student_id, e.is_primary desc nulls last, e.id
), race as (
    select distinct on (d.student_id) d.student_id, coalesce(d.american_indian, false) as any_indian,
           cg.federal_group(d) as race_group
      from roster_demographics d
     where d.owner_id = %(owner)s and d.ended_on is null
     order by d.student_id, d.id
)"""

STUDENTS = f"""
with {PLACES}, child as (
    select p.school_id, coalesce(p.grade, s.grade) as grade, coalesce(r.race_group, 'unknown') as federal,
           case when r.any_indian then 'american_indian' else coalesce(r.race_group, 'unknown') end as state
      from roster_student s
      left join place p on p.student_id = s.id
      left join race r on r.student_id = s.id
     where s.owner_id = %(owner)s and s.ended_on is null
), counted as (
    select school_id, grade, federal, state, count(*) as number from child group by 1, 2, 3, 4
)
insert into measures_rostercount (id, owner_id, batch_id, school_id, grade, coding, race_group, student_count)
select gen_random_uuid(), %(owner)s, %(batch)s, school_id, grade, coding, race_group, sum(number)
  from counted cross join lateral (values ('federal', federal), ('state', state)) as c (coding, race_group)
 group by school_id, grade, coding, race_group
"""  # noqa: S608 - every part is our own

# Students of each known group in each section: how many, how many seats, where one in six sections takes a sixth, and how
# many of the group there are in all sections of the school, each once.
SECTIONS = f"""
with {PLACES}, seat as (
    select e.student_id, e.section_id, x.school_id, 1.0::float8 / count(*) over (partition by e.student_id) as seat
      from (select distinct student_id, section_id from roster_enrollment
             where owner_id = %(owner)s and ended_on is null) e
      join roster_section x on x.id = e.section_id and x.owner_id = %(owner)s and x.ended_on is null
      join roster_student s on s.id = e.student_id and s.owner_id = %(owner)s and s.ended_on is null
), known as (
    select t.school_id, t.section_id, t.student_id, t.seat, r.race_group
      from seat t join race r on r.student_id = t.student_id and r.race_group <> 'unknown'
), of_school as (
    select school_id, race_group, count(distinct student_id) as students from known group by 1, 2
)
select k.school_id, k.section_id, k.race_group, count(*), sum(k.seat), max(o.students)
  from known k join of_school o on o.school_id = k.school_id and o.race_group = k.race_group
 group by 1, 2, 3
 order by 1, 2, 3
"""  # noqa: S608 - every part is our own

TOTALS = """
select (select count(*) from roster_student where owner_id = %(owner)s and ended_on is null),
       (select count(*) from roster_guardian where owner_id = %(owner)s and ended_on is null),
       (select count(*) from core_organization where owner_id = %(owner)s and ended_on is null and kind = 'school'),
       (select count(*) from roster_section where owner_id = %(owner)s and ended_on is null)
"""
