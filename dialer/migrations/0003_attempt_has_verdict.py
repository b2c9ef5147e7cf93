"""Refuse an attempt that no verdict of the gate allows: the clearance must be for its number, and used up once it is dialed."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION dialer_attempt_has_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE clearance record;
BEGIN
    SELECT number, consumed_at INTO clearance FROM compliance_openclearance WHERE decision_id = NEW.decision_id;
    IF NOT FOUND OR clearance.number <> NEW.number THEN
        RAISE EXCEPTION 'attempt % has no clearance of the gate for its number (decision %)', NEW.id, NEW.decision_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state <> 'reserved' AND clearance.consumed_at IS NULL THEN
        RAISE EXCEPTION 'attempt % is % with a clearance that is not used up (decision %)', NEW.id, NEW.state, NEW.decision_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
# Not for attempts that are over: they call nobody.
TRIGGER = """
CREATE TRIGGER has_verdict BEFORE INSERT OR UPDATE OF state, decision_id, number ON dialer_dialattempt
    FOR EACH ROW WHEN (NEW.state IN ('reserved', 'dialing', 'placed', 'unknown'))
    EXECUTE FUNCTION dialer_attempt_has_verdict();
"""


class Migration(migrations.Migration):
    dependencies = [("dialer", "0002_append_only"), ("compliance", "0022_partition_decisions")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION dialer_attempt_has_verdict();"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER has_verdict ON dialer_dialattempt;"),
    ]
