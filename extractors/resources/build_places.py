"""Write provinces.csv, districts.csv and communes.csv from the gazetteer that comes with underthesea.

    python -m extractors.resources.build_places

The source is ``underthesea/address/data/mapping.json`` (made from the package vietnamadminunits): every commune
as it was until 30/6/2025 with its district, its province and what it became on 01/7/2025. Units that had gone
before that are in former_places.csv, other spellings in place_aliases.csv, both kept by hand. The same input
gives the same bytes.
"""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import TypedDict

HERE = Path(__file__).parent
LAST_DAY, FIRST_DAY = "2025-06-30", "2025-07-01"  # NQ 202/2025/QH15; end of the district level
SOURCE = "vietnamadminunits"
KINDS = ("thị trấn", "thị xã", "thành phố", "huyện", "quận", "xã", "phường", "đặc khu", "tỉnh")
# The mapping dates from just before the merger: units whose kind or name changed shortly before.
PROVINCE_FROM = {"Huế": "2025-01-01", "Cần Thơ": "2004-01-01", "Hậu Giang": "2004-01-01", "Đắk Nông": "2004-01-01"}
PROVINCE_COLUMNS = ("name", "kind", "valid_from", "valid_to", "successor", "aliases", "source")
DISTRICT_COLUMNS = ("name", "kind", "province", "valid_from", "valid_to", "successor", "aliases", "source")
COMMUNE_COLUMNS = ("name", "kind", "district", "province", "valid_from", "valid_to", "successor")


class WardRow(TypedDict):
    """One record of the mapping, as far as it is used here."""

    old_province: str
    old_district: str
    old_ward: str
    new_province: str
    new_ward: str


class Mapping(TypedDict):
    """The parts of mapping.json that are used here."""

    province_mapping: dict[str, str]
    province_names: dict[str, dict[str, str]]
    old_province_names: dict[str, dict[str, str]]
    ward_mapping: list[WardRow]


def split_kind(full: str) -> tuple[str, str]:
    """``Thị Xã Việt Yên`` → (``thị xã``, ``Việt Yên``). Raises ValueError for a name without a kind."""
    for kind in KINDS:
        if full.casefold().startswith(kind + " "):
            return kind, " ".join(full[len(kind) + 1 :].split())
    raise ValueError(f"no kind of unit in {full!r}")


def read_mapping() -> Mapping:
    """The mapping file of the installed underthesea, found without importing it."""
    spec = importlib.util.find_spec("underthesea")
    if spec is None or spec.origin is None:
        raise RuntimeError("underthesea is not installed in this environment")
    path = Path(spec.origin).parent / "address" / "data" / "mapping.json"
    mapping: Mapping = json.loads(path.read_text(encoding="utf-8"))
    return mapping


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of a hand-kept CSV beside this script."""
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def write(name: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Sorted rows without repetition, line feeds only."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(sorted(set(rows)))


def aliases_of(rows: list[dict[str, str]]) -> dict[str, str]:
    """Name → its other spellings, joined by ``|``."""
    found: dict[str, list[str]] = {}
    official = official_of(rows)
    for row in rows:
        name = official.get(row["name"], row["name"])
        found.setdefault(name, []).append(row["alias"] if row["alias"] != name else row["name"])
    return {name: "|".join(spellings) for name, spellings in found.items()}


def official_of(rows: list[dict[str, str]]) -> dict[str, str]:
    """The mapping's spelling → the official one, for the few districts where they differ."""
    return {row["name"]: row["alias"] for row in rows if row["source"] == "official spelling"}


def day_after(day: str) -> str:
    """The day after a whole date; a partial one (``1991``) stays."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat() if len(day) == 10 else day


def began(former: list[dict[str, str]]) -> dict[str, str]:
    """Name of a province → when it came out of a former one of another name: Bắc Giang out of Hà Bắc, 1997-01-01."""
    gone = {row["name"] for row in former if row["kind"] == "tỉnh"}
    since: dict[str, str] = {}
    for row in former:
        # A province that took in a former one (Hà Nội, Hà Tây) was there before: it is its only successor.
        if row["kind"] == "tỉnh" and ";" in row["successor"]:
            for name in row["successor"].split(";"):
                if name not in gone:
                    since.setdefault(name, day_after(row["valid_to"]))
    return since | PROVINCE_FROM


def provinces(mapping: Mapping, former: list[dict[str, str]], aliases: dict[str, str]) -> list[tuple[str, ...]]:
    """63 provinces to 30/6/2025, 34 from 01/7/2025, and those of before."""
    rows: list[tuple[str, ...]] = []
    beginnings = began(former)
    for key, info in mapping["old_province_names"].items():
        kind, name = split_kind(info["name"])
        successor = mapping["province_names"][mapping["province_mapping"][key]]["short"]
        since = beginnings.get(name, "")
        rows.append((name, kind, since, LAST_DAY, successor, aliases.get(name, ""), SOURCE))
    for info in mapping["province_names"].values():
        kind, name = split_kind(info["name"])
        rows.append((name, kind, FIRST_DAY, "", "", aliases.get(name, ""), SOURCE))
    for row in former:
        if row["kind"] == "tỉnh":
            spellings = aliases.get(row["name"], "") if row["name"] != "Cần Thơ" else ""
            rows.append((
                row["name"], row["kind"], row["valid_from"], row["valid_to"], row["successor"],
                spellings, row["source"],
            ))  # fmt: skip
    return rows


def sure_of(name: str, became: Collection[str]) -> bool:
    """The mapping mixes up wards of one number in several towns: where it gives several successors, none is sure."""
    return not (name.isdigit() and len(became) > 1)


def districts(
    mapping: Mapping, former: list[dict[str, str]], aliases: dict[str, str], official: dict[str, str]
) -> list[tuple[str, ...]]:
    """Every district, quận, thị xã and city of a province, to 30/6/2025, and those that went before.

    What one became are the communes of today that its own went into, as far as the mapping is sure of them.
    """
    rows: list[tuple[str, ...]] = []
    became: dict[tuple[str, str, str], set[str]] = {}
    wards: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for record in mapping["ward_mapping"]:
        kind, spelling = split_kind(record["old_district"])
        unit = (official.get(spelling, spelling), kind, split_kind(record["old_province"])[1])
        became.setdefault(unit, set())
        if record["new_ward"] and record["old_ward"]:
            ward = wards.setdefault(unit, {}).setdefault(record["old_ward"], set())
            ward.add(split_kind(record["new_ward"])[1])
    for unit, found in wards.items():
        for ward_name, into in found.items():
            if sure_of(split_kind(ward_name)[1], into):
                became[unit] |= into
    for (name, kind, province), communes_now in became.items():
        rows.append((name, kind, province, "", LAST_DAY, ";".join(sorted(communes_now)), aliases.get(name, ""), SOURCE))
    for row in former:
        if row["kind"] != "tỉnh":
            rows.append((
                row["name"], row["kind"], row["province"], row["valid_from"], row["valid_to"],
                row["successor"], aliases.get(row["name"], ""), row["source"],
            ))  # fmt: skip
    return rows


def communes(mapping: Mapping, official: dict[str, str]) -> list[tuple[str, ...]]:
    """Every commune before the merger, with what it became, and every one after it."""
    successors: dict[tuple[str, str, str, str], list[str]] = {}
    rows: list[tuple[str, ...]] = []
    for record in mapping["ward_mapping"]:
        new_province = split_kind(record["new_province"])[1]
        new_name = ""
        if record["new_ward"]:
            new_kind, new_name = split_kind(record["new_ward"])
            rows.append((new_name, new_kind, "", new_province, FIRST_DAY, "", ""))
        if record["old_ward"]:
            kind, name = split_kind(record["old_ward"])
            spelling, province = split_kind(record["old_district"])[1], split_kind(record["old_province"])[1]
            district = official.get(spelling, spelling)
            became = successors.setdefault((name, kind, district, province), [])
            if new_name and new_name not in became:
                became.append(new_name)
    for (name, kind, district, province), became in successors.items():
        rows.append((
            name, kind, district, province, "", LAST_DAY, ";".join(sorted(became)) if sure_of(name, became) else ""
        ))  # fmt: skip
    return rows


def main() -> None:
    """Write the three tables."""
    mapping, former = read_mapping(), read_rows("former_places.csv")
    spellings = read_rows("place_aliases.csv")
    aliases, official = aliases_of(spellings), official_of(spellings)
    write("provinces.csv", PROVINCE_COLUMNS, provinces(mapping, former, aliases))
    write("districts.csv", DISTRICT_COLUMNS, districts(mapping, former, aliases, official))
    write("communes.csv", COMMUNE_COLUMNS, communes(mapping, official))


if __name__ == "__main__":
    main()
