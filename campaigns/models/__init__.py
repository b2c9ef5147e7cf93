"""Lists, people, campaigns, scripts, recorded messages and dispositions."""

from campaigns.models.campaign import Campaign, CampaignAgent, CampaignLead
from campaigns.models.disposition import Disposition, DispositionSet
from campaigns.models.files import CustomField, ImportFile, ImportFilePart, ImportTemplate
from campaigns.models.leads import Contact, ContactPhone, ImportRow, Lead, LeadList, ListImport
from campaigns.models.lookups import NumberLookup, NumberLookupItem
from campaigns.models.merging import DuplicateGroup, Merge, MergedPerson, NotDuplicate
from campaigns.models.messages import MessageAudio, MessageVersion, RecordedMessage
from campaigns.models.notes import ContactNote
from campaigns.models.notices import Notice, NoticeWish
from campaigns.models.script import Script, ScriptDraft, ScriptVersion
from campaigns.models.segments import BulkAction, BulkChange, ContactTag, Segment, SegmentMember, Tag
from campaigns.models.targets import TransferTarget
from campaigns.models.versions import CampaignDraft, CampaignTemplate, CampaignVersion, VersionDecision

__all__ = [
    "BulkAction",
    "BulkChange",
    "Campaign",
    "CampaignAgent",
    "CampaignDraft",
    "CampaignLead",
    "CampaignTemplate",
    "CampaignVersion",
    "Contact",
    "ContactNote",
    "ContactPhone",
    "ContactTag",
    "CustomField",
    "Disposition",
    "DispositionSet",
    "DuplicateGroup",
    "ImportFile",
    "ImportFilePart",
    "ImportRow",
    "ImportTemplate",
    "Lead",
    "LeadList",
    "ListImport",
    "Merge",
    "MergedPerson",
    "MessageAudio",
    "MessageVersion",
    "NotDuplicate",
    "Notice",
    "NoticeWish",
    "NumberLookup",
    "NumberLookupItem",
    "RecordedMessage",
    "Script",
    "ScriptDraft",
    "ScriptVersion",
    "Segment",
    "SegmentMember",
    "Tag",
    "TransferTarget",
    "VersionDecision",
]
