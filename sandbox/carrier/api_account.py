"""REST: the account and its numbers."""

import re

from aiohttp import web

from sandbox.carrier import forms, paging
from sandbox.carrier.errors import not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import OwnNumber
from sandbox.carrier.render import Renderer

ADDRESSES = ("VoiceUrl", "VoiceFallbackUrl", "SmsUrl", "SmsFallbackUrl", "StatusCallback")
OTHERS = (
    "FriendlyName",
    "VoiceApplicationSid",
    "SmsApplicationSid",
    "TrunkSid",
    "AddressSid",
    "BundleSid",
    "IdentitySid",
    "EmergencyAddressSid",
)


class AccountApi:
    """Handlers of the account and its numbers."""

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
            web.post(root + "/IncomingPhoneNumbers/{sid}.json", self.update_number),
        ]

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Accounts/{Sid}.json."""
        return web.json_response(self.renderer.account_resource(self.created_at))

    async def list_numbers(self, request: web.Request) -> web.Response:
        """GET IncomingPhoneNumbers.json; PhoneNumber matches any part of the number."""
        wanted = request.query.get("PhoneNumber", "").replace("*", "")
        name = request.query.get("FriendlyName")
        found = [
            each
            for each in self.world.numbers.values()
            if wanted in each.number and name in (None, self.renderer.number(each)["friendly_name"])
        ]
        return paging.page(
            request,
            "incoming_phone_numbers",
            found,
            sid=lambda each: each.sid,
            render=self.renderer.number,
        )

    async def fetch_number(self, request: web.Request) -> web.Response:
        """GET IncomingPhoneNumbers/{Sid}.json."""
        return web.json_response(self.renderer.number(self._find(request)))

    async def update_number(self, request: web.Request) -> web.Response:
        """POST IncomingPhoneNumbers/{Sid}.json: where calls and messages to it are announced; empty takes away."""
        number = self._find(request)
        form = await forms.read_form(request)
        wishes = {name: form[name] for name in OTHERS if name in form}
        for name in ADDRESSES:
            method = name.removesuffix("Url") + "Method"
            forms.address(form, name, method)
            wishes |= {each: form[each] for each in (name, method) if each in form}
        receive = forms.choice(form, "VoiceReceiveMode", ("voice", "fax"))
        lookup = forms.flag(form, "VoiceCallerIdLookup")
        number.wishes |= {_snake(name): value for name, value in wishes.items()}
        number.wishes |= {"voice_receive_mode": receive} if receive else {}
        number.wishes |= {"voice_caller_id_lookup": str(lookup).lower()} if lookup is not None else {}
        number.updated_at = self.world.clock.now()
        return web.json_response(self.renderer.number(number))

    def _find(self, request: web.Request) -> OwnNumber:
        for each in self.world.numbers.values():
            if each.sid == request.match_info["sid"]:
                return each
        raise not_found(request.path)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
