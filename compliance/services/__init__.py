"""The gate: the only way to a Clearance, the only way it is used up or taken back, and the acts that feed its stores.

No clearance, no contact: the carrier interface takes nothing else.
"""

from compliance.importing import (
    DncFileRefused,
    RegistryFile,
    activate_registry,
    import_dnc,
    import_registry_file,
)
from compliance.registry.scrubbing import Outputs
from compliance.rules.decision import Bound
from compliance.rules.facts import ContactRequest
from compliance.rules.policy import PolicyTooLoose
from compliance.scrub import scrub_list
from compliance.services.consents import (
    Asked,
    ConsentRefused,
    NewConsent,
    Source,
    broken_link,
    grant_consent,
)
from compliance.services.csv_rows import FileRefused, ImportReport
from compliance.services.debt_wishes import (
    DebtWishRefused,
    NewDebtWish,
    end_debt_wish,
    record_debt_wish,
)
from compliance.services.gate import (
    CLEARANCE_LASTS,
    ClearanceGone,
    Cleared,
    Denied,
    clear_to_contact,
    consume_clearance,
    explain,
    screen,
)
from compliance.services.house import (
    EmergencyRefused,
    OverrideRefused,
    declare_emergency,
    end_emergency,
    lift_denial,
    set_house_limit,
)
from compliance.services.house_requests import decide_house_limit, request_house_limit
from compliance.services.imports import import_consents, import_suppressions
from compliance.services.mail import (
    MailRefused,
    Taken,
    close_mail,
    numbers_of,
    record_mail,
    settle_mail,
    take_mail,
)
from compliance.services.records import (
    RecordRefused,
    mark_line,
    record_line,
    record_outcome,
    record_reassigned_check,
    record_registration,
    record_relationship,
    set_caller_authority,
    set_sender_registration,
)
from compliance.services.revocations import (
    HowRead,
    review_revocation,
    revoke,
    revoke_from_provider_error,
    revoke_numbers,
)
from compliance.services.suppressions import Ground, LiftRefused, approve_lift, request_lift, suppress
from compliance.services.texts import NewText, answer_to, take_text
from compliance.services.words import Heard, revoke_in_words

__all__ = [
    "CLEARANCE_LASTS",
    "Asked",
    "Bound",
    "ClearanceGone",
    "Cleared",
    "ConsentRefused",
    "ContactRequest",
    "DebtWishRefused",
    "Denied",
    "DncFileRefused",
    "EmergencyRefused",
    "FileRefused",
    "Ground",
    "Heard",
    "HowRead",
    "ImportReport",
    "LiftRefused",
    "MailRefused",
    "NewConsent",
    "NewDebtWish",
    "NewText",
    "Outputs",
    "OverrideRefused",
    "PolicyTooLoose",
    "RecordRefused",
    "RegistryFile",
    "Source",
    "Taken",
    "activate_registry",
    "answer_to",
    "approve_lift",
    "broken_link",
    "clear_to_contact",
    "close_mail",
    "consume_clearance",
    "decide_house_limit",
    "declare_emergency",
    "end_debt_wish",
    "end_emergency",
    "explain",
    "grant_consent",
    "import_consents",
    "import_dnc",
    "import_registry_file",
    "import_suppressions",
    "lift_denial",
    "mark_line",
    "numbers_of",
    "record_debt_wish",
    "record_line",
    "record_mail",
    "record_outcome",
    "record_reassigned_check",
    "record_registration",
    "record_relationship",
    "request_house_limit",
    "request_lift",
    "review_revocation",
    "revoke",
    "revoke_from_provider_error",
    "revoke_in_words",
    "revoke_numbers",
    "screen",
    "scrub_list",
    "set_caller_authority",
    "set_house_limit",
    "set_sender_registration",
    "settle_mail",
    "suppress",
    "take_mail",
    "take_text",
]
