"""REST: the account and its numbers."""

from aiohttp import web

from sandbox.carrier import paging
from sandbox.carrier.errors import not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import OwnNumber
from sandbox.carrier.render import Renderer


class AccountApi:
    """Handlers of the account and its caller ids."""

    def __init__(self, exchange: Exchange, renderer: Renderer) -> None:
        self.world = exchange.world
        self.renderer = renderer
        self.created_at = exchange.world.clock.now()

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address."""
        return [
            web.get(f"{root}.json", self.fetch),
            web.get(f"{root}/IncomingPhoneNumbers.json", self.list_numbers),
            web.get(root + "/IncomingPhoneNumbers/{sid}.json", self.fetch_number),
        ]

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Accounts/{Sid}.json."""
        return web.json_response(self.renderer.account_resource(self.created_at))

    async def list_numbers(self, request: web.Request) -> web.Response:
        """GET IncomingPhoneNumbers.json; PhoneNumber matches any part of the number."""
        wanted = request.query.get("PhoneNumber", "")
        found = [each for each in self.world.numbers.values() if wanted.replace("*", "") in each.number]
        return paging.page(
            request,
            "incoming_phone_numbers",
            found,
            sid=lambda each: each.sid,
            render=self.renderer.number,
        )

    async def fetch_number(self, request: web.Request) -> web.Response:
        """GET IncomingPhoneNumbers/{Sid}.json."""
        for each in self.world.numbers.values():
            if each.sid == request.match_info["sid"]:
                return web.json_response(self._number(each))
        raise not_found(request.path)

    def _number(self, number: OwnNumber) -> dict[str, object]:
        return self.renderer.number(number)
