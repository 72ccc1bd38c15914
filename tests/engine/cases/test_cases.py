"""How worked cases are read, matched to adapters, run and reported."""

import json
from importlib import import_module  # noqa: TID251 - looks at every module of a registry
from pkgutil import iter_modules

import pytest

from commonground.cli import main
from commonground.engine import cases
from commonground.engine.cases import NoAdapter, NoCases, read_cases, run


@pytest.fixture
def register(monkeypatch):
    """Replaces the registry by the given adapters and reasons."""

    def replace(adapters, reasons=None):
        def longest_first(table):
            return tuple(sorted(table.items(), key=lambda pair: -len(pair[0])))

        monkeypatch.setattr(cases, "_registered", lambda: (longest_first(adapters), longest_first(reasons or {})))

    return replace


def one(**fields):
    return read_cases([{"id": "1", **fields}], stem="stem")


def test_a_document_is_a_list_an_object_with_cases_or_one_case():
    single = {"id": "a", "expected": 1}

    identities = [[c.identity for c in read_cases(d, stem="f")] for d in ([single], {"cases": [single]}, single)]

    assert identities == [["f/a"]] * 3


@pytest.mark.parametrize(
    "document", ["text", 3, [1], {"name": "x"}, [], {"cases": 3}, [{"id": 1, "name": "a school"}], [{"expected": 1}]]
)
def test_other_json_is_not_taken_for_cases(document):
    with pytest.raises(NoCases, match="f: "):
        read_cases(document, stem="f")


def test_the_expectation_is_read_from_each_of_its_names():
    assert [one(**{name: 7})[0].expected for name in ("expected", "expect", "pass_if", "examples", "cases_qty")] == [
        7
    ] * 5
    assert one(expect_pairs_at_least=3)[0].expected == {"pairs_at_least": 3}
    assert one(expect="sealed bids", expect_total_cents=5)[0].expected == {"expect": "sealed bids", "total_cents": 5}


def test_the_longest_pattern_that_matches_any_label_wins(register):
    register({"*": lambda _: 0, "stem/*": lambda _: 1, "wilson*": lambda _: 2, "{*,x}": lambda _: 3})

    assert cases.answer(one(expected=1)[0]) == 1
    assert cases.answer(one(expected=1, measure="Wilson 95% CI")[0]) == 2
    assert cases.answer(one(expected=1, input={"x": 1})[0]) == 1
    register({"*": lambda _: 0, "{*,x}": lambda _: 3})
    assert cases.answer(one(expected=1, input={"x": 1})[0]) == 3
    assert cases.answer(one(expected=1, input=[1])[0]) == 0


def test_each_case_is_counted_once_under_what_became_of_it(register):
    def missing(case):
        raise NoAdapter("needs another package")

    def broken(case):
        raise ZeroDivisionError("by zero")

    register({"a": lambda case: case.input, "b": missing, "c": broken, "stem": lambda _: 1}, {"fact": "a fact"})
    kinds = {"right": "a", "wrong": "a", "lost": "b", "broken": "c", "fact": "fact", "unknown": "z", "empty": "a"}
    listed = [{"id": i, "kind": kind, "input": {"y": 1}, "expected": {"y": 1}} for i, kind in kinds.items()]
    listed[1]["expected"] = {"y": 2}
    listed[-1]["expected"] = {}

    report = run(read_cases(listed, stem="f"))

    assert report.passed == 1
    assert report.failed == ("f/wrong", "f/broken", "f/empty")
    assert report.no_adapter == ("f/lost", "f/unknown")
    assert report.not_a_calculation == ("f/fact",)
    assert report.reasons["f/wrong"] == "y: expected 2, got 1"
    assert report.reasons["f/broken"] == "ZeroDivisionError: by zero"
    assert report.reasons["f/lost"] == "needs another package"


def test_an_adapter_wins_over_an_equally_long_reason(register):
    register({"wils*": lambda _: 1}, {"kind*": "a fact"})

    assert cases.why_not_a_calculation(one(measure="wilson", kind="kind1", expected=1)[0]) is None


def test_without_a_folder_there_is_no_neighbor_to_read():
    with pytest.raises(NoAdapter, match=r"schools\.csv is not beside"):
        one(expected=1)[0].neighbor("schools.csv")


def test_no_two_modules_have_an_adapter_for_the_same_pattern():
    modules = [import_module(f"{cases.__name__}.{found.name}") for found in iter_modules(cases.__path__)]
    patterns = [pattern.lower() for module in modules for pattern in getattr(module, "ADAPTERS", {})]

    assert len(patterns) == len(set(patterns))
    assert set(patterns) == {pattern for pattern, _ in cases._registered()[0]}


@pytest.fixture
def folder(tmp_path, register):
    register({"double": lambda case: 2 * case.input["x"], "beside": lambda case: int(case.neighbor("two.txt"))})
    (tmp_path / "right.json").write_text(json.dumps([{"id": "r", "kind": "double", "x": 1, "expected": 2}]))
    (tmp_path / "beside.json").write_text(json.dumps({"id": "b", "kind": "beside", "expected": 2}))
    (tmp_path / "two.txt").write_text("2")
    (tmp_path / "school.json").write_text('{"name": "not a case"}')
    return tmp_path


def test_the_command_answers_in_json_and_exits_0_when_all_passed(folder, capsys):
    status = main(["cases", str(folder), "--json"])

    assert status == 0
    assert json.loads(capsys.readouterr().out) == {
        "passed": 2,
        "failed": [],
        "no_adapter": [],
        "not_a_calculation": [],
    }


def test_a_failed_case_or_one_without_adapter_exits_1_and_says_why(folder, capsys):
    wrong = folder / "wrong.json"
    wrong.write_text(json.dumps([{"id": "w", "kind": "double", "x": 1, "expected": 3}, {"id": "n", "expected": 1}]))

    status = main(["cases", str(wrong), "--json"])

    said = capsys.readouterr()
    assert status == 1
    assert json.loads(said.out)["failed"] == ["wrong/w"]
    assert "wrong/w: expected 3, got 2" in said.err
    assert "wrong/n: no module" in said.err


def test_for_people_the_command_prints_counts_and_reasons(folder, capsys, register):
    register({"double": lambda case: 2 * case.input["x"]}, {"beside/*": "a fact"})

    assert main(["cases", str(folder)]) == 0
    assert "passed: 1" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing.json", "school.json", "two.txt", "empty"])
def test_a_path_without_cases_exits_2(folder, name, capsys):
    (folder / "empty").mkdir()
    (folder / "two.txt").write_text("no JSON")

    assert main(["cases", str(folder / name)]) == 2
    assert name in capsys.readouterr().err or name == "school.json"
