"""Addresses of the desk and the floor."""

from django.urls import path

from desk import answers, carrier, floor, pacing, recordings, stream, transfers, views, voicemail, whatif, why

urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("desk/live", views.live, name="desk-live"),
    path("desk/state", views.state, name="desk-state"),
    path("desk/events", stream.agent_events, name="desk-events"),
    path("desk/phone-token", views.phone_token, name="desk-phone-token"),
    path("desk/take-over", views.take_over, name="desk-take-over"),
    path("desk/phone-ready", views.phone_ready, name="desk-phone-ready"),
    path("desk/colleagues", transfers.targets, name="desk-colleagues"),
    path("desk/sign-on", views.sign_on, name="desk-sign-on"),
    path("desk/act/<slug:action>", views.act, name="desk-act"),
    path("floor/", floor.floor, name="floor"),
    path("floor/agents/<int:session_id>/", floor.agent, name="floor-agent"),
    path("campaigns/<int:campaign_id>/answers", answers.campaign_answers, name="campaign-answers"),
    path("floor/campaigns/", pacing.floor_campaigns, name="floor-campaigns"),
    path("campaigns/<int:campaign_id>/pacing", pacing.campaign_pacing, name="campaign-pacing"),
    path("floor/carrier/", carrier.page, name="carrier"),
    path("floor/carrier/check", carrier.check, name="carrier-check"),
    path("floor/carrier/messages/<int:message_id>/apply", carrier.apply_again, name="carrier-apply"),
    path("calls/<int:call_id>/message", voicemail.call_message, name="call-message"),
    path("calls/<int:call_id>/message.wav", voicemail.call_message_audio, name="call-message-audio"),
    path("recordings/", recordings.listed, name="recordings"),
    path("recordings/rules/", recordings.rule, name="recording-house-rule"),
    path("recordings/rules/<int:campaign_id>/", recordings.rule, name="recording-rule"),
    path("recordings/<uuid:recording_id>/", recordings.one, name="recording"),
    path("recordings/<uuid:recording_id>/sound", recordings.sound, name="recording-sound"),
    path("recordings/<uuid:recording_id>/download", recordings.download, name="recording-download"),
    path("recordings/<uuid:recording_id>/<slug:action>", recordings.act, name="recording-act"),
    path("contacts/<int:contact_id>/calls", views.contact_calls, name="contact-calls"),
    path("campaigns/<int:campaign_id>/waterfall", why.campaign_waterfall, name="campaign-waterfall"),
    path("campaigns/<int:campaign_id>/what-if", whatif.what_if, name="campaign-what-if"),
    path("campaigns/<int:campaign_id>/what-if.json", whatif.what_if_api, name="campaign-what-if-json"),
    path(
        "campaigns/<int:campaign_id>/what-if/<slug:key>",
        whatif.what_if_result,
        name="campaign-what-if-result",
    ),
    path("why/", why.why, name="why"),
]
