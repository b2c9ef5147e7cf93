"""Addresses of lists, people, campaigns, recorded messages and scripts."""

from django.urls import path

from campaigns.views import campaigns, importing, lists, media, messages, scripts, targets

urlpatterns = [
    path("lists/", lists.lists, name="lists"),
    path("lists/import/", lists.list_import, name="list-import"),
    path("lists/imports/<int:import_id>/", lists.import_detail, name="import"),
    path("lists/imports/<int:import_id>/progress/", lists.import_progress, name="import-progress"),
    path("lists/imports/<int:import_id>/refusals.csv", lists.import_refusals, name="import-refusals"),
    path("lists/imports/<int:import_id>/rows/<slug:outcome>.csv", lists.import_rows, name="import-rows"),
    path("lists/imports/<int:import_id>/stop/", importing.import_stop, name="import-stop"),
    path("lists/imports/<int:import_id>/undo/", importing.import_undo, name="import-undo"),
    path("lists/files/<int:file_id>/", importing.file_columns, name="import-file"),
    path("lists/files/<int:file_id>/rules/", importing.file_rules, name="import-rules"),
    path("lists/files/<int:file_id>/trial/", importing.file_trial, name="import-trial"),
    path("lists/files/<int:file_id>/trial/progress/", importing.trial_progress, name="import-trial-progress"),
    path("lists/files/<int:file_id>/trial.csv", importing.trial_report, name="import-trial-report"),
    path("lists/fields/", importing.custom_fields, name="custom-fields"),
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
    path("scripts/", scripts.scripts, name="scripts"),
    path("scripts/new/", scripts.script_new, name="script-new"),
    path("scripts/<int:script_id>/", scripts.script, name="script"),
]
