"""People by what others know of them: a number, an e-mail address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.models import Contact, ContactPhone, MergedPerson
from compliance.directory import Addressee


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person with all their numbers; `external_ref` names them in their CRM, empty for people of files."""

    contact_id: int
    external_ref: str
    name: str
    numbers: tuple[str, ...]


def people_with_numbers(numbers: Sequence[str]) -> list[KnownPerson]:
    """Return everybody who has one of the numbers, by id; a person of several CRM records once for each. Hidden SQL: three queries."""
    having = ContactPhone.objects.filter(number__in=list(numbers)).values("contact_id")
    rows = Contact.objects.filter(pk__in=having).prefetch_related("phones").order_by("pk")
    people = [_person(row) for row in rows]
    by_id = {person.contact_id: person for person in people}
    merged = MergedPerson.objects.filter(merge__survivor__in=list(by_id), in_force=True).exclude(
        external_ref=""
    )
    others = merged.order_by("pk").values_list("merge__survivor_id", "external_ref")
    return people + [replace(by_id[pk], external_ref=ref) for pk, ref in others]


def find_by_email(address: str) -> list[Addressee]:
    """Return everybody with the address, upper and lower case alike, by id (compliance.directory). Hidden SQL: two queries."""
    rows = Contact.objects.filter(email__iexact=address).prefetch_related("phones").order_by("pk")
    return [
        Addressee(person_ref=f"contact:{person.contact_id}", name=person.name, numbers=person.numbers)
        for person in map(_person, rows)
    ]


def refs_of_crm(prefix: str, *, limit: int) -> dict[str, bool]:
    """Return the records of people who came from a CRM, the newest first, each with whether it says do not call. One query."""
    rows = Contact.objects.filter(external_ref__startswith=prefix).order_by("-pk")
    return {str(ref): flag for ref, flag in rows.values_list("external_ref", "crm_do_not_call")[:limit]}


def _person(row: Contact) -> KnownPerson:
    phones = sorted(row.phones.all(), key=lambda phone: (phone.position, phone.pk))
    return KnownPerson(
        contact_id=row.pk,
        external_ref=row.external_ref or "",
        name=row.full_name,
        numbers=tuple(phone.number for phone in phones),
    )
