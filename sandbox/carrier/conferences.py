"""Conferences: who is in, when they start and end, and what is told of it."""

from sandbox.carrier.announcements import Announcements
from sandbox.carrier.model import Call, Conference, Entrance, Participant, World, new_sid
from sandbox.carrier.recordings import Recordings
from sandbox.carrier.reports import Reporter


class ConferenceFullError(Exception):
    """The conference has as many participants as it may."""


class Conferences:
    """All joins and leaves go through here; nothing in it waits, so no step can be seen half done."""

    def __init__(
        self, world: World, reporter: Reporter, recordings: Recordings, announcements: Announcements
    ) -> None:
        self.world = world
        self.announcements = announcements
        self.reporter = reporter
        self.recordings = recordings

    def room(self, entrance: Entrance) -> Conference:
        """Return the conference of that name, opened when there is none. Raises: ConferenceFullError."""
        conference = self.world.active_conference(entrance.name) or self._open(entrance)
        if len(conference.participants) + len(conference.expected) >= conference.entrance.max_participants:
            raise ConferenceFullError(entrance.name)
        return conference

    def expect(self, call: Call, conference: Conference, entrance: Entrance) -> Participant:
        """Keep a place for a call that is being dialed into the conference."""
        participant = self._participant(call, conference, entrance)
        conference.expected[call.sid] = participant
        call.expected = participant
        return participant

    def join(self, call: Call, entrance: Entrance) -> Participant:
        """Put a call into the conference of that name, which is opened when there is none.

        Events: join; start before it when this participant is the one who starts the conference.
        Raises: ConferenceFullError.
        """
        participant = call.expected or self._participant(call, self.room(entrance), entrance)
        conference = participant.conference
        conference.expected.pop(call.sid, None)
        call.expected = None
        if not conference.was_joined:
            conference.was_joined, conference.entrance = True, entrance
        conference.participants[call.sid] = participant
        call.participant = participant
        call.conference_sids.append(conference.sid)
        self._start_if_due(conference, call)
        self.reporter.conference_event(conference, "participant-join", participant)
        if entrance.wait is not None and conference.status == "init":
            self.announcements.music(participant, entrance.wait, "wait")
        return participant

    def give_up(self, participant: Participant, reason: str) -> None:
        """Expect a participant no longer: their call was not answered. Nobody left or expected: the end."""
        conference = participant.conference
        if conference.expected.pop(participant.call.sid, None) is None:
            return
        participant.call.expected = None
        self._report_leave(participant, reason)
        self._finish_if_deserted(conference, participant, "last-participant-left")

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
            self._finish(conference, f"participant-with-end-conference-on-exit-{how}", participant)
            return
        last = "last-participant-kicked" if is_kick else "last-participant-left"
        self._finish_if_deserted(conference, participant, last)

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

    def _participant(self, call: Call, conference: Conference, entrance: Entrance) -> Participant:
        now = self.world.clock.now()
        return Participant(
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

    def _finish_if_deserted(self, conference: Conference, last: Participant, reason: str) -> None:
        if not conference.participants and not conference.expected:
            self._finish(conference, reason, last)

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

    def _finish(self, conference: Conference, reason: str, last: Participant | None) -> None:
        conference.status = "completed"
        del self.world.rooms[conference.name]
        conference.reason_ended = reason
        conference.ended_by_call_sid = last.call.sid if last is not None else None
        left = "conference_ended_via_api" if last is None else "moderator_ended_conference"
        for participant in [*conference.participants.values(), *conference.expected.values()]:
            conference.participants.pop(participant.call.sid, None)
            conference.expected.pop(participant.call.sid, None)
            participant.call.expected = None
            self._report_leave(participant, left)
        self.recordings.complete_for_conference(conference)
        extra = {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ").capitalize()}
        if last is not None:
            extra["CallSidEndingConference"] = last.call.sid
            if last.label:
                extra["ParticipantLabelEndingConference"] = last.label
        self.reporter.conference_event(conference, "conference-end", extra=extra)
