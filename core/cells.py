"""Cells of tables that people open in a spreadsheet. Pure."""

from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(cell: str) -> str:
    """Return the cell so that a spreadsheet shows it and does not run it: OWASP, CSV injection."""
    return "'" + cell if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell


def unmended(cell: str) -> str:
    """Return what `harmless` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" ").startswith(FORMULA_STARTS) else cell
