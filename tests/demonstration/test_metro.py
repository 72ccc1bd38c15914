"""The large collaborative for benchmarks is clean, complete and repeatable at any size."""

from datetime import date

from commonground import formats
from commonground.demonstration.metro import metro

TODAY = date(2026, 11, 24)


def test_every_district_reads_without_a_problem_and_students_add_up(tmp_path):
    bundles = metro(tmp_path / "metro", students=900, districts=3, seed=1, today=TODAY)

    readings = {district: formats.read(bundle, into=tmp_path / district) for district, bundle in bundles.items()}

    assert list(readings) == ["9901-01", "9902-01", "9903-01"]
    assert sum(reading.tables["student"] for reading in readings.values()) == 900
    for reading in readings.values():
        assert reading.problems == {}
        assert reading.read == reading.accepted
        assert reading.tables["guardianship"] == 2 * reading.tables["student"]


def test_a_student_has_one_homeroom_or_six_sections(tmp_path):
    # 13 students, one per grade: six in homerooms (KG to 05), seven with six sections each: 6 + 7 x 6 = 48 seats.
    bundle = metro(tmp_path / "metro", students=13, districts=1, seed=1, today=TODAY)["9901-01"]

    reading = formats.read(bundle, into=tmp_path / "read")

    assert (reading.tables["student"], reading.tables["enrollment"]) == (13, 48)


def test_equal_arguments_give_equal_bytes(tmp_path):
    one, other = (metro(tmp_path / name, students=200, districts=2, seed=7, today=TODAY) for name in ("one", "other"))

    for district, folder in one.items():
        for path in folder.iterdir():
            assert path.read_bytes() == (other[district] / path.name).read_bytes()
