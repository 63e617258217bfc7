"""The server's entrance: the save path goes straight to its handler, everything else to Django."""

import os
from typing import cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmont.settings")
os.environ.setdefault("HELMONT_WRITER", "thread")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from helmont.api.fast import FastPath  # noqa: E402 - it imports models, which need Django to be set up
from helmont.api.samples import Samples  # noqa: E402
from helmont.api.sockets import Application  # noqa: E402
from helmont.core.background import Background  # noqa: E402

# Starlette-style types are wider than Django's own: mappings that may change against mappings that may not.
application = FastPath(Samples(Background(cast(Application, django_application))))
