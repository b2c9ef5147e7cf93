"""Long work, done here and now: what a worker would do with the jobs that wait."""

from celery import current_app

from core.models import BackgroundJob


def do_waiting_work() -> list[BackgroundJob]:
    """Run the task of every waiting job, and return those jobs as they ended, oldest first."""
    current_app.loader.import_default_modules()
    waiting = list(BackgroundJob.objects.filter(state="waiting").order_by("pk"))
    for job in waiting:
        current_app.tasks[job.task](job_id=job.pk)
        job.refresh_from_db()
    return waiting
