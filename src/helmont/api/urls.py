"""The public API: one ``NinjaAPI`` over the same actions and queries as the pages."""

from ninja import NinjaAPI

api = NinjaAPI(title="Helmont", version="1", urls_namespace="api")
