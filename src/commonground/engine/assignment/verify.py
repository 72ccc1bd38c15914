"""Check a school lottery yourself. This one file needs only Python 3.9 or newer, and nothing from Commonground.

    python verify.py transcript.json                       everything in the transcript, worked out again
    python verify.py transcript.json --root 3f0c...        ... against the root you noted before the draw
    python verify.py transcript.json --beacon 9d51...      ... and against the number you looked up yourself
    python verify.py --receipt receipt.json --root 3f0c... one family's own entry: was it in the sealed list?

The answer is 0 (nothing wrong) or 1 (something does not match; the lines that begin with NO say what). Lines that begin
with ? say what no file can know by itself, and where you find out.

How the lottery works. Before the draw the office publishes one number, the root: it depends on every letter of every
entry and of the rules, so none of them can be changed afterwards. The office also names a public source of a random
number that does not exist yet, the beacon. When it appears, each family's lottery number follows from it and from the
family's code by HMAC-SHA256; the smallest comes first. Seats are then given by student-proposing deferred acceptance:
everyone asks for the first choice, each program keeps the best it has seats for, the others ask for their next choice,
until no one is turned down any more. Nothing else, and nobody, decides.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import time
from typing import Any

FORMAT = "commonground-lottery-2"


# -- the seal -----------------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """The one way to write a value as bytes: JSON, keys in order, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def leaf(value: Any) -> bytes:
    return hashlib.sha256(b"\x00" + canonical(value)).digest()


def join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: list[bytes]) -> str:
    """One number for a whole list: neighbors are hashed together, level by level; one left over moves up as it is."""
    level = list(leaves)
    while len(level) > 1:
        level = [join(*level[i : i + 2]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
    return level[0].hex() if level else hashlib.sha256(b"").hexdigest()


def root_from_path(value: Any, path: list[list[str]]) -> str:
    node = leaf(value)
    for side, other in path:
        node = join(bytes.fromhex(other), node) if side == "left" else join(node, bytes.fromhex(other))
    return node.hex()


def sealed_root(notice: dict[str, Any], entries: list[dict[str, Any]]) -> str:
    """The root of the notice (rules, programs, beacon) followed by the entries, ordered by code."""
    return merkle_root([leaf(notice)] + [leaf(entry) for entry in sorted(entries, key=lambda one: one["pseudonym"])])


def result_root(result: dict[str, Any]) -> str:
    return merkle_root([leaf([who, result[who]]) for who in sorted(result)])


# -- the lottery numbers ------------------------------------------------------------------------------------------------


def lottery_value(beacon_value: str, scope: str, unit: str) -> str:
    return hmac.new(bytes.fromhex(beacon_value), f"{scope}|{unit}".encode(), hashlib.sha256).hexdigest()


def lottery_order(entries: list[dict[str, Any]], beacon_value: str, scope: str) -> list[str]:
    """Codes in lottery order. Children of one family share a value and stand side by side, ordered by code."""
    value = {e["pseudonym"]: lottery_value(beacon_value, scope, e["family"] or e["pseudonym"]) for e in entries}
    return sorted(value, key=lambda who: (value[who], who))


def lottery_numbers(notice: dict[str, Any], entries: list[Any], beacon_value: str) -> dict[str, dict[str, int]]:
    """{"all": {code: number}}, or {program: {code: number}} when every program draws its own; 0 comes first."""
    if notice["tie_breaking"] == "single":
        return {"all": {who: number for number, who in enumerate(lottery_order(entries, beacon_value, "all"))}}
    numbers = {}
    for name in (program["name"] for program in notice["programs"]):
        here = [entry for entry in entries if any(choice[0] == name for choice in entry["choices"])]
        numbers[name] = {who: number for number, who in enumerate(lottery_order(here, beacon_value, name))}
    return numbers


def value_from_reveals(commitments: dict[str, str], reveals: dict[str, str]) -> str | None:
    """The random number when officials drew it: each had published the hash of a secret before, then tells the secret.

    Returns None when a secret is missing or is not the one that was promised.
    """
    for name, promised in commitments.items():
        if hashlib.sha256(reveals.get(name, "").encode()).hexdigest() != promised:
            return None
    return hashlib.sha256(canonical({name: reveals[name] for name in commitments})).hexdigest()


# -- the seats ----------------------------------------------------------------------------------------------------------


def choose(program: dict[str, Any], asking: list[Any]) -> set[str]:
    """Codes that a program takes. asking: [(class, lottery number, code, categories)], in any order."""
    line = sorted(asking, key=lambda one: one[:2])
    if program["rule"] == "maximum matching":
        return _most_reserved_seats(program, line)
    if program["rule"] == "ceilings":
        return _under_ceilings(program, line)
    seated, returned = set[str](), 0
    blocks = program["blocks"]
    for number, block in enumerate(blocks):
        category, room = block["reserved_for"], block["seats"]
        room += returned if number == len(blocks) - 1 else 0
        here = [one for one in line if category is None or category in one[3]][:room]
        if category is not None and block["unfilled"] == "others":
            here += [one for one in line if category not in one[3]][: room - len(here)]
        if category is not None and block["unfilled"] == "open":
            returned += room - len(here)
        seated |= {one[2] for one in here}
        line = [one for one in line if one[2] not in seated]
    return seated


def _most_reserved_seats(program: dict[str, Any], line: list[Any]) -> set[str]:
    seats = [block["reserved_for"] for block in program["blocks"] for _ in range(block["seats"])]
    holder: dict[int, Any] = {}

    def finds_seat(one: Any, tried: set[int]) -> bool:
        for seat, category in enumerate(seats):
            if category in one[3] and seat not in tried:
                tried.add(seat)
                if seat not in holder or finds_seat(holder[seat], tried):
                    holder[seat] = one
                    return True
        return False

    needed = [one for one in line if finds_seat(one, set())]
    seated = {one[2] for one in needed}
    rest = [one[2] for one in line if one[2] not in seated]
    return seated | set(rest[: program["capacity"] - len(needed)])


def _under_ceilings(program: dict[str, Any], line: list[Any]) -> set[str]:
    left, taken = {block["reserved_for"]: block["seats"] for block in program["blocks"]}, set[str]()
    for one in line:
        under = [category for category in left if category in one[3]]
        if len(taken) < program["capacity"] and all(left[category] for category in under):
            taken.add(one[2])
            for category in under:
                left[category] -= 1
    return taken


def assign(notice: dict[str, Any], entries: list[dict[str, Any]], numbers: dict[str, dict[str, int]]) -> dict[str, Any]:
    """{code: program or None} by student-proposing deferred acceptance."""
    programs = {program["name"]: program for program in notice["programs"]}
    is_single = notice["tie_breaking"] == "single"
    ignores_classes = notice["mechanism"] == "serial dictatorship"
    choices: dict[str, list[Any]] = {entry["pseudonym"]: [] for entry in entries}
    for entry in entries:
        who = entry["pseudonym"]
        for name, rank, mine in entry["choices"]:
            if rank >= 0:
                number = numbers["all" if is_single else name][who]
                choices[who].append((name, (0 if ignores_classes else rank, number, who, tuple(mine))))
    next_choice = dict.fromkeys(choices, 0)
    kept: dict[str, list[Any]] = {name: [] for name in programs}
    asking = list(choices)
    while asking:
        new: dict[str, list[Any]] = {}
        for who in asking:
            if next_choice[who] < len(choices[who]):
                name, claim = choices[who][next_choice[who]]
                next_choice[who] += 1
                new.setdefault(name, []).append(claim)
        asking = []
        for name, claims in new.items():
            together = kept[name] + claims
            taken = choose(programs[name], together)
            kept[name] = [one for one in together if one[2] in taken]
            asking += [one[2] for one in together if one[2] not in taken]
    result = dict.fromkeys(choices)
    for name, claims in kept.items():
        result.update(dict.fromkeys((one[2] for one in claims), name))
    return result


# -- the report ---------------------------------------------------------------------------------------------------------


def named_beacon(transcript: dict[str, Any]) -> Any:
    return (transcript["notice"]["fallback"] if transcript["drawn_from"] == "fallback" else transcript["notice"])[
        "beacon"
    ]


def check_beacon(transcript: dict[str, Any]) -> list[tuple[bool, str]]:
    """Was the source of the number named before it spoke, and is this its round?"""
    notice, value, named = transcript["notice"], transcript["beacon_value"], named_beacon(transcript)
    if transcript["drawn_from"] == "officials":
        drawn = value_from_reveals(notice["fallback"].get("commitments", {"": ""}), transcript["reveals"])
        return [(drawn == value, "the officials' secrets are the promised ones and give the random number")]
    which = f"round {named['round']} of {named['source']}"
    found = [(notice["sealed_at"] < named["at"], f"{which} was named at {notice['sealed_at']}, before {named['at']}")]
    if named["genesis"] is not None:
        due = time.gmtime(named["genesis"] + (named["round"] - 1) * named["period"])
        found.append((time.strftime("%Y-%m-%dT%H:%M:%SZ", due) == named["at"], f"{which} is due at {named['at']}"))
    if transcript["beacon_signature"] is not None:
        hashed = hashlib.sha256(bytes.fromhex(transcript["beacon_signature"])).hexdigest()
        found.append((hashed == value, "the random number is the SHA-256 of the beacon's signature"))
    return found


def not_checked(transcript: dict[str, Any], root: str | None, beacon: str | None) -> list[str]:
    """What this file cannot know, and how a reader finds out."""
    named, left = named_beacon(transcript), []
    if root is None:
        left.append(f"that the root was public by {transcript['notice']['sealed_at']}: compare your notice, add --root")
    if beacon is None and transcript["drawn_from"] != "officials":
        left.append(f"that {named['source']} said this number: open {named['look_up']}, compare, add --beacon")
    if transcript["beacon_signature"] is not None:
        left.append("that the network made the signature: any drand client checks it; this file lacks the arithmetic")
    return left


def check_transcript(transcript: Any, root: str | None = None, beacon: str | None = None) -> list[tuple[bool, str]]:
    """[(is right, sentence)] for everything that can be checked in a transcript."""
    notice, entries, value = transcript["notice"], transcript["entries"], transcript["beacon_value"]
    found = [(transcript.get("format") == FORMAT, f"the transcript has the format {FORMAT}")]
    again = sealed_root(notice, entries)
    found.append((again == transcript["root"], f"the entries and rules give the sealed root {again}"))
    if root is not None:
        found.append((again == root.lower(), "it is the root you noted before the draw"))
    codes = [entry["pseudonym"] for entry in entries]
    found.append((len(set(codes)) == len(codes) == notice["entries"], f"{len(codes)} entries, none of them twice"))
    found += check_beacon(transcript)
    if beacon is not None:
        found.append((value == beacon.lower(), "the random number is the one you looked up"))
    numbers = lottery_numbers(notice, entries, value)
    found.append((numbers == transcript["lottery_numbers"], "every lottery number follows from the random number"))
    result = assign(notice, entries, numbers)
    wrong = [
        who for who in {**result, **transcript["result"]} if result.get(who, 0) != transcript["result"].get(who, "")
    ]
    first_wrong = f"; first not: {wrong[:3]}" if wrong else ""
    found.append((not wrong, f"{len(result)} families get the seats that the rules give{first_wrong}"))
    found.append((result_root(transcript["result"]) == transcript["result_root"], "the result has the published root"))
    return found + check_late(transcript)


def check_late(transcript: dict[str, Any]) -> list[tuple[bool, str]]:
    """Do those who applied late, if any, have the numbers of the same draw?"""
    late, value = transcript.get("late", []), transcript["beacon_value"]
    right = all(one["values"][at] == lottery_value(value, at, one["unit"]) for one in late for at in one["values"])
    return [(right, f"{len(late)} late applicants have numbers of the same draw")] if late else []


def check_receipt(receipt: dict[str, Any], root: str) -> list[tuple[bool, str]]:
    """[(is right, sentence)] for one family's receipt."""
    is_under = root_from_path(receipt["entry"], receipt["path"]) == root.lower()
    return [(is_under, f"the entry of {receipt['entry']['pseudonym']} was in the sealed list")]


def main(words: list[str]) -> int:
    """Run the check the way the first lines of this file show; returns the exit status."""
    options, files, left_over = {}, [], iter(words)
    for word in left_over:
        if word.startswith("--"):
            options[word] = next(left_over, "")
        else:
            files.append(word)
    if "--receipt" in options and "--root" in options:
        with open(options["--receipt"], encoding="utf-8") as file:
            found, left = check_receipt(json.load(file), options["--root"]), []
    elif len(files) == 1:
        with open(files[0], encoding="utf-8") as file:
            transcript = json.load(file)
        noted = options.get("--root"), options.get("--beacon")
        found, left = check_transcript(transcript, *noted), not_checked(transcript, *noted)
    else:
        sys.stderr.write(__doc__)
        return 2
    for is_right, sentence in found:
        sys.stdout.write(f"{'yes' if is_right else 'NO '}  {sentence}\n")
    sys.stdout.writelines(f"?    not checked here: {sentence}\n" for sentence in left)
    return 0 if all(is_right for is_right, _ in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
