"""Random injuries to bundles: bytes flipped, files cut, rows repeated and lost, quotes broken, columns mixed up."""

import random

from tests.formats.bundles import Bundle
from tests.shared import shared_data


def spoil(bundle: Bundle, rng: random.Random) -> Bundle:
    """One to four random injuries: bytes, lines, fields, files."""
    spoiled = dict(bundle)
    for _ in range(rng.randint(1, 4)):
        name = rng.choice([name for name, content in spoiled.items() if content] or ["manifest.csv"])
        content = spoiled.get(name, b"")
        lines = content.splitlines(keepends=True)
        place = rng.randrange(len(content) + 1)
        row = rng.randrange(len(lines)) if lines else 0
        kind = rng.randrange(12)
        if kind == 0:
            content = content[:place]
        elif kind == 1:
            content = content[:place] + bytes([rng.randrange(256)]) + content[place + 1 :]
        elif kind == 2:
            content = (
                content[:place]
                + rng.choice([b'"', b",", b"\n", b"\r", b"\0", b"\xef\xbb\xbf", "é".encode("cp1252")])
                + content[place:]
            )
        elif kind == 3 and lines:
            lines.insert(row, rng.choice(lines))
            content = b"".join(lines)
        elif kind == 4 and lines:
            del lines[row]
            content = b"".join(lines)
        elif kind == 5 and len(lines) > 1:
            other = rng.randrange(len(lines))
            lines[row], lines[other] = lines[other], lines[row]
            content = b"".join(lines)
        elif kind == 6 and lines:
            fields = lines[row].split(b",")
            fields[rng.randrange(len(fields))] = rng.choice(
                [b"", b"1/05/2023", b"2023-02-30", b"TRUE", b"x" * 300, b'"a\nb"']
            )
            lines[row] = b",".join(fields)
            content = b"".join(lines)
        elif kind == 7 and lines:
            fields = lines[row].split(b",")
            rng.shuffle(fields)
            lines[row] = b",".join(fields)
            content = b"".join(lines)
        elif kind == 8:
            content = content.decode("latin-1").encode(rng.choice(["utf-16", "utf-16-le", "utf-8"]))
        elif kind == 9:
            spoiled.pop(name, None)
            continue
        elif kind == 10:
            content = content.replace(b"\n", rng.choice([b"\r", b"\r\n", b"\n\n"]))
        else:
            content = content.swapcase()
        spoiled[name] = content
    return spoiled


def real_bundles() -> list[Bundle]:
    folders = sorted(path for path in shared_data("oneroster").iterdir() if "gospelnerd" not in path.name)
    return [{path.name: path.read_bytes() for path in folder.glob("*.csv")} for folder in folders]
