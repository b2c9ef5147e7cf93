"""Conferences: who is in, when they start and end, and what is told of it."""

from sandbox.carrier.model import Call, Conference, Entrance, Participant, World, new_sid
from sandbox.carrier.recordings import Recordings
from sandbox.carrier.reports import Reporter


class ConferenceFullError(Exception):
    """The conference has as many participants as it may."""


class Conferences:
    """All joins and leaves go through here; nothing in it waits, so no step can be seen half done."""

    def __init__(self, world: World, reporter: Reporter, recordings: Recordings) -> None:
        self.world = world
        self.reporter = reporter
        self.recordings = recordings

    def join(self, call: Call, entrance: Entrance) -> Participant:
        """Put a call into the conference of that name, which is opened when there is none.

        Events: join; start before it when this participant is the one who starts the conference.
        Raises: ConferenceFullError.
        """
        conference = self.world.active_conference(entrance.name) or self._open(entrance)
        if len(conference.participants) >= conference.entrance.max_participants:
            raise ConferenceFullError(entrance.name)
        now = self.world.clock.now()
        participant = Participant(
            call=call,
            conference=conference,
            label=entrance.label,
            muted=entrance.muted,
            start_on_enter=entrance.start_on_enter,
            end_on_exit=entrance.end_on_exit,
            coaching=entrance.coaching,
            call_sid_to_coach=entrance.call_sid_to_coach,
            created_at=now,
            updated_at=now,
        )
        conference.participants[call.sid] = participant
        call.participant = participant
        call.conference_sids.append(conference.sid)
        self._start_if_due(conference, call)
        self.reporter.conference_event(conference, "participant-join", participant)
        return participant

    def leave(self, participant: Participant, reason: str, *, is_kick: bool = False) -> None:
        """Take a participant out; end the conference when it must end with them. One who is out stays out."""
        conference = participant.conference
        if conference.participants.pop(participant.call.sid, None) is None:
            return
        self._report_leave(participant, reason)
        if conference.status == "completed":
            return
        if participant.end_on_exit:
            how = "kicked" if is_kick else "left"
            self._finish(conference, f"participant-with-end-conference-on-exit-{how}", participant.call.sid)
        elif not conference.participants:
            last = "last-participant-kicked" if is_kick else "last-participant-left"
            self._finish(conference, last, participant.call.sid)

    def end(self, conference: Conference) -> None:
        """End a conference as the REST API does: everybody is let go. An ended one stays as it is."""
        if conference.status != "completed":
            self._finish(conference, "conference-ended-via-api", None)

    def set_muted(self, participant: Participant, value: bool) -> None:
        """Mute or unmute; told only when it changes."""
        if participant.muted != value:
            participant.muted = value
            self._touch(participant, "participant-mute" if value else "participant-unmute")

    def set_hold(self, participant: Participant, value: bool) -> None:
        """Hold or unhold; told only when it changes."""
        if participant.hold != value:
            participant.hold = value
            self._touch(participant, "participant-hold" if value else "participant-unhold")

    def modify(
        self,
        participant: Participant,
        *,
        end_on_exit: bool | None,
        coaching: bool | None,
        call_sid_to_coach: str | None,
    ) -> None:
        """Change the other attributes; None leaves one as it is."""
        if end_on_exit is not None:
            participant.end_on_exit = end_on_exit
        if coaching is not None:
            participant.coaching = coaching
        if call_sid_to_coach is not None:
            participant.call_sid_to_coach = call_sid_to_coach
        self._touch(participant, "participant-modify")

    def _touch(self, participant: Participant, event: str) -> None:
        participant.updated_at = self.world.clock.now()
        self.reporter.conference_event(participant.conference, event, participant)

    def _open(self, entrance: Entrance) -> Conference:
        now = self.world.clock.now()
        conference = Conference(new_sid("CF"), entrance.name, now, now, entrance)
        self.world.conferences[conference.sid] = conference
        self.world.rooms[conference.name] = conference
        return conference

    def _start_if_due(self, conference: Conference, call: Call) -> None:
        members = conference.participants.values()
        if (
            conference.status != "init"
            or len(members) < 2
            or not any(each.start_on_enter for each in members)
        ):
            return
        conference.status = "in-progress"
        self.reporter.conference_event(conference, "conference-start")
        if conference.entrance.record:
            self.recordings.start(
                call,
                "Conference",
                hook=conference.entrance.recording,
                events=conference.entrance.recording_events,
                conference=conference,
            )

    def _report_leave(self, participant: Participant, reason: str) -> None:
        participant.call.participant = None
        participant.released.set()
        self.reporter.conference_event(
            participant.conference,
            "participant-leave",
            participant,
            {"ReasonParticipantLeft": reason, "ParticipantCallStatus": participant.call.status},
        )

    def _finish(self, conference: Conference, reason: str, call_sid: str | None) -> None:
        conference.status = "completed"
        del self.world.rooms[conference.name]
        conference.reason_ended = reason
        conference.ended_by_call_sid = call_sid
        left = "conference_ended_via_api" if call_sid is None else "moderator_ended_conference"
        for participant in list(conference.participants.values()):
            del conference.participants[participant.call.sid]
            self._report_leave(participant, left)
        self.recordings.complete_for_conference(conference)
        extra = {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ").capitalize()}
        if call_sid:
            extra["CallSidEndingConference"] = call_sid
        self.reporter.conference_event(conference, "conference-end", extra=extra)
