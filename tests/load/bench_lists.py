"""Measures the list of people: `python -m config.embedded exec python -m tests.load.bench_lists --people 1000000`.

Fills a test database in statements of a million rows with so many people on lists of very different sizes, a phone or two each and
a tenth of them called and three fields of the house's own, then reads the first page, deep pages, filters, orders and searches as the page
does: rows and count together, and who looks like a person.
Prints one line of JSON: milliseconds, half and 95 in 100 of the reads, and for each kind of read.
"""

import argparse
import json
import os
import random
import statistics
import time
from datetime import UTC, datetime
from typing import Any

import django

LIKE = "who looks like a person"
OWN = {"tariff": "text", "income": "number", "ends": "date"}
NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
_FILL = (
    """
    INSERT INTO campaigns_contact (external_ref, first_name, last_name, company, title, email, city, state, postal_code, country,
        stated_zone, owner_name, crm_url, crm_do_not_call, custom, created_at, changed_at)
    SELECT CASE WHEN i %% 3 = 0 THEN 'hubspot:1:' || i END,
           initcap(translate(substr(md5((i %% 5003)::text), 1, 6), '0123456789', 'aeioulnrst')),
           initcap(translate(substr(md5(((i * 7919) %% 104729)::text), 1, 8), '0123456789', 'aeioulnrst')),
           'Company ' || (i * 31) %% 50021, 'Owner', 'person' || i || '@example.com',
           (ARRAY['Orlando','Chicago','Denver','New York','Houston'])[1 + i %% 5], (ARRAY['FL','IL','CO','NY','TX'])[1 + i %% 5],
           (ARRAY['32801','60601','80202','10001','77002'])[1 + i %% 5], 'US', '', 'Owner ' || i %% 40, '', i %% 50 = 0,
           jsonb_build_object('tariff', 'Tariff ' || i %% 300, 'income', i %% 90000,
               'ends', to_char(%(now)s + (i %% 2000) * interval '1 day', 'YYYY-MM-DD')),
           %(now)s - (i %% 700) * interval '1 day', %(now)s
      FROM generate_series(1::bigint, %(people)s) AS i
    """,
    """
    INSERT INTO campaigns_contactphone (contact_id, number, raw, kind, position)
    SELECT id, '+1' || 201 + id %% 700 || 2000000 + id * 2 + each, '', 'main', each FROM campaigns_contact, generate_series(0, 1) AS each
     WHERE each = 0 OR id %% 2 = 0
    """,
    """
    INSERT INTO campaigns_lead (lead_list_id, contact_id, debt_ref, added_at)
    SELECT list.id, person.id, '', %(now)s
      FROM campaigns_leadlist AS list JOIN campaigns_contact AS person ON CASE list.name
        WHEN 'everybody' THEN TRUE WHEN 'a tenth' THEN person.id %% 10 = 3 WHEN 'the newest thousand' THEN person.id > %(people)s - 1000
        ELSE person.id BETWEEN %(people)s / 2 AND %(people)s / 2 + 200 END
    """,
    """
    INSERT INTO campaigns_campaignlead (campaign_id, contact_id, state, next_try_at, is_callback, attempts, last_result, reason,
        added_at, last_called_at)
    SELECT %(campaign)s, id, 'ready', %(now)s, FALSE, id %% 5, CASE WHEN id %% 5 > 0 THEN 'no answer' ELSE '' END, '', %(now)s,
           CASE WHEN id %% 5 > 0 THEN %(now)s - (id %% 60) * interval '1 day' END
      FROM campaigns_contact WHERE id %% 10 = 3
    """,
)


def main() -> None:
    """Fill, read, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--slow", action="store_true", help="leave the fields of the house's own without indexes"
    )
    parser.add_argument("--keep", action="store_true", help="use the database of the last run with --keep")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(
        verbosity=0, autoclobber=not options.keep, serialize=False, keepdb=options.keep
    )
    started = time.perf_counter()
    fill(options.people)
    told: dict[str, Any] = {
        "people": options.people,
        "fill_seconds": round(time.perf_counter() - started, 1),
        **measured(options),
    }
    print(json.dumps(told), flush=True)
    if not options.keep:
        connection.creation.destroy_test_db("", verbosity=0)


def fill(people: int) -> None:
    """Make everybody, unless they are there."""
    from django.db import connection

    from campaigns.models import Contact, CustomField, LeadList
    from tests.factories.world import make_world

    if Contact.objects.exists():
        return
    world = make_world(NOW)
    for key, kind in OWN.items():
        CustomField.objects.create(key=key, label=key, kind=kind, created_at=NOW)
    for name in ("everybody", "a tenth", "the newest thousand", "two hundred in the middle"):
        LeadList.objects.create(name=name, created_at=NOW)
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"people": people, "now": NOW, "campaign": world.campaign.pk})
        cursor.execute("VACUUM ANALYZE")


def quicken() -> float:
    """Make the fields of the house's own quick; return the seconds that took."""
    from campaigns.models import CustomField
    from campaigns.services import quickfields

    CustomField.objects.update(is_quick=True)
    began = time.perf_counter()
    quickfields.keep_indexes()
    return round(time.perf_counter() - began, 1)


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of every kind of read, in milliseconds."""
    from campaigns.paging import Cursor
    from campaigns.selectors import browsing, duplicates, lists

    dice = random.Random(20261123)
    kinds: dict[str, list[float]] = {}
    indexed = 0.0 if options.slow else quicken()
    for _ in range(20):
        began = time.perf_counter()
        duplicates.like(dice.randrange(1, options.people))
        kinds.setdefault(LIKE, []).append((time.perf_counter() - began) * 1000)
    for _ in range(options.rounds):
        for name, wanted in reads(dice).items():
            for where, start in (("first", 0), ("deep", dice.randrange(options.people // 2, options.people))):
                began = time.perf_counter()
                page = browsing.browse(wanted, Cursor(after=start), browsing.USUAL_COLUMNS, now=NOW)
                if wanted.list_id:  # its head shows how many there are
                    lists.get_list(wanted.list_id)
                else:
                    browsing.count(wanted, page, now=NOW)
                kinds.setdefault(f"{name}, {where}", []).append((time.perf_counter() - began) * 1000)
    took = sorted(kinds.pop(LIKE))
    every = sorted(each for taken in kinds.values() for each in taken)
    slowest = sorted(kinds, key=lambda name: -statistics.median(kinds[name]))
    return {
        "index_seconds": indexed,
        "like_cold_ms": round(took[-1], 1),
        "like_p50_ms": round(statistics.median(took), 1),
        "reads": len(every),
        "p50_ms": round(statistics.median(every), 1),
        "p95_ms": round(every[int(len(every) * 0.95)], 1),
        "worst_ms": round(every[-1], 1),
        "median_ms_of": {name: round(statistics.median(kinds[name]), 1) for name in slowest},
    }


def reads(dice: random.Random) -> dict[str, Any]:
    """Return what is asked of the list, by name."""
    from campaigns.models import Contact, LeadList
    from campaigns.segments.fields import Operator
    from campaigns.segments.tree import ANY, Condition, Group
    from campaigns.selectors.browsing import ORDERS, Wanted

    def rule(*conditions: Any) -> Group:
        return Group("all", conditions)

    someone = Contact.objects.get(pk=dice.randrange(1, Contact.objects.count()))
    number = someone.phones.order_by("id")[0].number
    found = {f"all people, order {order}": Wanted(order=order) for order in ORDERS}
    for row in LeadList.objects.exclude(name="Spring").order_by("id"):
        found[f"list “{row.name}”"] = Wanted(list_id=row.pk)
        found[f"list “{row.name}”, by name"] = Wanted(list_id=row.pk, order="name")
        found[f"list “{row.name}”, newest first"] = Wanted(list_id=row.pk, order="added", descending=True)
    texts = {
        "a full name": someone.full_name,
        "a first name": someone.first_name,
        "two letters": someone.last_name[:2],
        "three letters": someone.last_name[:3],
        "a company": someone.company,
        "an address": someone.email,
        "a full number": f"({number[2:5]}) {number[5:8]}-{number[8:]}",
        "an area code": number[2:5],
        "last four": number[-4:],
        "nobody": "zzyzx",
    }
    for name, text in texts.items():
        found[f"search {name}"] = Wanted(search=text, order="name")
    filters = {
        "a state": rule(Condition("state", Operator.IS, "FL")),
        "an owner": rule(Condition("owner_name", Operator.IS, "Owner 7")),
        "never called": rule(Condition("last_called_at", Operator.NEVER)),
        "three attempts": rule(Condition("attempts", Operator.AT_LEAST, 3)),
        "do not call": rule(Condition("do_not_call", Operator.YES)),
        "may be called": rule(Condition("do_not_call", Operator.NO)),
        "a place or an owner": rule(
            Group(
                ANY,
                (Condition("city", Operator.STARTS, "Chi"), Condition("owner_name", Operator.IS, "Owner 3")),
            ),
            Condition("attempts", Operator.AT_MOST, 2),
        ),
        "called this week, no answer": rule(
            Condition("last_called_at", Operator.WITHIN, 7),
            Condition("last_result", Operator.IS, "no answer"),
        ),
    }
    for name, each in filters.items():
        found[f"filter {name}"] = Wanted(rule=each, order="name")
    own = {
        "a tariff": rule(Condition("own.text.tariff", Operator.IS, "tariff 7")),
        "how a tariff begins": rule(Condition("own.text.tariff", Operator.STARTS, "Tariff 29")),
        "an income": rule(Condition("own.number.income", Operator.IS, "4711")),
        "the largest incomes": rule(Condition("own.number.income", Operator.AT_LEAST, "89900")),
        "half of the incomes": rule(Condition("own.number.income", Operator.AT_MOST, "45000")),
        "an end in the next week": rule(Condition("own.date.ends", Operator.COMING, 7)),
        "an end before next year": rule(Condition("own.date.ends", Operator.BEFORE, "2027-01-01")),
    }
    for name, each in own.items():
        found[f"own field, {name}"] = Wanted(rule=each, order="name")
    for key in OWN:
        found[f"own field, order {key}"] = Wanted(order=f"own.{key}", descending=True)
    return found


if __name__ == "__main__":
    main()
