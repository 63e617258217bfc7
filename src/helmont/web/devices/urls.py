"""``/studies/<study>/devices…``: the devices, one device, every change, and the samples of a participant."""

from django.urls import path

from helmont.web.devices import alerts, changes, overview, results, traces, views

app_name = "devices"

urlpatterns = [
    path("devices", views.listing, name="listing"),
    path("devices/overview", overview.overview, name="overview"),
    path("participants/<str:number>/sensors", traces.participant, name="participant"),
    path("participants/<str:number>/sensors/today", traces.today_so_far, name="today"),
    path("participants/<str:number>/sensors/endpoints", traces.endpoint_values, name="endpoints"),
    path("participants/<str:number>/sensors/trace", traces.data, name="data"),
    path("devices/results", results.waiting, name="waiting"),
    path("devices/results/enter", results.enter_now, name="enter"),
    path("devices/alerts", alerts.listing, name="alerts"),
    path("devices/alerts/acknowledge", alerts.acknowledge, name="acknowledge"),
    path("devices/register", changes.register, name="register"),
    path("devices/<str:label>", views.one, name="device"),
    path("devices/<str:label>/assign", changes.assign, name="assign"),
    path("devices/<str:label>/<int:number>/end", changes.end, name="end"),
    path("devices/<str:label>/<int:number>/secret", changes.renew, name="secret"),
    path("devices/<str:label>/<int:number>/clock", changes.clock, name="clock"),
    path("devices/<str:label>/<int:number>/wearer", changes.wearer, name="wearer"),
    path("devices/<str:label>/<int:number>/corrections/<int:which>/withdraw", changes.withdraw, name="withdraw"),
]
