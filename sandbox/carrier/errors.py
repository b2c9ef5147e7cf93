"""Refusals of the REST API, in the vendor's shape."""

from aiohttp import web


class ApiError(Exception):
    """A refusal: HTTP status, the vendor's code and words. Source: Twilio "Error and Warning Dictionary"."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> web.Response:
        """Return the answer."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return web.json_response(body, status=self.status)


def not_found(path: str) -> ApiError:
    """Return the refusal for what does not exist."""
    resource = path.removeprefix("/api")
    return ApiError(404, 20404, f"The requested resource {resource} was not found")


def invalid(name: str, value: str) -> ApiError:
    """Return the refusal for a parameter that is wrong and has no code of its own."""
    return ApiError(400, 20001, f"Invalid {name}: {value}")
