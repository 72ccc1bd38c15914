"""Courses, sections, and the staff who teach them.

Up to grade 5 a class is a homeroom; from grade 6 on a student sits in six sections of 18 to 28, one each period. Grades too
small for that share their sections. Sections of one period are drawn anew for every subject.
"""

from collections import defaultdict
from random import Random

from commonground.demonstration.names import family_names, pick, plain
from commonground.demonstration.people import Ids
from commonground.demonstration.places import GRADES, DistrictPlan
from commonground.demonstration.records import Course, School, Section, Staff, Student

SMALLEST, LARGEST, USUAL = 18, 28, 24
PERIODS = 6
STAFF_COMMUNITIES = (("european", 92), ("latino", 4), ("somali", 2), ("african_american", 1), ("hmong", 1))

MIDDLE = ("Language Arts", "Mathematics", "Science", "Social Studies", "Music and Art", "Health and Movement")
HIGH = ("English", "Mathematics", "Science", "Social Studies", "World Languages", "Career and Technical")
TITLES = {
    ("English", "09"): "English 9",
    ("English", "10"): "English 10",
    ("English", "11"): "American Literature",
    ("English", "12"): "World Literature",
    ("Mathematics", "09"): "Algebra 1",
    ("Mathematics", "10"): "Geometry",
    ("Mathematics", "11"): "Algebra 2",
    ("Mathematics", "12"): "Statistics and Data",
    ("Science", "09"): "Physical Science",
    ("Science", "10"): "Biology",
    ("Science", "11"): "Chemistry",
    ("Science", "12"): "Environmental Science",
    ("Social Studies", "09"): "Geography and Civics",
    ("Social Studies", "10"): "World History",
    ("Social Studies", "11"): "United States History",
    ("Social Studies", "12"): "Government and Economics",
    ("World Languages", "09"): "Spanish 1",
    ("World Languages", "10"): "Spanish 2",
    ("World Languages", "11"): "Spanish for Heritage Speakers",
    ("World Languages", "12"): "Spanish 3",
}


def homeroom_count(students: int) -> int:
    """How many homerooms: as few as keep every one at 24 or below."""
    return -(-students // USUAL)


def section_count(students: int) -> int | None:
    """How many sections of 18 to 28 take these students, or None when no number does."""
    nearest = max(1, round(students / USUAL))
    for count in (nearest, nearest + 1, nearest - 1):
        if count > 0 and SMALLEST * count <= students <= LARGEST * count:
            return count
    return None


def pools(by_grade: dict[str, list[Student]]) -> list[tuple[tuple[str, ...], list[Student]]]:
    """Neighboring grades joined until each pool fills whole sections; the last pool may have to join the one before."""
    done: list[tuple[tuple[str, ...], list[Student]]] = []
    waiting: tuple[tuple[str, ...], list[Student]] = ((), [])
    for grade in sorted(by_grade, key=GRADES.index):
        waiting = ((*waiting[0], grade), waiting[1] + by_grade[grade])
        if section_count(len(waiting[1])):
            done.append(waiting)
            waiting = ((), [])
    while waiting[1] and done and not section_count(len(waiting[1])):
        before = done.pop()
        waiting = (before[0] + waiting[0], before[1] + waiting[1])
    if waiting[1]:
        done.append(waiting)
    return done


def cut(students: list[Student], count: int) -> list[list[Student]]:
    """The students in `count` parts whose sizes differ by one at most."""
    return [students[part::count] for part in range(count)]


class Teaching:
    """Builds one district's courses, sections and staff, school by school."""

    def __init__(self, plan: DistrictPlan, *, ids: Ids, rng: Random) -> None:
        self.plan, self.ids, self.rng = plan, ids, rng
        self.courses: dict[str, Course] = {}
        self.sections: list[Section] = []
        self.staff: list[Staff] = []

    def hire(self, role: str, job: str, *schools: School) -> Staff:
        family = family_names(pick(STAFF_COMMUNITIES, self.rng), self.rng)
        name = family.adult(int(self.rng.random() < 0.35), self.rng)
        number = 9001 + len(self.staff)
        person = Staff(
            source_id=self.ids.new("staff"),
            given_name=name.given,
            middle_name=name.middle,
            family_name=name.family,
            role=role,
            job=job,
            schools=schools,
            local_number=str(number),
            email=f"{plain(name.given)}.{plain(name.family)}.{number}@example.org",
        )
        self.staff.append(person)
        return person

    def course(self, title: str, subject: str, grades: tuple[str, ...]) -> Course:
        if title not in self.courses:
            code = f"{plain(subject)[:3].upper()}{len(self.courses) + 101}"
            self.courses[title] = Course(self.ids.new("course"), title, code, grades, subject)
        return self.courses[title]

    def school(self, school: School, students: list[Student]) -> None:
        """Everything that happens in one school."""
        self.hire("principal", "Principal", school)
        self.hire("aide", "Paraprofessional", school)
        by_grade: dict[str, list[Student]] = defaultdict(list)
        for student in students:
            by_grade[student.grade].append(student)
        upper = {grade: listed for grade, listed in by_grade.items() if grade >= "06" and grade[0] in "01"}
        if upper:
            self.hire("counselor", "Counselor", school)
        for grade in sorted(by_grade.keys() - upper.keys(), key=GRADES.index):
            self._homerooms(school, grade, by_grade[grade])
        for grades, pool in pools(upper):
            self._schedule(school, grades, pool)

    def _homerooms(self, school: School, grade: str, students: list[Student]) -> None:
        title = {"EC": "Early Childhood", "PK": "Pre-Kindergarten", "KG": "Kindergarten"}.get(
            grade, f"Grade {int(grade)}" if grade.isdigit() else grade
        )
        course = self.course(f"{title} Homeroom", "Homeroom", (grade,))
        students = self.rng.sample(students, len(students))
        for number, members in enumerate(cut(students, homeroom_count(len(students))), start=1):
            teacher = self.hire("teacher", "Classroom teacher", school)
            self._section(
                f"{title}, Room {number}",
                f"HR-{grade}-{number}",
                "homeroom",
                (grade,),
                course,
                school,
                teacher,
                members,
                period=None,
            )

    def _schedule(self, school: School, grades: tuple[str, ...], pool: list[Student]) -> None:
        """Six subjects for the pool; a student's section of subject s meets in period (s + turn) mod 6."""
        count = section_count(len(pool)) or max(1, round(len(pool) / USUAL))
        pool = self.rng.sample(pool, len(pool))
        by_turn: dict[int, list[Student]] = defaultdict(list)
        sections_of_turn: dict[int, int] = defaultdict(int)
        for number, members in enumerate(cut(pool, count)):
            by_turn[number % PERIODS].extend(members)
            sections_of_turn[number % PERIODS] += 1
        subjects = HIGH if grades[-1] >= "09" else MIDDLE
        for place, subject in enumerate(subjects):
            teachers: list[tuple[Staff, set[int]]] = []
            number = 0
            for turn, members in sorted(by_turn.items()):
                period = (place + turn) % PERIODS + 1
                for part in cut(self.rng.sample(members, len(members)), sections_of_turn[turn]):
                    number += 1
                    teacher = self._free(teachers, period, subject, school)
                    title = self._title(subject, grades)
                    course = self.course(title, subject, grades)
                    code = f"{course.code}-{number}"
                    self._section(
                        f"{title} ({number})", code, "scheduled", grades, course, school, teacher, part, period=period
                    )

    def _title(self, subject: str, grades: tuple[str, ...]) -> str:
        if len(grades) == 1 and (subject, grades[0]) in TITLES:
            return TITLES[subject, grades[0]]
        return f"{subject} {'/'.join(str(int(grade)) for grade in grades)}"

    def _free(self, teachers: list[tuple[Staff, set[int]]], period: int, subject: str, school: School) -> Staff:
        """A teacher of the subject with that period and at least one other free, else a new one."""
        for teacher, busy in teachers:
            if period not in busy and len(busy) < PERIODS - 1:
                busy.add(period)
                return teacher
        teacher = self.hire("teacher", f"Teacher, {subject}", school)
        teachers.append((teacher, {period}))
        return teacher

    def _section(
        self,
        title: str,
        code: str,
        kind: str,
        grades: tuple[str, ...],
        course: Course,
        school: School,
        teacher: Staff,
        students: list[Student],
        *,
        period: int | None,
    ) -> None:
        room = str(100 + len(self.sections) % 180)
        self.sections.append(
            Section(
                self.ids.new("class"),
                title,
                code,
                kind,
                grades,
                course.subject,
                room,
                period,
                course,
                school,
                teacher,
                students,
            )
        )
