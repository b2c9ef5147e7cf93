"""Celery: queues by urgency, limits, and the schedule as code.

The broker carries hints, the database carries duties: acknowledging early is fine, because a sweeper finds what a lost
message left undone. There is no countdown and no eta anywhere (docs/architecture.md, 5.3).
"""

from celery.schedules import crontab

from config import env

CELERY_BROKER_URL = env.env_str("REDIS_URL", "redis://unset")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "dialer.place_call": {"queue": "dial"},
    "dialer.control_call": {"queue": "dial"},
    "dialer.route_call": {"queue": "dial"},
    "dialer.serve_waiting": {"queue": "dial"},
    "dialer.play_message": {"queue": "dial"},
    "dialer.follow_transfer": {"queue": "dial"},
    "dialer.apply_webhook": {"queue": "dial"},
    "dialer.connect_agent_leg": {"queue": "dial"},
    "dialer.connect_next_leg": {"queue": "dial"},
    "dialer.drop_agent_leg": {"queue": "dial"},
    "dialer.count_waterfall": {"queue": "bulk"},
    "dialer.play_what_if": {"queue": "bulk"},
    "dialer.let_go_leg": {"queue": "dial"},
    "dialer.free_line": {"queue": "dial"},
    "dialer.place_waiting": {"queue": "dial"},
    "dialer.follow_recording": {"queue": "dial"},
    "dialer.act_on_recording": {"queue": "dial"},
    "dialer.fetch_recording": {"queue": "bulk"},
    "dialer.keep_recordings": {"queue": "bulk"},
    "dialer.purge_pacing": {"queue": "bulk"},
    "campaigns.keep_times": {"queue": "default"},  # never behind an import
    "dialer.fit_best_time": {"queue": "bulk"},
    "dialer.rest_callers": {"queue": "bulk"},
    "campaigns.release_callbacks": {"queue": "default"},
    "campaigns.*": {"queue": "bulk"},
    "carriers.*": {"queue": "bulk"},
    "compliance.*": {"queue": "bulk"},
    "evidence.*": {"queue": "bulk"},
    "crm_sync.import_*": {"queue": "bulk"},
    "crm_sync.reconcile*": {"queue": "bulk"},
    "crm_sync.*": {"queue": "sync"},
}
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker waits for its broker however long it is away; the library's default ends it after a hundred tries.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A hint must never hold up a request: give up within a second, the sweeper finds the row.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    # What a worker had taken and not begun when it died is a lost hint like any other. Kept for redelivery, it came an hour later, and
    # where the broker died, giving it back ended the worker itself (kombu 5.7: a closed connection is asked for its host).
    "ack_emulation": False,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Left to itself Celery ends the whole pool of connections before and after every task: each began with a new process of PostgreSQL and
# forgot its prepared statements, two thirds of the database's processor time. Tasks give theirs back to the pool (config/celery.py).
CELERY_DB_REUSE_MAX = 10_000

# Sweepers: each finds work whose hint was lost, and does nothing when there is none.
CELERY_BEAT_SCHEDULE = {
    "dial attempts whose hint was lost": {"task": "dialer.sweep_attempts", "schedule": 5.0},
    # A tick that was not run in time is worth nothing: the next one is due.
    "calls that wait for the carrier's limits": {
        "task": "dialer.place_waiting",
        "schedule": 0.5,
        "options": {"expires": 2},
    },
    "calls the carrier does not ring": {"task": "dialer.withdraw_unrung", "schedule": 2.0},
    "messages not begun, or that never end": {"task": "dialer.sweep_messages", "schedule": 5.0},
    "webhooks stored but not applied": {"task": "dialer.sweep_webhooks", "schedule": 5.0},
    "calls the carrier knows more about": {
        "task": "dialer.reconcile_calls",
        "schedule": 3.0,
        "options": {"expires": 6},
    },
    "webhooks applied long ago": {"task": "carriers.purge_inbox", "schedule": crontab(hour=4, minute=12)},
    "agents' lines that broke off": {"task": "dialer.sweep_legs", "schedule": 2.0, "options": {"expires": 4}},
    "campaigns that finish what is begun": {
        "task": "dialer.sweep_drains",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    "transfers under way": {"task": "dialer.sweep_transfers", "schedule": 2.0, "options": {"expires": 4}},
    "recordings whose hint was lost": {"task": "dialer.sweep_recordings", "schedule": 5.0},
    "recordings whose time is over": {"task": "dialer.keep_recordings", "schedule": crontab(minute=35)},
    "decisions of the dialing loop older than a day": {
        "task": "dialer.purge_pacing",
        "schedule": crontab(minute=50),
    },
    "places in the order of calls": {
        "task": "dialer.place_leads",
        "schedule": 20.0,
        "options": {"expires": 15},
    },
    "chances of an answer, from the calls so far": {
        "task": "dialer.fit_best_time",
        "schedule": crontab(hour=3, minute=40),
    },
    "indexes of fields to be quick": {"task": "campaigns.keep_quick_fields", "schedule": 600.0},
    "callbacks whose agent is not there": {
        "task": "campaigns.release_callbacks",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "caller numbers answered less than before": {"task": "dialer.rest_callers", "schedule": 300.0},
    "agents who went away": {"task": "dialer.sweep_agents", "schedule": 15.0},
    # What is due in the same two seconds shares a request; so this is also most of the lag people see.
    "activities due to the CRMs": {
        "task": "crm_sync.push_due",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    "members of followed CRM lists": {
        "task": "crm_sync.poll_lists",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "readings of CRM lists": {
        "task": "crm_sync.read_on",
        "schedule": 3.0,
        "options": {"expires": 6},
    },
    "people to be found in the CRMs": {
        "task": "crm_sync.match_people",
        "schedule": 15.0,
        "options": {"expires": 30},
    },
    "calls here and in the CRMs": {
        "task": "crm_sync.reconcile_all",
        "schedule": crontab(hour=2, minute=40),
    },
    "webhooks of CRMs kept long enough": {
        "task": "crm_sync.forget_old",
        "schedule": crontab(hour=4, minute=24),
    },
    "pushes whose worker died": {"task": "crm_sync.free_stuck", "schedule": 30.0},
    "campaigns that start or stop at a time": {
        "task": "campaigns.keep_times",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "people who came into segments or left them": {
        "task": "campaigns.follow_segments",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "imports whose worker died": {"task": "campaigns.resume_imports", "schedule": 30.0},
    "notices by e-mail": {"task": "campaigns.mail_notices", "schedule": 30.0, "options": {"expires": 25}},
    "long work whose hint or worker was lost": {"task": "core.sweep_background", "schedule": 15.0},
    "tables of the coming months of verdicts": {
        "task": "compliance.manage_partitions",
        "schedule": crontab(hour=3, minute=7),
    },
    # After the day's last transactions, before anybody works: verified, then sealed.
    "verdicts of the day that ended": {
        "task": "compliance.close_days",
        "schedule": crontab(hour=0, minute=20),
    },
}
