"""Registration forms, judged before they are submitted: each review costs money (A2P-001, -002, -005, -007, -011)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from compliance.rules.content import wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem

_LINK = re.compile(
    r"https?://\S+|\b[\w-]+\.(?:com|net|org|io|co|us|info|biz|app|shop)\b(?:/\S*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandForm:
    """A brand about to be registered."""

    legal_name: str
    irs_name: str  # as the letter of the tax office (CP 575, 147C) has it
    ein: str
    platform_ein: str = ""  # of whoever runs this software
    for_client: bool = False
    is_public: bool = False
    auth_plus_passed: bool = False
    is_political: bool = False
    campaign_verify_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """A page the reviewer opens, as fetched without signing in. `status` of None: it was not fetched."""

    url: str = ""
    status: int | None = None
    needs_login: bool = False
    is_pop_up: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptInBox:
    """The box people tick to be texted."""

    unticked: bool
    optional: bool  # the form can be sent without it
    separate: bool  # from terms, privacy and other consents
    texts_only: bool
    words: str  # what stands beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignForm:
    """A 10DLC campaign about to be registered."""

    brand: str
    description: str
    message_flow: str  # where people opt in, with address or screenshot
    samples: tuple[str, ...]
    has_links: bool
    has_phone_numbers: bool
    opt_in_reply: str
    opt_out_reply: str
    help_reply: str
    privacy: PublicPage
    terms: PublicPage
    box: OptInBox | None = None  # None: people do not opt in on a form


@dataclass(frozen=True, slots=True, kw_only=True)
class TollFreeForm:
    """A toll-free number about to be verified."""

    business_registration_number: str = ""
    registration_country: str = ""
    entity_type: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    is_political: bool = False
    campaign_verify_token: str = ""


class PoolReason(StrEnum):
    """Why an operator adds numbers to a campaign."""

    THROUGHPUT = "throughput"
    REPLACE_BLOCKED = "replace_blocked"
    LOCAL_OFFICES = "local_offices"
    NEW_PROGRAMME = "new_programme"


def _problem(rule_id: str, code: str, where: str, message: str) -> Problem:
    return Problem(rule_id=rule_id, code=code, where=where, message=message)


def brand_problems(form: BrandForm, numbers: InForce) -> tuple[Problem, ...]:
    """Return why the brand would be declined (A2P-002, A2P-007)."""
    found: list[Problem] = []
    if not form.irs_name.strip() or _plain(form.legal_name) != _plain(form.irs_name):
        found.append(
            _problem(
                "A2P-002",
                "NAME_MISMATCH",
                "legal_name",
                f"The legal name “{form.legal_name}” is not the name in the tax office's letter (“{form.irs_name}”). Copy it letter by "
                "letter, with “LLC” or “Inc.” as it stands there.",
            )
        )
    ein, platform = wording.digits(form.ein), wording.digits(form.platform_ein)
    if not ein or (form.for_client and ein == platform):
        found.append(
            _problem(
                "A2P-002",
                "WRONG_EIN",
                "ein",
                "Enter the client's own tax number (EIN): a brand is registered by whoever the texts are from, not by the platform.",
            )
        )
    if form.is_public and not form.auth_plus_passed and numbers.binds("auth_plus"):
        found.append(
            _problem(
                "A2P-002",
                "AUTH_PLUS",
                "auth_plus_passed",
                "A public company passes Auth+ first: open the e-mail sent to the brand's contact and confirm, then add campaigns.",
            )
        )
    if (
        form.is_political
        and not form.campaign_verify_token.strip()
        and numbers.binds("campaign_verify_10dlc")
    ):
        found.append(_needs_token())
    return tuple(found)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _needs_token() -> Problem:
    return _problem(
        "A2P-007",
        "POLITICAL_TOKEN",
        "campaign_verify_token",
        "Political texts need a Campaign Verify token. Get one at campaignverify.org and enter it here.",
    )


def tollfree_problems(form: TollFreeForm, numbers: InForce) -> tuple[Problem, ...]:
    """Return why the toll-free verification would be declined (A2P-007)."""
    found: list[Problem] = []
    if numbers.binds("tollfree_business_registration"):
        for field, words in (
            ("business_registration_number", "the business registration number (EIN in the United States)"),
            ("registration_country", "the country of registration"),
            ("entity_type", "the kind of entity, such as private or non-profit"),
        ):
            if not getattr(form, field).strip():
                found.append(
                    _problem("A2P-007", "REGISTRATION_NUMBER", field, f"Enter {words}: it is mandatory.")
                )
    if numbers.binds("tollfree_policy_urls"):
        for field, words in (("privacy_url", "privacy policy"), ("terms_url", "terms")):
            if not getattr(form, field).strip():
                found.append(_problem("A2P-007", "POLICY_URL", field, f"Enter the address of the {words}."))
    if (
        form.is_political
        and not form.campaign_verify_token.strip()
        and numbers.binds("campaign_verify_everywhere")
    ):
        found.append(_needs_token())
    return tuple(found)


def campaign_problems(form: CampaignForm, numbers: InForce) -> tuple[Problem, ...]:
    """Return why the campaign would be declined (A2P-005)."""
    return (
        *_length("description", form.description, numbers),
        *_length("message_flow", form.message_flow, numbers),
        *_samples(form, numbers),
        *_replies(form, numbers),
        *_page("privacy", form.privacy, numbers),
        *_page("terms", form.terms, numbers),
        *_sharing(form.privacy, numbers),
        *box_problems(form.box, form.brand, numbers),
    )


def _length(field: str, text: str, numbers: InForce) -> tuple[Problem, ...]:
    least, most = numbers.whole(f"{field}_shortest"), numbers.whole(f"{field}_longest")
    length = len(text.strip())
    if least <= length <= most:
        return ()
    hint = {
        "description": "Say who sends what to whom, and why.",
        "message_flow": "Say where people opt in, with the public address or a screenshot's address.",
    }[field]
    message = f"It has {length} characters; {least} to {most} are accepted. {hint}"
    return (_problem("A2P-005", "LENGTH", field, message),)


def _samples(form: CampaignForm, numbers: InForce) -> tuple[Problem, ...]:
    fewest, most = numbers.whole("samples_fewest"), numbers.whole("samples_most")
    found: list[Problem] = []
    samples = [sample for sample in form.samples if sample.strip()]
    if not fewest <= len(samples) <= most:
        message = f"There are {len(samples)} sample messages; give {fewest} to {most} real ones."
        found.append(_problem("A2P-005", "SAMPLES", "samples", message))
    for flag, there, field, what in (
        (form.has_links, any(map(_LINK.search, samples)), "has_links", "a link"),
        (
            form.has_phone_numbers,
            any(map(wording.phone_numbers, samples)),
            "has_phone_numbers",
            "a telephone number",
        ),
    ):
        if flag and not there:
            message = f"The form says that texts hold {what}, no sample does. Add a sample with one, or answer “no”."
            found.append(_problem("A2P-005", "SAMPLES_MISMATCH", field, message))
        if there and not flag:
            message = f"A sample holds {what}, the form says that texts hold none. Answer “yes”, or remove it from the samples."
            found.append(_problem("A2P-005", "SAMPLES_MISMATCH", field, message))
    return tuple(found)


def _replies(form: CampaignForm, numbers: InForce) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for field, words in (
        ("opt_in_reply", "to START"),
        ("opt_out_reply", "to STOP"),
        ("help_reply", "to HELP"),
    ):
        if not wording.find_name(getattr(form, field), form.brand):
            message = f"The reply {words} does not name the brand. Begin it with “{form.brand.strip() or 'the brand'}: ”."
            found.append(_problem("A2P-005", "REPLY_BRAND", field, message))
    return tuple(found)


def _page(field: str, page: PublicPage, numbers: InForce) -> tuple[Problem, ...]:
    faults: list[str] = []
    if not page.url.strip():
        faults.append("there is no address")
    if page.status != numbers.whole("page_found"):
        faults.append("it was not opened yet" if page.status is None else f"it answers {page.status}")
    if page.needs_login:
        faults.append("it asks to sign in")
    if page.is_pop_up:
        faults.append("it is a pop-up, not a page")
    if not faults:
        return ()
    message = f"The {field} page cannot be read by the reviewer: {'; '.join(faults)}. Publish it at an open address and check again."
    return (_problem("A2P-005", "PAGE_NOT_PUBLIC", field, message),)


def _sharing(privacy: PublicPage, numbers: InForce) -> tuple[Problem, ...]:
    if wording.has(privacy.text, numbers.words("not_shared_phrases")):
        return ()
    return (
        _problem(
            "A2P-005",
            "SHARING_NOT_EXCLUDED",
            "privacy",
            "The privacy policy does not say that opt-in data is not shared (“not sold” is not enough). Add: “We do not share mobile "
            "numbers or opt-in data with third parties for their marketing.”",
        ),
    )


def box_problems(box: OptInBox | None, brand: str, numbers: InForce) -> tuple[Problem, ...]:
    """Return why the box people tick to be texted would be declined; nothing where there is none (A2P-005)."""
    if box is None:
        return ()
    faults = [
        advice
        for holds, advice in (
            (box.unticked, "leave it unticked"),
            (box.optional, "let the form be sent without it"),
            (box.separate, "separate it from terms and other consents"),
            (box.texts_only, "make it for texts alone"),
            (wording.find_name(box.words, brand) is not None, "name the brand beside it"),
            (wording.has(box.words, numbers.words("frequency_phrases")), "say how often texts come"),
            (wording.has(box.words, numbers.words("rates_phrases")), "add “Msg & data rates may apply”"),
            (wording.has(box.words, ("STOP",)), "add “Reply STOP to opt out”"),
            (wording.has(box.words, ("HELP",)), "add “HELP for help”"),
        )
        if not holds
    ]
    if not faults:
        return ()
    return (
        _problem("A2P-005", "OPT_IN_BOX", "box", f"The opt-in box would be declined: {'; '.join(faults)}."),
    )


def pool_problems(current: int, added: int, reason: PoolReason, numbers: InForce) -> tuple[Problem, ...]:
    """Return why numbers may not be added to a campaign (A2P-001, A2P-011)."""
    found: list[Problem] = []
    if reason in (PoolReason.THROUGHPUT, PoolReason.REPLACE_BLOCKED):
        found.append(
            _problem(
                "A2P-011",
                "NUMBER_ROTATION",
                "reason",
                "Limits count the brand and the campaign, not the number: more numbers are no faster, and carriers read them as evasion. "
                "Raise the vetting score for speed; for blocked numbers find out why they are blocked.",
            )
        )
    most = numbers.whole("numbers_per_campaign")
    total = max(current, 0) + max(added, 0)
    if total > most:
        message = f"The campaign would have {total} numbers, at most {most} are allowed. Ask the provider for a number pool."
        found.append(_problem("A2P-001", "TOO_MANY_NUMBERS", "numbers", message))
    return tuple(found)
