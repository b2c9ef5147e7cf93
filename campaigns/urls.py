"""Addresses of lists, people, campaigns, recorded messages and scripts."""

from django.urls import path

from campaigns.views import callbacks, campaigns, lists, media, messages, result_sets, scripts, targets

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
    path("campaigns/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/settings/", campaigns.campaign_edit, name="campaign-edit"),
    path("campaigns/<int:campaign_id>/board/", campaigns.campaign_board, name="campaign-board"),
    path("campaigns/<int:campaign_id>/mode/", campaigns.campaign_mode, name="campaign-mode"),
    path("campaigns/<int:campaign_id>/agents/", campaigns.campaign_agents, name="campaign-agents"),
    path("campaigns/<int:campaign_id>/transfers/", targets.targets, name="campaign-targets"),
    path(
        "campaigns/<int:campaign_id>/transfers/<int:target_id>/remove/",
        targets.target_remove,
        name="campaign-target-remove",
    ),
    path("campaigns/<int:campaign_id>/<slug:verb>/", campaigns.campaign_move, name="campaign-move"),
    path("messages/", messages.messages, name="messages"),
    path("messages/new/", messages.message_new, name="message-new"),
    path("messages/<int:message_id>/", messages.message, name="message"),
    path("messages/<int:message_id>/version/", messages.message_version, name="message-version"),
    path("messages/versions/<uuid:version_id>.wav", messages.message_audio, name="message-audio"),
    path("messages/versions/<uuid:version_id>/approve/", messages.message_approve, name="message-approve"),
    path("messages/versions/<uuid:version_id>/retire/", messages.message_retire, name="message-retire"),
    path("hooks/media/<uuid:version_id>.wav", media.hook_media, name="hook-media"),
    path("callbacks/", callbacks.callbacks, name="callbacks"),
    path("callbacks/mine/", callbacks.my_callbacks, name="my-callbacks"),
    path("callbacks/reassign/", callbacks.callbacks_reassign, name="callbacks-reassign"),
    path("callbacks/rules/<int:campaign_id>/", callbacks.callbacks_rule, name="callbacks-rule"),
    path("results/", result_sets.result_sets, name="result-sets"),
    path("results/<int:set_id>/", result_sets.result_set, name="result-set"),
    path("results/<int:set_id>/rename/", result_sets.result_set_rename, name="result-set-rename"),
    path("results/<int:set_id>/new/", result_sets.result, name="result-new"),
    path("results/<int:set_id>/<int:disposition_id>/", result_sets.result, name="result"),
    path(
        "results/<int:set_id>/<int:disposition_id>/<slug:action>/", result_sets.result_act, name="result-act"
    ),
    path("scripts/", scripts.scripts, name="scripts"),
    path("scripts/new/", scripts.script_new, name="script-new"),
    path("scripts/<int:script_id>/", scripts.script, name="script"),
    path("scripts/<int:script_id>/<slug:action>/", scripts.script_act, name="script-act"),
]
