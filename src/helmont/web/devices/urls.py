"""``/studies/<study>/devices…``: the devices, one device, and every change."""

from django.urls import path

from helmont.web.devices import changes, views

app_name = "devices"

urlpatterns = [
    path("devices", views.listing, name="listing"),
    path("devices/register", changes.register, name="register"),
    path("devices/<str:label>", views.one, name="device"),
    path("devices/<str:label>/assign", changes.assign, name="assign"),
    path("devices/<str:label>/<int:number>/end", changes.end, name="end"),
    path("devices/<str:label>/<int:number>/secret", changes.renew, name="secret"),
    path("devices/<str:label>/<int:number>/clock", changes.clock, name="clock"),
    path("devices/<str:label>/<int:number>/wearer", changes.wearer, name="wearer"),
    path("devices/<str:label>/<int:number>/corrections/<int:which>/withdraw", changes.withdraw, name="withdraw"),
]
