"""Addresses of the evidence page, below /compliance/evidence/."""

from django.urls import path

from evidence import views

urlpatterns = [
    path("", views.packs, name="evidence"),
    path("make/", views.make, name="evidence-make"),
    path("now/", views.make_now, name="evidence-now"),
    path("jobs/<int:job_id>/", views.job, name="evidence-job"),
    path("jobs/<int:job_id>/progress/", views.job_progress, name="evidence-job-progress"),
    path("jobs/<int:job_id>/stop/", views.stop_job, name="evidence-job-stop"),
    path("<int:pack_id>/<str:part>/", views.download, name="evidence-download"),
]
