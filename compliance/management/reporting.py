"""What commands say about an import."""

import csv
from pathlib import Path

from compliance.services import ImportReport

SHOWN = 20


def told(report: ImportReport, refused_file: Path | None) -> str:
    """Return the counts in words, and the first refused rows; where the rest is."""
    lines = [
        f"{report.rows:,} rows: {report.accepted:,} accepted, {report.duplicates:,} there already, "
        f"{len(report.refused):,} refused."
    ]
    lines += [f"Line {row.line}: {row.reason} [{row.shown}]" for row in report.refused[:SHOWN]]
    if refused_file is not None:
        lines.append(f"All refused rows: {refused_file}")
    elif len(report.refused) > SHOWN:
        lines.append("More were refused: run it again with --refused FILE to have them all.")
    return "\n".join(lines)


def write_refused(report: ImportReport, path: Path | None) -> None:
    """Write the refused rows as CSV, where a file is named."""
    if path is None:
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["line", "reason", "row"])
        writer.writerows([row.line, row.reason, row.shown] for row in report.refused)
