"""Makes evidence packs and keeps account of who took them."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from core import audit, background, clock, db
from core.background import Arguments, Outcome, Report
from core.errors import AppError, NotFound
from core.evidence import Asked, as_json
from core.types import PhoneNumber, as_phone, format_phone, last_four
from evidence import jobs, writing
from evidence.canonical import JSON_NAME, PDF_NAME, SCHEMA, manifest_of, sha256_of
from evidence.gathering import gather
from evidence.models import EvidencePack
from evidence.pdf import write_pdf
from evidence.spool import Spool

log = structlog.get_logger(__name__)


class PackRefused(AppError):
    """The pack cannot be made; the text says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a pack is asked for. Days are UTC; `until` is the last one. Consents and refusals are complete in any period."""

    number: PhoneNumber
    reason: str
    complaint: str = ""
    since: date | None = None
    until: date | None = None

    def asked(self) -> Asked:
        """Return the number and the instants of the period."""
        return Asked(
            number=self.number,
            since=_midnight(self.since) if self.since else None,
            until=_midnight(self.until) + timedelta(days=1) if self.until else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A pack that stands: its row's id, where its archive is, and its hash."""

    id: int
    path: Path
    sha256: str


def folder() -> Path:
    """Return where packs are kept, made if need be, for its owner alone."""
    path = Path(settings.EVIDENCE_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def order_pack(order: Order, *, actor: str, now: datetime) -> int:
    """Check the order and have a worker make the pack; return the job's id. Raises PackRefused. In the open transaction."""
    _check(order)
    arguments = {
        "number": order.number,
        "reason": order.reason,
        "complaint": order.complaint,
        "since": order.since.isoformat() if order.since else "",
        "until": order.until.isoformat() if order.until else "",
        "by": actor,
    }
    title = f"Evidence pack about {format_phone(order.number)}"
    return background.start(
        task=jobs.MAKE_PACK, title=title, arguments=arguments, unit="parts", by=actor, now=now
    )


def make_ordered_pack(arguments: Arguments, report: Report) -> Outcome:
    """Make a pack that order_pack kept."""
    order = Order(
        number=as_phone(arguments["number"]),
        reason=arguments["reason"],
        complaint=arguments["complaint"],
        since=date.fromisoformat(arguments["since"]) if arguments["since"] else None,
        until=date.fromisoformat(arguments["until"]) if arguments["until"] else None,
    )
    made = make_pack(
        order,
        actor=arguments["by"],
        now=clock.now(),
        report=lambda done: report(done, None),
    )
    return Outcome(said="The pack is made. Downloads are kept in the audit trail.", result_ref=str(made.id))


def make_pack(
    order: Order, *, actor: str, now: datetime, report: Callable[[int], None] = lambda done: None
) -> Made:
    """Gather all that is known about the number, write document, data and archive, and link the pack to the one before.

    Steps: rows of one instant are written down; the files are made outside any transaction, since that may take seconds; then
    one short transaction takes the chain's end, adds the manifest, keeps the row and the audit event. `report` is told how many
    parts are done. Raises PackRefused.
    """
    _check(order)
    db.refuse_in_atomic("Making an evidence pack")
    with tempfile.TemporaryDirectory(prefix="parley-evidence-") as place:
        spool = Spool(Path(place), order.number)
        with db.snapshot():
            summary = gather(spool, order.asked())
        report(len(spool.sections))
        about = _about(order, spool, summary, actor=actor, now=now)
        content = sha256_of(about)
        json_path, pdf_path = Path(place) / JSON_NAME, Path(place) / PDF_NAME
        json_sha256 = writing.write_json(json_path, about, spool)
        report(len(spool.sections) + 1)
        pages = write_pdf(pdf_path, about, content, spool)
        report(len(spool.sections) + 2)
        path = folder() / f"evidence-{now.astimezone(UTC):%Y%m%d-%H%M%S}-{content[:16]}.zip"
        writing.archive(path, json=json_path, pdf=pdf_path)
        row = EvidencePack(
            **_columns(order),
            made_by=actor,
            made_at=now,
            summary=summary["sentence"],
            counts={each.name: each.rows for each in spool.sections.values()},
            pages=pages,
            file=path.name,
            content_sha256=content,
            json_sha256=json_sha256,
            pdf_sha256=writing.sha256_of_file(pdf_path),
        )
    _link_or_remove(row, path, now=now)
    log.info(
        "evidence.pack.made", pack=row.pk, number=last_four(row.number), rows=sum(row.counts.values()), pages=pages
    )  # fmt: skip
    return Made(id=row.pk, path=path, sha256=row.sha256)


def record_download(pack_id: int, *, part: str, actor: str, now: datetime) -> None:
    """Keep who took which part of a pack, in the open transaction. Raises NotFound."""
    row = EvidencePack.objects.filter(pk=pack_id).first()
    if row is None:
        raise NotFound("There is no such evidence pack.")
    audit.record(
        actor=actor,
        verb="evidence.pack.downloaded",
        target=f"number:{row.number}",
        now=now,
        after={"pack": row.pk, "part": part, "sha256": row.sha256},
    )


def _link_or_remove(row: EvidencePack, path: Path, *, now: datetime) -> None:
    try:
        _link(row, path, now=now)
    except BaseException:
        path.unlink(missing_ok=True)  # no row tells of it
        raise


def _link(row: EvidencePack, path: Path, *, now: datetime) -> None:
    with db.use_case():
        db.advisory_xact_lock(db.lock_key("evidence.chain"))
        last = EvidencePack.objects.order_by("-id").first()
        manifest = manifest_of(
            content_sha256=row.content_sha256,
            json_sha256=row.json_sha256,
            pdf_sha256=row.pdf_sha256,
            prev_sha256=last.sha256 if last else "",
            made_by=row.made_by,
            made_at=as_json(row.made_at),
        )
        writing.add_manifest(path, manifest)
        row.prev_sha256, row.sha256 = manifest["prev_sha256"], manifest["sha256"]
        row.size = path.stat().st_size
        row.save(force_insert=True)
        audit.record(
            actor=row.made_by,
            verb="evidence.pack.made",
            target=f"number:{row.number}",
            now=now,
            after={
                "pack": row.pk,
                "complaint": row.complaint,
                "reason": row.reason,
                "sha256": row.sha256,
                "prev_sha256": row.prev_sha256,
            },
        )


def _check(order: Order) -> None:
    as_phone(order.number)
    if not order.reason.strip():
        raise PackRefused("Say why the pack is made: the reason is kept with it.")
    if order.since and order.until and order.until < order.since:
        raise PackRefused("The period ends before it begins.")
    if len(order.reason) > 400 or len(order.complaint) > 120:
        raise PackRefused("The reason may have 400 letters, the complaint's reference 120.")
    if "\x00" in order.reason + order.complaint:
        raise PackRefused("Reason and reference may not hold control characters.")


def _columns(order: Order) -> dict[str, Any]:
    """The order as the pack's row keeps it."""
    return {
        "number": order.number,
        "complaint": order.complaint.strip(),
        "reason": order.reason.strip(),
        "since": order.since,
        "until": order.until,
    }


def _about(order: Order, spool: Spool, summary: Any, *, actor: str, now: datetime) -> dict[str, Any]:
    """What the pack says about itself; its hash is the content hash."""
    return {
        "schema": SCHEMA,
        "number": order.number,
        "complaint": order.complaint.strip(),
        "reason": order.reason.strip(),
        "seller": settings.SELLER_NAME,
        "period": {"from": as_json(order.since), "to": as_json(order.until)},
        "made_by": actor,
        "made_at": as_json(now),
        "summary": summary,
        "sections": writing.section_list(spool),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
