from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0023_last_called'),
        ('dialer', '0013_drain_and_time_to_decide'),
    ]

    operations = [
        migrations.RunSQL(
            """
            UPDATE campaigns_campaignlead AS lead SET last_called_at = called.at
              FROM (
                SELECT attempt.campaign_lead_id, MAX(call.ended_at) AS at
                  FROM dialer_call AS call
                  JOIN dialer_dialattempt AS attempt ON attempt.id = call.attempt_id
                 WHERE call.ended_at IS NOT NULL AND call.outcome <> 'not_placed'
                 GROUP BY attempt.campaign_lead_id
              ) AS called
             WHERE lead.id = called.campaign_lead_id AND lead.last_called_at IS NULL
            """,
            migrations.RunSQL.noop,
        ),
    ]
