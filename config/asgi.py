"""ASGI entry point: pages and event streams from one process."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# WhiteNoise hands over small files as plain iterators; Django reads them whole, which is fine, and warns each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
application = get_asgi_application()

from compliance.rules import places  # noqa: E402 - Django must be set up first

# The look-up of ZIP and area codes takes half a second to build: not during an agent's first click.
places.describe_number("+12125550123")
