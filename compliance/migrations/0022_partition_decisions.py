"""Decisions by month, in a hash chain, with verdicts and facts as the text that was hashed. Rows that stand are carried over.

The functions here are a frozen copy of compliance/store: a later change there must not change what this did.
"""

from datetime import UTC
from hashlib import blake2b

import msgspec
from django.db import migrations, models

COLUMNS = (
    "id", "attempt_ref", "number", "person_ref", "channel", "purpose", "seller", "campaign_ref", "outcome", "code",
    "sentence", "verdicts", "facts", "rules_version", "rules_hash", "next_allowed_at", "decided_at",
)  # fmt: skip

CREATE = r"""
ALTER TABLE compliance_compliancedecision RENAME TO compliance_decision_before;
ALTER TABLE compliance_decision_before RENAME CONSTRAINT compliance_compliancedecision_pkey TO compliance_decision_before_pkey;
DROP INDEX decision_newest, decision_number, decision_code, decision_campaign, decision_attempt, decision_day;

CREATE SEQUENCE compliance_decision_id AS bigint;
CREATE TABLE compliance_compliancedecision (
    id bigint NOT NULL DEFAULT nextval('compliance_decision_id'),
    decided_at timestamptz NOT NULL,
    next_allowed_at timestamptz,
    lane bigint NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    attempt_ref varchar(80) NOT NULL,
    number varchar(16) NOT NULL,
    person_ref varchar(80) NOT NULL,
    channel varchar(20) NOT NULL,
    purpose varchar(20) NOT NULL,
    seller varchar(120) NOT NULL,
    campaign_ref varchar(80) NOT NULL,
    outcome varchar(10) NOT NULL,
    code varchar(30) NOT NULL,
    rules_version varchar(20) NOT NULL,
    rules_hash varchar(32) NOT NULL,
    prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    row_hash bytea NOT NULL CHECK (octet_length(row_hash) = 32),
    sentence text NOT NULL,
    verdicts text NOT NULL,
    facts text NOT NULL,
    PRIMARY KEY (id, decided_at),
    CONSTRAINT decision_number_e164 CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    CONSTRAINT decision_code_matches_outcome CHECK (
        (outcome = 'allow' AND code = '' AND next_allowed_at IS NULL) OR (outcome = 'deny' AND code <> '')
    )
) PARTITION BY RANGE (decided_at);
ALTER SEQUENCE compliance_decision_id OWNED BY compliance_compliancedecision.id;
CREATE INDEX decision_number ON compliance_compliancedecision (number, id DESC);
CREATE INDEX decision_code ON compliance_compliancedecision (code, id DESC);
CREATE INDEX decision_campaign ON compliance_compliancedecision (campaign_ref, id DESC);
CREATE INDEX decision_day ON compliance_compliancedecision (decided_at, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON compliance_compliancedecision
    FOR EACH ROW EXECUTE FUNCTION parley_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON compliance_compliancedecision
    FOR EACH STATEMENT EXECUTE FUNCTION parley_append_only();
CREATE TABLE compliance_decision_default PARTITION OF compliance_compliancedecision DEFAULT;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON compliance_decision_default
    FOR EACH STATEMENT EXECUTE FUNCTION parley_append_only();

DO $$
DECLARE month date;
BEGIN
    FOR month IN
        SELECT date_trunc('month', decided_at AT TIME ZONE 'UTC')::date FROM compliance_decision_before
        UNION
        SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n))::date FROM generate_series(0, 2) AS n
    LOOP
        EXECUTE format(
            'CREATE TABLE %1$I PARTITION OF compliance_compliancedecision FOR VALUES FROM (%2$L) TO (%3$L)',
            'compliance_decision_' || to_char(month, 'YYYY_MM'),
            month::text || ' 00:00:00+00',
            (month + interval '1 month')::date::text || ' 00:00:00+00'
        );
        EXECUTE format(
            'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION parley_append_only()',
            'compliance_decision_' || to_char(month, 'YYYY_MM')
        );
    END LOOP;
END $$;
"""

FINISH = """
SELECT setval('compliance_decision_id', greatest((SELECT max(id) FROM compliance_decision_before), 1),
              EXISTS (SELECT FROM compliance_decision_before));
DROP TABLE compliance_decision_before;
"""


def _digest(values):
    return blake2b(msgspec.json.encode(values), digest_size=32).digest()


def _row_digest(values):
    verdicts, facts = values[11].encode(), values[12].encode()
    head = msgspec.json.encode((*values[:11], len(verdicts), len(facts), *values[13:]))
    return blake2b(head + verdicts + facts, digest_size=32).digest()


def carry_over(apps, schema_editor):
    """Chain the rows that stand, one lane a day, in batches."""
    selected = ", ".join(f"{name}::text" if name in {"verdicts", "facts"} else name for name in COLUMNS)
    lanes = {}
    last_id = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT {selected} FROM compliance_decision_before WHERE id > %s ORDER BY id LIMIT 2000",
                [last_id],
            )
            rows = cursor.fetchall()
            if not rows:
                break
            last_id = rows[-1][0]
            links = [_link(cursor, lanes, row) for row in rows]
            with cursor.copy(
                f"COPY compliance_compliancedecision ({', '.join(COLUMNS)}, lane, position, prev_hash, row_hash) FROM STDIN"
            ) as copy:
                for link in links:
                    copy.write_row(link)
        for lane, count, last_hash in lanes.values():
            cursor.execute(
                "UPDATE compliance_chainlane SET count = %s, last_hash = %s WHERE id = %s", [count, last_hash, lane]
            )


def _link(cursor, lanes, row):
    values = [each.astimezone(UTC) if hasattr(each, "astimezone") else each for each in row]
    day = values[-1].date()
    if day not in lanes:
        cursor.execute(
            "INSERT INTO compliance_chainlane (day, count, last_hash) VALUES (%s, 0, '') RETURNING id", [day]
        )
        lane = cursor.fetchone()[0]
        lanes[day] = (lane, 0, _digest(["parley verdicts", day.isoformat(), lane]))
    lane, count, prev_hash = lanes[day]
    values += [lane, count + 1, prev_hash]
    row_hash = _row_digest(values)
    lanes[day] = (lane, count + 1, row_hash)
    return [*values, row_hash]


STATE = [
    *[
        migrations.RemoveIndex(model_name="compliancedecision", name=name)
        for name in ("decision_newest", "decision_attempt", "decision_day")
    ],
    migrations.AddIndex(
        model_name="compliancedecision", index=models.Index(fields=["decided_at", "id"], name="decision_day")
    ),
    *[
        migrations.AlterField(model_name="compliancedecision", name=name, field=models.TextField())
        for name in ("verdicts", "facts")
    ],
    *[
        migrations.AddField(
            model_name="compliancedecision", name=name, field=field, preserve_default=False
        )
        for name, field in (
            ("lane", models.BigIntegerField(default=0)),
            ("position", models.PositiveIntegerField(default=0)),
            ("prev_hash", models.BinaryField(default=b"", max_length=32)),
            ("row_hash", models.BinaryField(default=b"", max_length=32)),
        )
    ],
]


class Migration(migrations.Migration):
    dependencies = [("compliance", "0021_plain_decision_ids")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE),
                migrations.RunPython(carry_over),
                migrations.RunSQL(FINISH),
            ],
            state_operations=STATE,
        )
    ]
