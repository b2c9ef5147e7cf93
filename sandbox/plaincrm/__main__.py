"""Start the stand-in: `python -m sandbox.plaincrm`."""

from aiohttp import web

from sandbox.crm_common import Settings, environment, run
from sandbox.plaincrm.app import make_app, read_settings


def _make() -> tuple[web.Application, Settings]:
    settings = read_settings(environment())
    return make_app(settings), settings.common


if __name__ == "__main__":
    run(_make)
