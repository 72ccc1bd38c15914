"""A sealed draw can be run again by anyone, and every tampering shows."""

import copy
import hashlib
import hmac
import json
import runpy
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.assignment.markets import markets

from commonground.engine.assignment import (
    Applicant,
    Beacon,
    Block,
    Program,
    build_market,
    commitment,
    deferred_acceptance,
    drand_beacon,
    draw,
    market_of,
    pseudonym,
    seal,
    verify,
    with_reserves,
)
from commonground.engine.assignment.beacon import value_from_signature
from commonground.engine.assignment.sealed import merkle_path
from commonground.engine.values import InputError

BEACON = "9d" * 32
SEALED_AT = datetime(2027, 1, 25, 17, tzinfo=UTC)
ROUND = drand_beacon(datetime(2027, 2, 1, 18, tzinfo=UTC))
PULSE = Beacon("NIST randomness beacon 2.0", 5, datetime(2027, 2, 2, 18, tzinfo=UTC), "https://beacon.nist.gov")


def small_market():
    people = [
        Applicant("c3", ("arts", "stem"), ("north",), family="f"),
        Applicant("c1", ("arts",), family="f"),
        Applicant("c2", ("stem", "arts"), classes={"arts": 1}),
        Applicant("c4", ("arts", "stem"), classes={"stem": -1}),
    ]
    return market_of(people, [with_reserves("arts", 2, {"north": 1}), Program("stem", 1)])


def sealed(**changes):
    more = {"rules": {"version": "1"}, "beacon": ROUND, "fallback": PULSE, "sealed_at": SEALED_AT, "engine": "1.0"}
    return seal(small_market(), **{**more, **changes})


@pytest.fixture
def transcript():
    return copy.deepcopy(draw(sealed(), beacon_value=BEACON).transcript)


def test_a_true_transcript_is_right_in_every_line(transcript):
    found = verify.check_transcript(json.loads(json.dumps(transcript)), transcript["root"].upper(), BEACON)

    assert len(found) == 10
    assert all(is_right for is_right, _ in found)


def swap_result(transcript):
    result = transcript["result"]
    result["c1"], result["c4"] = result["c4"], result["c1"]
    assert result["c1"] != result["c4"]


@pytest.mark.parametrize(
    ("tamper", "sentence"),
    [
        (lambda t: t.update(format="other"), "format"),
        (lambda t: t["entries"][1]["choices"].reverse(), "sealed root"),
        (lambda t: t["entries"][0]["choices"].append(["arts", 0, []]), "sealed root"),
        (lambda t: t["notice"]["rules"].update(version="2"), "sealed root"),
        (lambda t: t["notice"]["beacon"].update(round=7), "sealed root"),
        (lambda t: t["notice"]["beacon"].update(round=7), "is due at 2027-02-01T18:00:00Z"),
        (lambda t: t["notice"].update(sealed_at="2027-02-01T18:00:00Z"), "before 2027-02-01T18:00:00Z"),
        (lambda t: t.update(beacon_signature="00"), "SHA-256 of the beacon's signature"),
        (lambda t: t.update(late=[{"unit": "x", "values": {"all": "00"}}]), "late applicants"),
        (lambda t: t["result"].update(c9=None), "that the rules give; first not: ['c9']"),
        (lambda t: t["entries"].append(t["entries"][0]), "none of them twice"),
        (lambda t: t["lottery_numbers"]["all"].update(c1=99), "lottery number follows"),
        (lambda t: t.update(beacon_value="ab" * 32), "lottery number follows"),
        (swap_result, "that the rules give; first not"),
        (lambda t: t["result"].pop("c1"), "that the rules give"),
        (lambda t: t.update(result_root="00"), "published root"),
    ],
)
def test_tampering_shows(transcript, tamper, sentence):
    tamper(transcript)

    wrong = [text for is_right, text in verify.check_transcript(transcript) if not is_right]

    assert any(sentence in text for text in wrong)


def test_another_root_or_beacon_than_the_noted_one_shows(transcript):
    found = verify.check_transcript(transcript, root="00", beacon="11")

    assert [text for is_right, text in found if not is_right] == [
        "it is the root you noted before the draw",
        "the random number is the one you looked up",
    ]


def test_the_lottery_number_is_an_hmac_that_anyone_can_work_out():
    # Published vector: RFC 4231, test case 2 (key "Jefe", data "what do ya want for nothing?").
    key, data = b"Jefe".hex(), "what do ya want for nothing?"
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert hmac.new(bytes.fromhex(key), data.encode(), hashlib.sha256).hexdigest() == expected
    assert verify.lottery_value(key, "", data) == hmac.new(b"Jefe", f"|{data}".encode(), hashlib.sha256).hexdigest()


def test_the_root_of_three_leaves_is_worked_out_by_hand():
    a, b, c = (verify.leaf(letter) for letter in "abc")
    pair = hashlib.sha256(b"\x01" + a + b).digest()

    assert a == hashlib.sha256(b'\x00"a"').digest()
    assert verify.merkle_root([a, b, c]) == hashlib.sha256(b"\x01" + pair + c).hexdigest()
    assert verify.merkle_root([]) == hashlib.sha256(b"").hexdigest()


@given(st.lists(st.text(max_size=4), min_size=1, max_size=12), st.data())
def test_every_leaf_has_a_path_to_the_root(values, data):
    leaves = [verify.leaf(value) for value in values]
    at = data.draw(st.integers(0, len(values) - 1))

    path = merkle_path(leaves, at)

    assert verify.root_from_path(values[at], path) == verify.merkle_root(leaves)
    assert verify.root_from_path([values[at]], path) != verify.merkle_root(leaves)


def test_a_family_finds_its_own_entry_under_the_root():
    fixed = sealed()
    receipt = fixed.receipt("c2")

    assert verify.check_receipt(receipt, fixed.root)[0][0]
    receipt["entry"]["choices"].pop()
    assert not verify.check_receipt(receipt, fixed.root)[0][0]
    with pytest.raises(InputError, match="'nobody'"):
        fixed.receipt("nobody")


def test_children_of_one_family_stand_side_by_side():
    numbers = draw(sealed(), beacon_value=BEACON).transcript["lottery_numbers"]["all"]

    assert numbers["c3"] - numbers["c1"] == 1


@given(markets(), st.sampled_from(["deferred acceptance", "serial dictatorship"]), st.binary(min_size=32, max_size=32))
@settings(deadline=None)
def test_the_newspapers_program_and_the_engine_always_agree(drawn, mechanism, beacon):
    market, _ = drawn
    for tie_breaking in ("single", "multiple") if mechanism == "deferred acceptance" else ("single",):
        fixed = seal(
            market,
            rules={},
            beacon=ROUND,
            fallback=PULSE,
            sealed_at=SEALED_AT,
            tie_breaking=tie_breaking,
            mechanism=mechanism,
            engine="1.0",
        )
        drawn_now = draw(fixed, beacon_value=beacon.hex())

        found = verify.check_transcript(drawn_now.transcript, fixed.root)

        assert [text for is_right, text in found if not is_right] == []
        assert drawn_now.assignment.certificate.holds


def test_officials_can_draw_when_the_beacon_fails():
    secrets = {"director": "apple", "parent": "pear"}
    fixed = sealed(fallback={name: commitment(secret) for name, secret in secrets.items()})

    transcript = draw(fixed, reveals=secrets).transcript

    assert all(is_right for is_right, _ in verify.check_transcript(transcript))
    with pytest.raises(InputError, match="not the one that was promised"):
        draw(fixed, reveals={**secrets, "parent": "plum"})
    with pytest.raises(InputError, match="a secret is missing"):
        draw(fixed, reveals={"director": "apple"})
    with pytest.raises(InputError, match="no second beacon was named"):
        draw(fixed, beacon_value=BEACON, is_fallback=True)
    with pytest.raises(InputError, match="not the one that was promised"):
        draw(sealed(), reveals=secrets)


@pytest.mark.parametrize("value", ["9d9d", "x" * 64, "9" * 63])
def test_a_beacon_that_is_no_number_is_refused(value):
    with pytest.raises(InputError, match="hexadecimal"):
        draw(sealed(), beacon_value=value)


# Published: round 1000 of drand's quicknet, as the network's own interface and the test vectors of its clients give it.
ROUND_1000 = "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"
SIGNATURE_1000 = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"


def test_the_number_of_a_round_follows_from_its_published_signature():
    transcript = draw(sealed(), beacon_value=ROUND_1000, beacon_signature=SIGNATURE_1000).transcript

    assert value_from_signature(SIGNATURE_1000) == ROUND_1000
    assert (True, "the random number is the SHA-256 of the beacon's signature") in verify.check_transcript(transcript)
    left = verify.not_checked(transcript, transcript["root"], ROUND_1000)
    assert [line.split(":")[0] for line in left] == ["that the network made the signature"]
    with pytest.raises(InputError, match="not the SHA-256 of its signature"):
        draw(sealed(), beacon_value=BEACON, beacon_signature=SIGNATURE_1000)
    with pytest.raises(InputError, match="copy it from the beacon"):
        draw(sealed(), beacon_value=BEACON, beacon_signature="xyz")


def test_a_round_is_due_when_the_networks_parameters_say():
    # Quicknet: round 1 at 1692803367, one every 3 seconds. Round 1000 is 999 x 3 = 2997 seconds later: 1692806364.
    at = datetime.fromtimestamp(1_692_806_364, UTC)

    assert drand_beacon(at).round == 1000
    assert drand_beacon(datetime.fromtimestamp(1_692_806_362, UTC)) == drand_beacon(at)
    assert drand_beacon(at).look_up.endswith("/public/1000")
    with pytest.raises(InputError, match="round 1001 of drand quicknet is due at 2023-08-23T15:59:27Z, not at"):
        Beacon("drand quicknet", 1001, at, "somewhere", 1_692_803_367, 3)
    with pytest.raises(InputError, match="name a later moment"):
        drand_beacon(datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(InputError, match="where anyone can look"):
        Beacon("drand quicknet", 1, at, " ")


def test_the_second_beacon_counts_only_when_it_was_named():
    transcript = draw(sealed(), beacon_value=BEACON, is_fallback=True).transcript

    assert all(is_right for is_right, _ in verify.check_transcript(transcript))
    assert "https://beacon.nist.gov" in verify.not_checked(transcript, None, None)[1]
    assert "the root was public by 2027-01-25T17:00:00Z" in verify.not_checked(transcript, None, BEACON)[0]


def test_one_source_of_randomness_is_needed():
    with pytest.raises(InputError, match="one of the two"):
        draw(sealed())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sealed_at": ROUND.at}, "its number would be known already; name a later round"),
        (
            {"sealed_at": datetime(2027, 2, 2, 17, tzinfo=UTC), "beacon": PULSE, "fallback": ROUND},
            "drand quicknet speaks",
        ),
        ({"sealed_at": datetime(2027, 1, 1, 12)}, "has no time zone"),  # noqa: DTZ001 - that is the point
        ({"fallback": {}}, "the fallback is"),
        ({"late": "by whim"}, "late rule 'by whim' is unknown"),
        ({"late": "among their class"}, "seal a commitment of the secret"),
        ({"mechanism": "whim"}, "a sealed draw runs"),
        ({"tie_breaking": "coin"}, "a sealed draw runs"),
        ({"mechanism": "serial dictatorship", "tie_breaking": "multiple"}, "one order for all"),
    ],
)
def test_a_seal_that_leaves_something_open_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        sealed(**changes)


def test_a_market_without_pseudonyms_cannot_be_sealed():
    with pytest.raises(InputError, match="no pseudonyms"):
        seal(
            build_market([Program("x", 1)], [[0]]),
            rules={},
            beacon=ROUND,
            fallback=PULSE,
            sealed_at=SEALED_AT,
            engine="1",
        )


def test_nothing_cannot_be_promised():
    with pytest.raises(InputError, match="no secret to promise"):
        commitment("")


def test_a_pseudonym_needs_a_real_secret():
    assert pseudonym(bytes(16), "1") != pseudonym(bytes(16), "2")
    with pytest.raises(InputError, match="at least 16"):
        pseudonym(b"short", "1")


def test_the_checker_is_one_short_file_that_needs_nothing(tmp_path, transcript):
    source = Path(verify.__file__).read_text(encoding="utf-8")
    (tmp_path / "verify.py").write_text(source, encoding="utf-8")
    (tmp_path / "t.json").write_text(json.dumps(transcript), encoding="utf-8")
    isolated = [sys.executable, "-I", "-S", "verify.py", "t.json", "--root", transcript["root"]]

    run = subprocess.run(isolated, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert len(source.splitlines()) < 300
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("yes") == 9
    assert run.stdout.count("?    not checked here: ") == 1
    assert ROUND.look_up in run.stdout


def test_the_checker_answers_by_its_exit_status(tmp_path, transcript, capsys):
    good, bad, receipt = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "receipt.json"
    good.write_text(json.dumps(transcript), encoding="utf-8")
    bad.write_text(json.dumps({**transcript, "result_root": "00"}), encoding="utf-8")
    receipt.write_text(json.dumps(sealed().receipt("c1")), encoding="utf-8")

    assert verify.main([str(good), "--beacon", BEACON]) == 0
    assert verify.main([str(bad)]) == 1
    assert "NO " in capsys.readouterr().out
    assert verify.main(["--receipt", str(receipt), "--root", transcript["root"]]) == 0
    assert verify.main([]) == 2
    assert verify.main(["--root"]) == 2
    assert "python verify.py" in capsys.readouterr().err


def test_the_checker_runs_as_a_program(monkeypatch, tmp_path, transcript):
    file = tmp_path / "t.json"
    file.write_text(json.dumps(transcript), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["verify.py", str(file)])

    with pytest.raises(SystemExit) as end:
        runpy.run_path(verify.__file__, run_name="__main__")

    assert end.value.code == 0


@pytest.mark.parametrize(
    ("rule", "seats", "asking", "taken"),
    [
        # W and D have a seat each; 1 (both) moves from W to D when 3 (W) comes; 4 (W) finds none; 2 is next in line.
        ("maximum matching", 3, [("1", ("W", "D")), ("2", ()), ("3", ("W",)), ("4", ("W",))], "123"),
        ("maximum matching", 2, [("1", ("W", "D")), ("2", ()), ("3", ("W",)), ("4", ("W",))], "13"),
        ("maximum matching", 2, [("1", ("D",)), ("2", ("D",)), ("3", ("W",))], "13"),
        ("ceilings", 3, [("1", ("W",)), ("2", ("W",)), ("3", ()), ("4", ("D",)), ("5", ())], "134"),
    ],
)
def test_programs_that_choose_as_a_whole_by_hand(rule, seats, asking, taken):
    blocks = tuple(Block(1, name) for name in "WD")
    market = market_of([Applicant(who, ("p",), mine) for who, mine in asking], [Program("p", seats, blocks, rule)])
    record = {"capacity": seats, "rule": rule, "blocks": [{"reserved_for": name, "seats": 1} for name in "WD"]}

    assignment = deferred_acceptance(market, list(range(len(asking))))

    assert "".join(who for who, place in assignment.by_name.items() if place) == taken
    assert verify.choose(record, [(0, n, who, mine) for n, (who, mine) in enumerate(asking)]) == set(taken)


@pytest.mark.parametrize(("unfilled", "taken"), [("others", "12"), ("open", "12"), ("empty", "1")])
def test_a_reserved_seat_without_members_by_hand(unfilled, taken):
    # One seat for W, then one for everyone; 1, 2 and 3 stand in line and none of them is from W.
    blocks = [
        {"reserved_for": "W", "seats": 1, "unfilled": unfilled},
        {"reserved_for": None, "seats": 1, "unfilled": "open"},
    ]
    record = {"capacity": 2, "rule": "seat blocks", "blocks": blocks}

    assert verify.choose(record, [(0, int(who), who, ()) for who in "321"]) == set(taken)
