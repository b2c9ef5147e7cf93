"""House limits from the command line."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from compliance.gathering import policy_for
from tests.integration.compliance.conftest import NOW

pytestmark = pytest.mark.django_db
BY = ("--reason", "one caller ID for a large team", "--by", "cora", "--since", "2026-11-01")


def run(*words: str, **options: Any) -> str:
    """Run the command and return what it says."""
    out = StringIO()
    call_command("set_house_limit", *words, stdout=out, **options)
    return out.getvalue()


def test_a_stricter_limit_counts_from_its_day_on() -> None:
    said = run("attempts_per_24h", "2", *BY)

    assert said == "attempts_per_24h is 2 from 2026-11-01 on.\n"
    assert policy_for(NOW).attempts_per_24h == 2


def test_an_override_of_a_policy_needs_another_person() -> None:
    run("caller_dials_per_day", "900", *BY, "--override", "--approved-by", "ada")

    assert policy_for(NOW).caller_dials_per_day == 900


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("attempts_per_24h", "4", "--override", "--approved-by", "ada"), "is law"),
        (("caller_dials_per_day", "900", "--approved-by", "ada"), "takes an override"),
        (("caller_dials_per_day", "900", "--override"), "person"),
        (("caller_dials_per_day", "900", "--override", "--approved-by", "cora"), "person"),
        (("no_such_limit", "1"), "no_such_limit"),
        (("federal_closes", "noon"), "is a time"),
    ],
)
def test_what_may_not_be_set_is_refused_and_says_why(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*words, *BY)

    assert policy_for(NOW).house == ()
