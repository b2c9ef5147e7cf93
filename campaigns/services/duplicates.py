"""Looking for people who are there twice, saying that they are not, and merging at once those about whom there is no doubt.

The search reads everybody once, in the background, and keeps what it found: no index that every import would have to fill.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Final

from django.db import connection

from campaigns import jobs, merging
from campaigns.merging import GROUNDS
from campaigns.models import Contact, DuplicateGroup, NotDuplicate
from campaigns.selectors import comparing
from campaigns.selectors import duplicates as read
from campaigns.services import merging as one
from campaigns.services.merging import MergeRefused
from core import audit, background, clock, db
from core.background import Arguments, Outcome, Report, Stopped
from core.errors import AppError

MOST_GROUPS: Final = 50_000  # of a ground: who has more has an import to take back, not people to compare
_NAMED = "first_name || last_name <> ''"
_NAME = "upper(first_name), upper(last_name)"
_SHOWN = "min(trim(first_name || ' ' || last_name))"
_ALONE = "campaigns_contact"
_WITH_NUMBER = "campaigns_contact JOIN (SELECT contact_id, number FROM campaigns_contactphone) AS phone ON phone.contact_id = id"
# Two CRM records of one CRM are two there too; whether they are one, nobody can be sure of.
_NOTHING_AGAINST = """count(DISTINCT upper(last_name)) FILTER (WHERE last_name <> '') <= 1
    AND count(DISTINCT upper(first_name)) FILTER (WHERE first_name <> '') <= 1 AND count(external_ref) <= 1"""
# ground → what is read, who has it, what is the same, how it is shown, whether nothing speaks against it
_SEARCHES: Final = {
    "external_id": (_ALONE, "external_id <> ''", "external_id", "external_id", _NOTHING_AGAINST),
    "email_name": (_ALONE, f"email <> '' AND {_NAMED}", f"upper(email), {_NAME}", "min(email)", _NOTHING_AGAINST),
    "phone_name": (_WITH_NUMBER, _NAMED, f"phone.number, {_NAME}", "phone.number", "FALSE"),
    "email": (_ALONE, "email <> ''", "upper(email)", "min(email)", "FALSE"),
    "phone": (_WITH_NUMBER, "TRUE", "phone.number", "phone.number", "FALSE"),
    "name_postal": (
        _ALONE, f"{_NAMED} AND postal_code <> ''", f"{_NAME}, postal_code", f"{_SHOWN} || ', ' || postal_code", "FALSE",
    ),
    "name_company": (
        _ALONE, f"{_NAMED} AND company <> ''", f"{_NAME}, upper(company)", f"{_SHOWN} || ', ' || min(company)", "FALSE",
    ),
}  # fmt: skip
_FIND = """
INSERT INTO campaigns_duplicategroup (ground, key, members, is_sure, found_at)
SELECT %(ground)s, left(found.key, 400), found.members, found.is_sure, %(now)s
  FROM (
    SELECT {shown} AS key, array_agg(id ORDER BY id) AS members, {sure} AS is_sure
      FROM {source} WHERE {who} GROUP BY {same}
    HAVING count(*) BETWEEN 2 AND %(most)s
  ) AS found
 WHERE (
    SELECT count(*) FROM campaigns_notduplicate AS said
     WHERE said.first_id = ANY(found.members) AND said.second_id = ANY(found.members)
  ) < cardinality(found.members) * (cardinality(found.members) - 1) / 2
 ORDER BY found.key, found.members LIMIT %(limit)s
    ON CONFLICT (members) DO NOTHING
"""


def start_search(*, by: str, now: datetime) -> int:
    """Have a worker look for duplicates; return the job's id."""
    with db.use_case():
        return background.start(
            task=jobs.FIND_DUPLICATES, title="Look for duplicates", arguments={}, unit="ways to be alike", by=by, now=now
        )  # fmt: skip


def run_search(arguments: Arguments, report: Report) -> Outcome:
    """Look for duplicates, all anew. What was found before is replaced once all is found."""
    now = clock.now()
    found: Counter[str] = Counter()
    with db.use_case():
        db.advisory_xact_lock(db.lock_key("campaigns.duplicates"))
        DuplicateGroup.objects.all().delete()
        with connection.cursor() as cursor:
            for ground, _ in GROUNDS:
                source, who, same, shown, sure = _SEARCHES[ground]
                cursor.execute(
                    _FIND.format(source=source, who=who, same=same, shown=shown, sure=sure),
                    {"ground": ground, "now": now, "most": merging.MOST, "limit": MOST_GROUPS},
                )
                found[ground] = cursor.rowcount
    report(len(GROUNDS), len(GROUNDS))
    total = sum(found.values())
    return Outcome(
        said=f"{total:,} groups of people look alike." if total else "Nobody looks like anybody else."
    )


def say_different(*, ids: Sequence[int], by: str, now: datetime) -> int:
    """Keep that these people are not the same, each pair of them; return how many pairs are new. Raises MergeRefused."""
    ids = sorted(set(ids))
    if not 2 <= len(ids) <= merging.MOST:
        raise MergeRefused(f"Choose 2 to {merging.MOST} people who are not the same.")
    with db.use_case():
        db.advisory_xact_lock(db.lock_key("campaigns.persons"))
        there = set(Contact.objects.filter(pk__in=ids).values_list("pk", flat=True))
        if len(there) < len(ids):
            raise MergeRefused("One of these people was removed or merged meanwhile. Nothing was changed.")
        pairs = [
            NotDuplicate(first_id=a, second_id=b, said_by=by, said_at=now) for a, b in combinations(ids, 2)
        ]
        before = NotDuplicate.objects.filter(first__in=ids, second__in=ids).count()
        NotDuplicate.objects.bulk_create(pairs, ignore_conflicts=True)
        DuplicateGroup.objects.filter(members__contained_by=ids).delete()
        audit.record(
            actor=by, verb="campaigns.contact.not_duplicate", target=f"contact:{ids[0]}", now=now, after={"records": ids}
        )  # fmt: skip
    return len(pairs) - before


def start_sure(*, seen: int, by: str, now: datetime) -> int:
    """Have a worker merge everybody about whom there is no doubt, up to the group `seen` last; return the job's id."""
    count = read.sure_groups(upto=seen).count()
    if not count:
        raise MergeRefused("There is nobody about whom there is no doubt. Look for duplicates anew.")
    with db.use_case():
        return background.start(
            task=jobs.MERGE_SURE,
            title=f"Merge {count:,} groups about whom there is no doubt",
            arguments={"seen": seen, "by": by},
            unit="groups",
            by=by,
            now=now,
        )


def run_sure(arguments: Arguments, report: Report) -> Outcome:
    """Merge each group by itself, with what would be preselected; who cannot be merged now is left as they are."""
    groups = list(read.sure_groups(upto=arguments["seen"]).values_list("members", "ground"))
    done, left = 0, Counter[str]()
    stopped = ""
    for number, (members, ground) in enumerate(groups):
        try:
            report(number, len(groups))
        except Stopped as stop:
            stopped = f" {stop}"
            break
        try:
            one.merge(comparing.usual_order(members, ground=ground), by=arguments["by"], now=clock.now())
            done += 1
        except AppError as refused:
            left[str(refused)] += 1
    words = f"{done:,} groups were merged, each can be undone by itself."
    if left:
        why = "; ".join(f"{count:,}: {reason}" for reason, count in left.most_common(3))
        words += f" {left.total():,} were left as they are. {why}"
    return Outcome(said=(words + stopped)[:400])
