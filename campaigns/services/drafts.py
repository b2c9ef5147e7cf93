"""What somebody types into the builder, kept between visits: checked only when it is saved as a version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import CampaignDraft
from campaigns.versions.fields import Step
from core import db
from core.errors import AppError, NotFound

Texts = Mapping[str, Sequence[str]]  # field of the form → what was sent for it
MOST_DRAFTS = 50  # of one person
MOST_VALUES, MOST_CHARACTERS = 2000, 2000  # of one field
SEEN = "_seen"  # the steps that were sent once: their errors are shown
TYPED = "_typed_at"  # when what is kept was typed, on the browser's clock


class TooManyDrafts(AppError):
    """Somebody begins more campaigns than they can mean to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An unfinished campaign, or an unfinished change of one."""

    id: int
    campaign_id: int | None
    based_on: int
    values: Texts
    step: str
    saved_at: datetime

    @property
    def seen(self) -> Sequence[str]:
        """Return the steps that were sent once."""
        return self.values.get(SEEN, ())


def begin(*, user_id: int, campaign_id: int | None, based_on: int, values: Texts, now: datetime) -> int:
    """Begin a draft and return its id; of a campaign that this person is changing already, return that one's.

    Raises TooManyDrafts.
    """
    with db.use_case():
        db.advisory_xact_lock(db.lock_key("campaigns.drafts", user_id))
        mine = CampaignDraft.objects.filter(user_id=user_id)
        if campaign_id is not None and (held := mine.filter(campaign_id=campaign_id).first()):
            return held.pk
        if mine.count() >= MOST_DRAFTS:
            raise TooManyDrafts(
                f"You have {MOST_DRAFTS} unfinished campaigns. Finish or discard some, then begin another."
            )
        made = CampaignDraft.objects.create(
            user_id=user_id,
            campaign_id=campaign_id,
            based_on=based_on,
            values=_clean(values),
            step=Step.BASICS,
            begun_at=now,
            saved_at=now,
        )
    return made.pk


def get(draft_id: int, *, user_id: int) -> Draft:
    """Return one of this person's drafts. Raises NotFound."""
    row = CampaignDraft.objects.filter(pk=draft_id, user_id=user_id).first()
    if row is None:
        raise NotFound("This draft does not exist any more, or is somebody else's.")
    return Draft(
        id=row.pk,
        campaign_id=row.campaign_id,
        based_on=row.based_on,
        values=row.values,
        step=row.step,
        saved_at=row.saved_at,
    )


def save_step(
    *,
    draft_id: int,
    user_id: int,
    step: Step,
    values: Texts,
    sent: bool,
    typed_at: int = 0,
    now: datetime,
) -> Draft:
    """Keep what was typed in one step, right or wrong; `sent`: the person is done with the step. Raises NotFound.

    `typed_at` (milliseconds, the browser's clock) keeps what is saved by itself from overwriting what was typed after it.
    """
    with db.use_case():
        row = _lock(draft_id, user_id)
        newest = int(row.values.get(TYPED, ["0"])[0])
        if sent or typed_at >= newest:
            seen = [*row.values.get(SEEN, []), step.value] if sent else row.values.get(SEEN, [])
            marks = {SEEN: sorted(set(seen)), TYPED: [str(max(typed_at, newest))]}
            row.values = {**row.values, **_clean(values), **marks}
            row.step, row.saved_at = step, now
            row.save(update_fields=["values", "step", "saved_at"])
    return get(draft_id, user_id=user_id)


def rebase(*, draft_id: int, user_id: int, based_on: int, values: Texts, now: datetime) -> Draft:
    """Go on from a newer version of the campaign with these values. Raises NotFound."""
    with db.use_case():
        row = _lock(draft_id, user_id)
        row.values, row.based_on, row.saved_at = {**row.values, **_clean(values)}, based_on, now
        row.save(update_fields=["values", "based_on", "saved_at"])
    return get(draft_id, user_id=user_id)


def discard(*, draft_id: int, user_id: int) -> None:
    """Forget a draft. Raises NotFound."""
    with db.use_case():
        _lock(draft_id, user_id).delete()


def _lock(draft_id: int, user_id: int) -> CampaignDraft:
    row = CampaignDraft.objects.select_for_update().filter(pk=draft_id, user_id=user_id).first()
    if row is None:
        raise NotFound("This draft does not exist any more, or is somebody else's.")
    return row


def _clean(values: Texts) -> dict[str, list[str]]:
    """Return what the database can keep: no NULs, nothing longer than anybody types."""
    return {
        name: [text.replace("\x00", "")[:MOST_CHARACTERS] for text in texts[:MOST_VALUES]]
        for name, texts in values.items()
    }
