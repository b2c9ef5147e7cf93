"""The closed words of the stores, as people say them."""

from compliance.rules.facts import ConsentKind, LineType, ReassignedAnswer, SuppressionKind

KIND_WORDS = {
    SuppressionKind.DO_NOT_CALL.value: "Asked not to be called",
    SuppressionKind.REVOKED.value: "Took consent back",
    SuppressionKind.WRONG_NUMBER.value: "Wrong number",
    SuppressionKind.REASSIGNED.value: "Another holder now",
    SuppressionKind.LITIGATOR.value: "Known litigator",
    SuppressionKind.CEASED.value: "Cease letter about a debt",
    SuppressionKind.REPRESENTED.value: "Has an attorney",
}
CONSENT_WORDS = {
    ConsentKind.PEWC.value: "Written, signed",
    ConsentKind.PEC.value: "Express, oral or by giving the number",
    ConsentKind.CONVERSATION.value: "Conversation, the person wrote first",
}
SOURCE_WORDS = {
    "form": "web form",
    "inbound_text": "text from the person",
    "agent": "agent, on a recorded call",
    "import": "import",
    "api": "API",
}
ASKED_WORDS = {
    "form": "filled in a form",
    "call": "called",
    "text": "sent a text",
    "email": "wrote an email",
    "in_person": "said so in person",
}
LINE_WORDS = {
    LineType.WIRELESS.value: "Mobile",
    LineType.LANDLINE_RES.value: "Landline, home",
    LineType.LANDLINE_BIZ.value: "Landline, business",
    LineType.VOIP.value: "Internet telephone",
    LineType.TOLLFREE.value: "Toll-free",
    LineType.UNKNOWN.value: "Not known",
}
ANSWER_WORDS = {
    ReassignedAnswer.NO.value: "No: not given to anybody else since",
    ReassignedAnswer.YES.value: "Yes: given to somebody else",
    ReassignedAnswer.NO_DATA.value: "No data",
}
SENDER_KINDS = {"long_code": "Ten-digit number", "toll_free": "Toll-free number", "short_code": "Short code"}
