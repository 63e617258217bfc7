"""``/people/``: people, roles, delegation and one's own profile."""

from django.urls import path

from helmont.web.people import delegation, profile, views

app_name = "people"

urlpatterns = [
    path("", views.people, name="people"),
    path("new/", views.new, name="new"),
    path("assign/", views.assign, name="assign"),
    path("assignments/<path:key>/end/", views.end, name="end"),
    path("log/<str:study>/<str:site>/", delegation.log, name="log"),
    path("log/<str:study>/<str:site>/delegate/", delegation.delegate, name="delegate"),
    path("me/", profile.profile, name="profile"),
    path("me/tokens/new/", profile.new_token, name="new_token"),
    path("me/tokens/<path:key>/revoke/", profile.revoke_token, name="revoke_token"),
    path("welcome/<str:handle>/<str:token>/", profile.password, name="password"),
    path("person/<str:handle>/", views.person, name="person"),
    path("person/<str:handle>/change/", views.change, name="change"),
    path("person/<str:handle>/standing/", views.standing, name="standing"),
    path("person/<str:handle>/invitation/", views.invitation, name="invitation"),
]
