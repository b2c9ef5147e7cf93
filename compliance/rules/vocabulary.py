"""The words of a contact: why, how, and to what kind of line. Rule book, section 1."""

from enum import StrEnum


class Purpose(StrEnum):
    """Why the person is contacted. Content with two purposes is TELEMARKETING."""

    TELEMARKETING = (
        "telemarketing"  # encourages purchase, rental or investment: 47 CFR 64.1200(f)(13), (f)(15)
    )
    INFORMATIONAL = "informational"
    SURVEY = "survey"
    POLITICAL = "political"
    CHARITY = "charity"
    DEBT = "debt"
    EMERGENCY = "emergency"
    HEALTHCARE_HIPAA = "healthcare_hipaa"
    UNKNOWN = "unknown"  # nobody said; never cleared


class Channel(StrEnum):
    """How the person is contacted."""

    LIVE_MANUAL = "live_manual"  # a person chose and dialed the number
    LIVE_PREVIEW = "live_preview"  # a person saw the lead and pressed dial
    LIVE_PREDICTIVE = "live_predictive"  # the system dials for whoever is free; includes progressive
    PREREC = "prerec"  # recorded, artificial or cloned voice, voicemail drop, ringless voicemail
    SMS = "sms"
    MMS = "mms"


class LineType(StrEnum):
    """What kind of line the number is; UNKNOWN is treated as wireless and residential."""

    WIRELESS = "wireless"
    LANDLINE_RES = "landline_res"
    LANDLINE_BIZ = "landline_biz"
    VOIP = "voip"
    TOLLFREE = "tollfree"
    UNKNOWN = "unknown"


LANDLINES = frozenset({LineType.LANDLINE_RES, LineType.LANDLINE_BIZ})
