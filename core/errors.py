"""Bases of all our exceptions. Concrete ones live beside the function that raises them."""


class AppError(Exception):
    """An anticipated refusal; its text is written for the person who caused it and may be shown to them."""

    @property
    def public_message(self) -> str:
        """Return the text to show."""
        return str(self)


class NotFound(AppError):
    """What was asked for is not there, or the person may not see it."""


class Stale(AppError):
    """The person acted on a state that has changed meanwhile."""
