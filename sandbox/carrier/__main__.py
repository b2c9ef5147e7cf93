"""`python -m sandbox.carrier`: serve the stand-in until it is interrupted."""

import logging
import os
import sys

from aiohttp import web

from sandbox.carrier.app import make_app
from sandbox.carrier.settings import from_environment


def main() -> int:
    """Read the environment and serve."""
    logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s")
    try:
        settings = from_environment(os.environ)
    except ValueError as error:
        sys.stderr.write(f"sandbox.carrier: {error}\n")
        return 2
    try:
        web.run_app(
            make_app(settings),
            host=settings.host,
            port=settings.port,
            access_log=None,
            handler_cancellation=True,
            print=logging.getLogger("sandbox.carrier").info,
        )
    except OSError as error:
        sys.stderr.write(f"sandbox.carrier: {error}; set SANDBOX_CARRIER_PORT to a free port\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
