"""Addresses of lists, people, campaigns, recorded messages and scripts."""

from django.urls import path

from campaigns.views import (
    attempts,
    builder,
    campaigns,
    lists,
    media,
    messages,
    orders,
    scripts,
    targets,
    versions,
)

urlpatterns = [
    path("lists/", lists.lists, name="lists"),
    path("lists/import/", lists.list_import, name="list-import"),
    path("lists/imports/<int:import_id>/", lists.import_detail, name="import"),
    path("lists/imports/<int:import_id>/progress/", lists.import_progress, name="import-progress"),
    path("lists/imports/<int:import_id>/refusals.csv", lists.import_refusals, name="import-refusals"),
    path("lists/<int:list_id>/", lists.list_detail, name="list"),
    path("contacts/<int:contact_id>/", lists.contact, name="contact"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign-new"),
    path("campaigns/build/", builder.build, name="build"),
    path("campaigns/build/begin/", builder.build_begin, name="build-begin"),
    path("campaigns/build/<int:draft_id>/discard/", builder.build_discard, name="build-discard"),
    path(
        "campaigns/build/<int:draft_id>/autosave/<slug:step>/", builder.build_autosave, name="build-autosave"
    ),
    path("campaigns/build/<int:draft_id>/<slug:step>/", builder.build_step, name="build-step"),
    path("campaigns/templates/<int:template_id>/remove/", builder.template_remove, name="template-remove"),
    path("campaigns/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/settings/", campaigns.campaign_edit, name="campaign-edit"),
    path("campaigns/<int:campaign_id>/board/", campaigns.campaign_board, name="campaign-board"),
    path("campaigns/<int:campaign_id>/mode/", campaigns.campaign_mode, name="campaign-mode"),
    path("campaigns/<int:campaign_id>/agents/", campaigns.campaign_agents, name="campaign-agents"),
    path("campaigns/<int:campaign_id>/versions/", versions.campaign_versions, name="campaign-versions"),
    path(
        "campaigns/<int:campaign_id>/versions/<int:number>/back/",
        versions.campaign_roll_back,
        name="campaign-roll-back",
    ),
    path(
        "campaigns/<int:campaign_id>/versions/<int:number>/decide/",
        versions.campaign_decide,
        name="campaign-decide",
    ),
    path("campaigns/<int:campaign_id>/review/", versions.campaign_review, name="campaign-review"),
    path("campaigns/<int:campaign_id>/launch/", versions.campaign_launch, name="campaign-launch"),
    path(
        "campaigns/<int:campaign_id>/copy/",
        versions.campaign_copy,
        {"kind": "campaign"},
        name="campaign-copy",
    ),
    path(
        "campaigns/<int:campaign_id>/template/",
        versions.campaign_copy,
        {"kind": "template"},
        name="campaign-template",
    ),
    path("campaigns/<int:campaign_id>/transfers/", targets.targets, name="campaign-targets"),
    path(
        "campaigns/<int:campaign_id>/transfers/<int:target_id>/remove/",
        targets.target_remove,
        name="campaign-target-remove",
    ),
    path("campaigns/<int:campaign_id>/attempts/", attempts.attempts, name="campaign-attempts"),
    path(
        "campaigns/<int:campaign_id>/attempts/plain/", attempts.attempts_plain, name="campaign-attempts-plain"
    ),
    path("campaigns/<int:campaign_id>/order/", orders.order, name="campaign-order"),
    path("campaigns/<int:campaign_id>/<slug:verb>/", campaigns.campaign_move, name="campaign-move"),
    path("messages/", messages.messages, name="messages"),
    path("messages/new/", messages.message_new, name="message-new"),
    path("messages/<int:message_id>/", messages.message, name="message"),
    path("messages/<int:message_id>/version/", messages.message_version, name="message-version"),
    path("messages/versions/<uuid:version_id>.wav", messages.message_audio, name="message-audio"),
    path("messages/versions/<uuid:version_id>/approve/", messages.message_approve, name="message-approve"),
    path("messages/versions/<uuid:version_id>/retire/", messages.message_retire, name="message-retire"),
    path("hooks/media/<uuid:version_id>.wav", media.hook_media, name="hook-media"),
    path("scripts/", scripts.scripts, name="scripts"),
    path("scripts/new/", scripts.script_new, name="script-new"),
    path("scripts/<int:script_id>/", scripts.script, name="script"),
]
