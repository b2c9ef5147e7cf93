"""Addresses of sign-in and people."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("people/", views.people, name="people"),
    path("people/new/", views.add_person, name="person-new"),
    path("people/<int:user_id>/", views.change_person, name="person"),
]
