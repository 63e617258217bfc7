"""``/studies/<study>/coding``: the worklist, one text, the dictionaries of the study and their upgrade."""

from django.urls import path

from helmont.web.coding import deciding, dictionary, versions, worklist

app_name = "coding"

urlpatterns = [
    path("coding", worklist.worklist, name="worklist"),
    path("coding/term", deciding.term, name="term"),
    path("coding/dictionaries", versions.dictionaries, name="dictionaries"),
    path("coding/dictionaries/<str:name>", dictionary.dictionary, name="dictionary"),
    path("coding/dictionaries/<str:name>/decisions", versions.decisions, name="decisions"),
    path("coding/dictionaries/<str:name>/upgrade", versions.upgrade, name="upgrade"),
]
