"""Texts and their templates, judged before they are published (A2P-006, -010, -011, FED-012, REGF-005)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from compliance.rules.content import segments, wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem
from compliance.rules.content.rows import ContentClass
from compliance.rules.facts import Purpose

_REPLY_WITH = re.compile(
    r"\b(?i:reply|text|send|respond)\s+(?i:with\s+)?[\"'“‘]?([A-Z0-9][A-Z0-9-]*(?:\s+OUT\b)?)(?![a-z])"
)
_SPIN = re.compile(r"\{[^{}|]*\|[^{}]*\}")
_HOST = re.compile(
    r"(?<![\w@.-])(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[/?#:\s,;!)\"']|\.?$|\.\s)",
    re.IGNORECASE,
)


class TemplateKind(StrEnum):
    """What the text is for."""

    MESSAGE = "message"
    OPT_IN = "opt_in"  # confirms a subscription
    OPT_OUT = "opt_out"  # confirms that no more comes
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text about to be published, merge fields as they are written."""

    kind: TemplateKind
    purpose: Purpose
    body: str
    brand: str
    help_contact: str = ""  # telephone number or e-mail address
    replies_possible: bool = True
    other_opt_out: str = ""  # where replies are not possible: number or address to opt out by
    age_gated: bool = False  # everybody on the list gave a date of birth that was checked
    debt_collector: bool = False  # the sender collects debts of others


def problems(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    """Return everything that keeps the template from being published."""
    required = {
        TemplateKind.OPT_IN: _opt_in_missing,
        TemplateKind.OPT_OUT: _opt_out_missing,
        TemplateKind.HELP: _help_missing,
        TemplateKind.MESSAGE: _message_missing,
    }[template.kind](template, numbers)
    return (
        *required,
        *_exclusive(template, numbers),
        *_wrong_keyword(template, numbers),
        *content_problems(template, numbers),
        *link_problems(template.body, numbers),
        *segments.length_problems(template.body, numbers),
    )


def _missing(rule_id: str, code: str, message: str, *, needs_review: bool = False) -> Problem:
    return Problem(rule_id=rule_id, code=code, message=message, where="body", needs_review=needs_review)


def _brand(template: Template) -> tuple[Problem, ...]:
    is_merged = "{seller}" in template.body or "{brand}" in template.body.lower()
    if is_merged or wording.find_name(template.body, template.brand):
        return ()
    name = template.brand.strip() or "the brand"
    return (
        _missing("A2P-009", "BRAND_MISSING", f"The text does not say who sends it. Begin with “{name}: ”."),
    )


def _keyword(template: Template, word: str, what: str) -> tuple[Problem, ...]:
    if wording.has(template.body, (word,)):
        return ()
    return (_missing("A2P-006", f"{word}_MISSING", f"Add “Reply {word} {what}.”"),)


def _opt_in_missing(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    found = [*_brand(template)]
    if "{freq}" not in template.body and not wording.has(template.body, numbers.words("frequency_phrases")):
        found.append(
            _missing("A2P-006", "FREQUENCY_MISSING", "Say how often texts come: “Up to 4 msgs per month.”")
        )
    rates = numbers.words("rates_phrases")
    if not wording.has(template.body, rates):
        found.append(_missing("A2P-006", "RATES_MISSING", "Add “Msg & data rates may apply.”"))
    return (*found, *_keyword(template, "HELP", "for help"), *_keyword(template, "STOP", "to opt out"))


def _opt_out_missing(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    found = [*_brand(template)]
    if not wording.has(template.body, numbers.words("unsubscribed_phrases")):
        found.append(
            _missing("A2P-006", "UNSUBSCRIBED_MISSING", "Say that it worked: “you are unsubscribed”.")
        )
    if not wording.has(template.body, numbers.words("no_more_phrases")):
        found.append(
            _missing("A2P-006", "NO_MORE_MISSING", "Say what follows: “and will receive no more messages.”")
        )
    return tuple(found)


def _help_missing(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    found = [*_brand(template)]
    contact = template.help_contact
    says_contact = wording.find_name(template.body, contact) or wording.says_number(template.body, contact)
    if not says_contact:
        hint = f" (“{contact}”)" if contact.strip() else "; enter it with the template as well"
        found.append(
            _missing(
                "A2P-006", "HELP_CONTACT_MISSING", f"Say a telephone number or e-mail address for help{hint}."
            )
        )
    return (*found, *_keyword(template, "STOP", "to opt out"))


def _message_missing(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    found = [*_brand(template)]
    offers_opt_out = wording.has(template.body, numbers.words("opt_out_invitations"))
    if template.replies_possible:
        if not offers_opt_out and (template.debt_collector or template.purpose is Purpose.DEBT):
            found.append(
                _missing(
                    "REGF-005",
                    "OPT_OUT_MISSING",
                    "A text about a debt must say in every message how to stop them. Add “Reply STOP to opt out.”",
                )
            )
        elif not offers_opt_out and template.purpose in (Purpose.TELEMARKETING, Purpose.UNKNOWN):
            found.append(
                _missing(
                    "A2P-009",
                    "OPT_OUT_MISSING",
                    "A sales text should say how to stop them. Add “Reply STOP to opt out.”, unless the conversation said so already.",
                    needs_review=True,
                )
            )
        return tuple(found)
    says_so = wording.has(template.body, numbers.words("no_reply_phrases"))
    other = template.other_opt_out
    gives_other = wording.find_name(template.body, other) or wording.says_number(template.body, other)
    if not (says_so and gives_other):
        found.append(
            _missing(
                "FED-012",
                "NO_REPLY_ALTERNATIVE",
                "The sender cannot receive replies: the text must say so and name another way to opt out, for example “We cannot "
                f"receive replies. To opt out call {other.strip() or '800-555-0123'}.” Enter that number or address with it.",
            )
        )
    return tuple(found)


def _exclusive(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    found = []
    for sentence in wording.sentences(template.body):
        exclusive = wording.find(sentence.text, numbers.words("exclusive_opt_out_phrases"))
        if exclusive and wording.has(sentence.text, numbers.words("opt_out_invitations")):
            found.append(
                Problem(
                    rule_id="FED-012",
                    code="EXCLUSIVE_OPT_OUT",
                    where=f"body {sentence}",
                    message=f"“{exclusive[0].text}” makes one way to opt out the only one; any reasonable way counts. Write “Reply STOP "
                    "to opt out.”",
                )
            )
    return tuple(found)


def _wrong_keyword(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    keywords = {word.casefold() for word in numbers.words("opt_out_keywords")}
    found = []
    for sentence in wording.sentences(template.body):
        for hit in _REPLY_WITH.finditer(sentence.text):
            word = " ".join(hit.group(1).casefold().replace("-", " ").split())
            purpose_of_it = re.split(
                r"[,;.]|\b(?:reply|text|send|or)\b", sentence.text[hit.end() :], flags=re.IGNORECASE
            )[0]
            other_word = any(word in purpose_of_it for word in numbers.words("opt_out_keywords"))
            leads_out = wording.has(purpose_of_it, numbers.words("opt_out_invitations"))
            if leads_out and not other_word and word not in keywords:
                found.append(
                    Problem(
                        rule_id="A2P-006",
                        code="WRONG_KEYWORD",
                        where=f"body {sentence}",
                        message=f"“{hit.group(0)}” asks for a word that carriers and the law do not know as an opt-out. Write “Reply "
                        "STOP to opt out.”",
                    )
                )
    return tuple(found)


def content_problems(template: Template, numbers: InForce) -> tuple[Problem, ...]:
    """Return what carriers bar from texts (A2P-010), found as whole words."""
    found = []
    for row in numbers.of(ContentClass):
        hits = wording.find(template.body, row.value)
        is_collection = row.action == "review" and template.debt_collector and row.name == "debt collection"
        if not hits and not is_collection:
            continue
        if row.action == "age_gate" and template.age_gated:
            continue
        said = f"The text says {wording.quoted(hits)}" if hits else "The sender collects debts of others"
        advice = {
            "refuse": "Carriers refuse it on every route and fine the sender: do not send it by text.",
            "age_gate": "Send it only to people whose date of birth was asked and checked at opt-in; then mark the template age-gated.",
            "review": "Carriers refuse or restrict it: ask the provider in writing before it is published.",
        }[row.action]
        found.append(
            Problem(
                rule_id=row.rule,
                code="CONTENT_" + row.action.upper(),
                where=f"body {hits[0]}" if hits else "sender",
                needs_review=row.action == "review",
                message=f"{said} ({row.name}). {advice}",
            )
        )
    return tuple(found)


def link_problems(body: str, numbers: InForce) -> tuple[Problem, ...]:
    """Return public link shorteners and texts that vary themselves to pass filters (A2P-011)."""
    shorteners = numbers.words("public_shorteners")
    hosts = dict.fromkeys(hit.group(1).casefold() for hit in _HOST.finditer(body))
    found = [
        Problem(
            rule_id="A2P-011",
            code="PUBLIC_SHORTENER",
            where="body",
            message=f"“{host}” is a public link shortener; carriers filter texts with it. Use the full link or a short link on your own "
            "domain.",
        )
        for host in hosts
        if host in shorteners or host.endswith(tuple("." + name for name in shorteners))
    ]
    if spin := _SPIN.search(body):
        found.append(
            Problem(
                rule_id="A2P-011",
                code="SPINTAX",
                where=f"body {spin.start()}-{spin.end()}",
                message=f"“{spin.group()}” varies the text from one person to the next, which carriers read as hiding from filters. "
                "Write one wording.",
            )
        )
    return tuple(found)
