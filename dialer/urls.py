"""Addresses the carrier calls; dialer/urls_out.py makes the absolute form."""

from django.urls import path

from dialer import webhooks

urlpatterns = [
    path("voice/calls/<uuid:attempt_id>/answer", webhooks.call_answer, name="hook-call-answer"),
    path("voice/calls/<uuid:attempt_id>/status", webhooks.call_status, name="hook-call-status"),
    path("voice/calls/<uuid:attempt_id>/waited", webhooks.call_waited, name="hook-call-waited"),
    path("voice/calls/<uuid:attempt_id>/left/<int:interruptions>", webhooks.call_left, name="hook-call-left"),
    path("voice/calls/<uuid:attempt_id>/detected", webhooks.call_detected, name="hook-call-detected"),
    path("voice/calls/<uuid:attempt_id>/keys", webhooks.call_keys, name="hook-call-keys"),
    path("voice/calls/<uuid:attempt_id>/message", webhooks.call_message, name="hook-call-message"),
    path("voice/calls/<uuid:attempt_id>/recording", webhooks.recording_status, name="hook-recording-status"),
    path("voice/calls/<uuid:attempt_id>/notice", webhooks.recording_notice, name="hook-recording-notice"),
    path("voice/transfers/<int:transfer_id>/answer", webhooks.transfer_answer, name="hook-transfer-answer"),
    path("voice/transfers/<int:transfer_id>/status", webhooks.transfer_status, name="hook-transfer-status"),
    path("voice/transfers/<int:transfer_id>/events", webhooks.transfer_events, name="hook-transfer-events"),
    path("voice/transfers/<int:transfer_id>/left", webhooks.transfer_left, name="hook-transfer-left"),
    path("voice/agents/<int:session_id>/answer", webhooks.agent_answer, name="hook-agent-answer"),
    path("voice/agents/<int:session_id>/status", webhooks.agent_status, name="hook-agent-status"),
    path("voice/conferences/<int:session_id>", webhooks.conference, name="hook-conference"),
    path("voice/inbound", webhooks.inbound, name="hook-inbound"),
    path("voice/inbound/keys/<int:round_number>", webhooks.inbound_keys, name="hook-inbound-keys"),
    path("voice/inbound/status", webhooks.inbound_status, name="hook-inbound-status"),
    path("texts/inbound", webhooks.text, name="hook-text"),
    path("texts/status", webhooks.text_status, name="hook-text-status"),
    path("voice/fault", webhooks.fault, name="hook-fault"),
]
