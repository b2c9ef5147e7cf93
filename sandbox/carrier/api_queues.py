"""REST: queues and the calls in them."""

from aiohttp import web

from sandbox.carrier import forms, paging
from sandbox.carrier.errors import ApiError, invalid, not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import Source
from sandbox.carrier.queues import MAX_SIZE, Place, Queue
from sandbox.carrier.render import Renderer
from sandbox.clock import rfc2822

LARGEST_SIZE = 5000
FRONT = "Front"


class QueuesApi:
    """Handlers of /Queues."""

    def __init__(self, exchange: Exchange, renderer: Renderer) -> None:
        self.exchange = exchange
        self.queues = exchange.queues
        self.account_sid = exchange.world.settings.account_sid
        self.root = f"{renderer.account}/Queues"

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address."""
        one = root + "/Queues/{queue}"
        return [
            web.get(f"{root}/Queues.json", self.list_queues),
            web.post(f"{root}/Queues.json", self.create),
            web.get(f"{one}.json", self.fetch),
            web.post(f"{one}.json", self.update),
            web.delete(f"{one}.json", self.delete),
            web.get(f"{one}/Members.json", self.list_members),
            web.get(one + "/Members/{member}.json", self.fetch_member),
            web.post(one + "/Members/{member}.json", self.dequeue),
        ]

    async def list_queues(self, request: web.Request) -> web.Response:
        """GET Queues.json."""
        found = list(self.queues.by_sid.values())
        return paging.page(request, "queues", found, sid=lambda each: each.sid, render=self._queue)

    async def create(self, request: web.Request) -> web.Response:
        """POST Queues.json; 201."""
        form = await forms.read_form(request)
        name = form.get("FriendlyName", "")
        if not 1 <= len(name) <= 64:
            raise invalid("FriendlyName", name)
        if self.queues.named(name) is not None:
            raise ApiError(400, 22003, f"A queue with the name {name} exists")
        queue = self.queues.open(name, forms.whole(form, "MaxSize", MAX_SIZE, LARGEST_SIZE))
        return web.json_response(self._queue(queue), status=201)

    async def fetch(self, request: web.Request) -> web.Response:
        """GET Queues/{Sid}.json."""
        return web.json_response(self._queue(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        """POST Queues/{Sid}.json: another name or size."""
        queue = self._find(request)
        form = await forms.read_form(request)
        queue.max_size = forms.whole(form, "MaxSize", queue.max_size, LARGEST_SIZE)
        queue.name = form.get("FriendlyName") or queue.name
        queue.updated_at = self.exchange.world.clock.now()
        return web.json_response(self._queue(queue))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE Queues/{Sid}.json: only an empty one."""
        queue = self._find(request)
        if queue.places:
            raise ApiError(400, 22002, "The queue is not empty")
        del self.queues.by_sid[queue.sid]
        return web.Response(status=204)

    async def list_members(self, request: web.Request) -> web.Response:
        """GET Members.json, the longest waiting first."""
        found = list(self._find(request).places.values())
        return paging.page(
            request, "queue_members", found, sid=lambda each: each.call.sid, render=self._member
        )

    async def fetch_member(self, request: web.Request) -> web.Response:
        """GET Members/{CallSid or Front}.json."""
        return web.json_response(self._member(self._find_member(request)))

    async def dequeue(self, request: web.Request) -> web.Response:
        """POST Members/{CallSid or Front}.json: out of the queue, on with the document at Url."""
        place = self._find_member(request)
        hook = forms.address(await forms.read_form(request), "Url", "Method")
        if hook is None:
            raise ApiError(400, 21205, "Url parameter is required.")
        body = self._member(place)
        self.exchange.redirect(place.call, Source(hook=hook), None)
        return web.json_response(body)

    def _find(self, request: web.Request) -> Queue:
        queue = self.queues.by_sid.get(request.match_info["queue"])
        if queue is None:
            raise not_found(request.path)
        return queue

    def _find_member(self, request: web.Request) -> Place:
        places = self._find(request).places
        wanted = request.match_info["member"]
        place = next(iter(places.values()), None) if wanted == FRONT else places.get(wanted)
        if place is None:
            raise not_found(request.path)
        return place

    def _queue(self, queue: Queue) -> dict[str, object]:
        return {
            "sid": queue.sid,
            "account_sid": self.account_sid,
            "friendly_name": queue.name,
            "current_size": len(queue.places),
            "max_size": queue.max_size,
            "average_wait_time": self.queues.average_wait(queue),
            "date_created": rfc2822(queue.created_at),
            "date_updated": rfc2822(queue.updated_at),
            "uri": f"{self.root}/{queue.sid}.json",
        }

    def _member(self, place: Place) -> dict[str, object]:
        return {
            "call_sid": place.call.sid,
            "queue_sid": place.queue.sid,
            "date_enqueued": rfc2822(place.entered_at),
            "position": self.queues.position(place),
            "wait_time": self.queues.waited(place),
            "uri": f"{self.root}/{place.queue.sid}/Members/{place.call.sid}.json",
        }
