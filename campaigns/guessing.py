"""What the columns of a file probably mean: by their names, and by what stands in them. Pure."""

import hashlib
import re
from collections.abc import Sequence

from campaigns import csvheader, importplan
from campaigns.csvfile import OUR_COLUMNS, CsvTable
from campaigns.customfields import guess_order
from campaigns.importplan import PHONE, Plan
from core.types import PhoneError, parse_phone

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATE = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}")
_COUNTRIES = {
    "us": "US", "usa": "US", "united states": "US", "united states of america": "US", "canada": "CA", "ca": "CA", "mexico": "MX",
    "uk": "GB", "gb": "GB", "united kingdom": "GB", "great britain": "GB", "ireland": "IE", "ie": "IE", "germany": "DE", "de": "DE",
    "deutschland": "DE", "france": "FR", "fr": "FR", "spain": "ES", "es": "ES", "italy": "IT", "it": "IT", "netherlands": "NL",
    "nl": "NL", "australia": "AU", "au": "AU", "new zealand": "NZ", "nz": "NZ", "austria": "AT", "at": "AT", "switzerland": "CH",
    "ch": "CH", "belgium": "BE", "be": "BE", "india": "IN", "in": "IN", "brazil": "BR", "br": "BR",
}  # fmt: skip


def header_key(header: Sequence[str]) -> str:
    """Return what files with the same columns have in common; a download of refused rows has its own two left out."""
    names = [csvheader.normal(name) for name in _theirs(header)]
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def proposed(table: CsvTable, remembered: Plan | None = None) -> Plan:
    """Return the plan for a file: what was chosen for such a header before, else a guess."""
    ours = len(table.header) - len(_theirs(table.header))
    reading = {"encoding": table.encoding, "separator": table.separator, "has_header": table.has_header}
    if remembered is not None and len(remembered.targets) == len(table.header) - ours:
        stored = {
            **importplan.as_json(remembered),
            **reading,
            "targets": [""] * ours + list(remembered.targets),
        }
        return importplan.from_json(stored)
    targets = _targets(table)
    order, _ = guess_order(cell for row in table.samples for cell in row)
    return importplan.from_json(
        {
            **importplan.as_json(importplan.USUAL),
            **reading,
            "targets": targets,
            "region": _region(table, targets),
            "date_order": order,
        }
    )


def remembered_part(plan: Plan, header: Sequence[str]) -> Plan:
    """Return the plan as the next file with these columns may use it."""
    ours = len(header) - len(_theirs(header))
    kept = {**importplan.as_json(plan), "targets": list(plan.targets)[ours:]}
    return importplan.from_json({**kept, "list_weight": None})  # said of one list, not of the columns


def _theirs(header: Sequence[str]) -> Sequence[str]:
    return header[2:] if tuple(header[:2]) == OUR_COLUMNS else header


def _targets(table: CsvTable) -> list[str]:
    found: list[str] = []
    for position, name in enumerate(table.header):
        target = csvheader.target_of(name) if table.has_header else ""
        if not target:
            cells = [row[position].strip() for row in table.samples if row[position].strip()]
            target = _by_content(cells, found)
        if target in found and not target.startswith(PHONE):
            target = ""
        found.append(target)
    return found


def _by_content(cells: Sequence[str], found: Sequence[str]) -> str:
    if len(cells) < 2:
        return ""
    if all(_EMAIL.fullmatch(cell) for cell in cells):
        return "email"
    numbers = sum(_is_phone(cell) for cell in cells)
    if numbers * 2 > len(cells) and sum(len(cell) >= 10 for cell in cells) * 2 > len(cells):
        return f"{PHONE}main" if not any(target.startswith(PHONE) for target in found) else f"{PHONE}other"
    return ""


def _is_phone(cell: str) -> bool:
    if _DATE.fullmatch(cell):
        return False
    try:
        parse_phone(cell)
    except PhoneError:
        return False
    return True


def _region(table: CsvTable, targets: Sequence[str]) -> str:
    """Return the country that stands in every row of the samples, else the usual one."""
    if "country" not in targets:
        return importplan.USUAL.region
    position = list(targets).index("country")
    named = {_COUNTRIES.get(row[position].strip().casefold(), "") for row in table.samples}
    return named.pop() if len(named) == 1 and "" not in named else importplan.USUAL.region
