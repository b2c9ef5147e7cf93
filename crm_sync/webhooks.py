"""Where HubSpot's webhooks arrive. HubSpot repeats what is not answered with 2xx, for a day."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock
from core.errors import NotFound
from crm_sync.services import hearing


@csrf_exempt
@require_POST
def hubspot(request: HttpRequest, install_key: str) -> HttpResponse:
    """Keep what HubSpot tells; the signature stands in for a sign-in."""
    try:
        hearing.hear(
            install_key=install_key,
            method="POST",
            uri=settings.PUBLIC_URL + request.get_full_path(),
            body=request.body,
            headers=request.headers,
            now=clock.now(),
        )
    except NotFound as error:
        return HttpResponse(str(error), status=404, content_type="text/plain; charset=utf-8")
    except hearing.NotGenuine as error:
        return HttpResponse(str(error), status=401, content_type="text/plain; charset=utf-8")
    except hearing.NotReadable as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)
