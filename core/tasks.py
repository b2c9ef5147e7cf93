"""Celery's door to what core looks after."""

from celery import shared_task

from core import background, clock, jobs


@shared_task(name=jobs.SWEEP_BACKGROUND, ignore_result=True)
def sweep_background(**_: object) -> None:
    """Find long work whose hint or worker was lost."""
    background.sweep(now=clock.now())
