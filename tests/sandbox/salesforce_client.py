"""simple_salesforce, sent to a stand-in: the library insists on https, so an adapter rewrites the address."""

from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce


class _ToStandIn(HTTPAdapter):
    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = urlsplit(base)

    def send(self, request, *args, **kwargs):
        parts = urlsplit(request.url)
        request.url = urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        return super().send(request, *args, **kwargs)


def make_session(base: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _ToStandIn(base))
    return session


def sign_in(base: str, **credentials) -> Salesforce:
    chosen = {
        "consumer_key": "parley-sandbox",
        "consumer_secret": "sandbox-secret",
        "domain": "parley.my",
        **credentials,
    }
    return Salesforce(session=make_session(base), version="66.0", **chosen)
