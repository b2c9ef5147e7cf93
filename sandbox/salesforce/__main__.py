"""Start the stand-in: `python -m sandbox.salesforce`."""

from sandbox.crm_common import environment, run
from sandbox.salesforce.app import make_app, read_settings

if __name__ == "__main__":

    def _make() -> tuple:  # type: ignore[type-arg]
        settings = read_settings(environment())
        return make_app(settings), settings.common

    run(_make)
