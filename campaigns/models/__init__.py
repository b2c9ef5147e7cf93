"""Lists, people, campaigns, scripts, recorded messages and dispositions."""

from campaigns.models.campaign import Campaign, CampaignAgent, CampaignLead
from campaigns.models.disposition import Disposition, DispositionSet
from campaigns.models.files import CustomField, ImportFile, ImportFilePart, ImportTemplate
from campaigns.models.leads import Contact, ContactPhone, ImportRow, Lead, LeadList, ListImport
from campaigns.models.messages import MessageAudio, MessageVersion, RecordedMessage
from campaigns.models.script import Script, ScriptVersion
from campaigns.models.targets import TransferTarget

__all__ = [
    "Campaign",
    "CampaignAgent",
    "CampaignLead",
    "Contact",
    "ContactPhone",
    "CustomField",
    "Disposition",
    "DispositionSet",
    "ImportFile",
    "ImportFilePart",
    "ImportRow",
    "ImportTemplate",
    "Lead",
    "LeadList",
    "ListImport",
    "MessageAudio",
    "MessageVersion",
    "RecordedMessage",
    "Script",
    "ScriptVersion",
    "TransferTarget",
]
