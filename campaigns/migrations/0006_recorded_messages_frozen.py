"""What was played to people is evidence: a recording never changes, a version changes its state alone, neither is deleted."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION parley_message_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept campaigns_messageversion%ROWTYPE;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'message versions are evidence and cannot be deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    kept := NEW;
    kept.state := OLD.state; kept.problems := OLD.problems; kept.judged_at := OLD.judged_at; kept.judged_under := OLD.judged_under;
    kept.decided_at := OLD.decided_at; kept.decided_by := OLD.decided_by; kept.decision_note := OLD.decision_note;
    IF kept IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'what a message version says cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('draft', 'approved'), ('draft', 'retired'), ('approved', 'retired')) THEN
        RAISE EXCEPTION 'a message version does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON campaigns_messageversion
    FOR EACH ROW EXECUTE FUNCTION parley_message_version_frozen();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_messageaudio
    FOR EACH ROW EXECUTE FUNCTION parley_append_only();
"""
BACK = """
DROP TRIGGER append_only ON campaigns_messageaudio;
DROP TRIGGER frozen ON campaigns_messageversion;
DROP FUNCTION parley_message_version_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_recorded_messages"), ("core", "0002_append_only")]

    operations = [migrations.RunSQL(FUNCTION, BACK)]
