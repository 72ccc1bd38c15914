"""The bill of materials as CycloneDX 1.6 (ECMA-424, 2024), the format that tools for known weaknesses read.

Written here and not by a package: it is one dictionary, and a package for it would bring eight more into the lock.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from commonground.evidence.parts import ROOTED, Part

SPDX_EXPRESSIONS = (" AND ", " OR ", " WITH ")
# What packages write that is a license of the SPDX list under another name.
SPDX = {
    "MIT License": "MIT",
    "BSD License": None,
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "BSD-3-clause": "BSD-3-Clause",
    "BSD": None,
}


def bill_of_materials(parts: Sequence[Part], *, version: str, written_at: str) -> dict[str, Any]:
    """CycloneDX 1.6 as a dictionary for JSON.

    version: of the product. written_at: a moment in ISO 8601. The serial number follows from what is in it.
    """
    product = f"{ROOTED}@{version}"
    listed = [_component(part) for part in parts]
    needs: dict[str, set[str]] = {one: set() for one in (product, *map(_reference, parts))}
    called: dict[str, list[str]] = {ROOTED: [product]}
    for part in parts:
        called.setdefault(part.name, []).append(_reference(part))
    for part in parts:
        for by in part.needed_by:
            for one in called[by]:
                needs[one].add(_reference(part))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, repr((product, listed)))}",
        "version": 1,
        "metadata": {
            "timestamp": written_at,
            "component": {
                "type": "application",
                "bom-ref": product,
                "name": ROOTED,
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": listed,
        "dependencies": [{"ref": one, "dependsOn": sorted(others)} for one, others in sorted(needs.items())],
    }


def _reference(part: Part) -> str:
    return part.url + (f"#{part.marker}" if part.marker else "")


def _component(part: Part) -> dict[str, Any]:
    component: dict[str, Any] = {"type": "library", "bom-ref": _reference(part), "name": part.name, "purl": part.url}
    if part.version:
        component["version"] = part.version
    if part.license:
        component["licenses"] = _licenses(part.license)
    if part.hashes:
        # One for each file of this version that the lock allows: of every system and Python.
        component["hashes"] = [{"alg": "SHA-256", "content": one} for one in part.hashes]
    if part.marker:
        component["properties"] = [{"name": "commonground:only-where", "value": part.marker}]
    if part.files:
        component["components"] = [
            {"type": "file", "name": path, "hashes": [{"alg": "SHA-256", "content": digest}]}
            for path, digest in part.files
        ]
    return component


def _licenses(text: str) -> list[dict[str, Any]]:
    """An SPDX expression, a single SPDX license, or just the name that the package gives."""
    if any(word in text for word in SPDX_EXPRESSIONS):
        return [{"expression": text}]
    found = SPDX.get(text, text if " " not in text else None)
    return [{"license": {"id": found}}] if found else [{"license": {"name": text}}]
