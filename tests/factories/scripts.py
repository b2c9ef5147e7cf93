"""Scripts: one running text as in old versions, and one that branches and may be published for sales."""

from datetime import datetime

from campaigns.models import Script, ScriptDraft, ScriptVersion
from campaigns.scripting import flow
from campaigns.scripting.flow import Answer, Flow, Kind, Node, Op, Rule

SALES = Flow(
    nodes=(
        Node(
            code="n1",
            title="Opening",
            kind=Kind.QUESTION,
            text="Hello {first_name}, my name is {agent_name}, on behalf of {seller}. This is a sales call about solar "
            "panels. You can reach us at {caller_id}. May I go on?",
            tags=("sales_purpose", "goods", "seller_id"),
            answers=(Answer(label="Yes", next="n2"), Answer(label="No", next="n5")),
        ),
        Node(
            code="n2",
            title="By state",
            kind=Kind.CONDITION,
            rules=(Rule(fact="state", op=Op.ONE_OF, value="FL, GA", next="n3"),),
            next="n4",
        ),
        Node(code="n3", title="Sunny offer", text="{city} has sun.", tags=("pitch",), next="n4"),
        Node(
            code="n4",
            title="Close",
            kind=Kind.END,
            text="Somebody will come by.",
            disposition="interested",
        ),
        Node(
            code="n5",
            title="Goodbye",
            kind=Kind.END,
            text="Thank you. Goodbye.",
            disposition="not_interested",
        ),
    )
)


def text_version(now: datetime, *, name: str = "Opening", body: str = "Hello {first_name}") -> int:
    """Store a script as scripts were before they had steps, and return its version's id."""
    script, _ = Script.objects.get_or_create(name=name)
    number = script.versions.count() + 1
    return ScriptVersion.objects.create(
        script=script, number=number, body=body, created_at=now, created_by="mia"
    ).pk


def step_version(now: datetime, *, name: str = "Steps", steps: Flow = SALES) -> ScriptVersion:
    """Store a published script with steps."""
    script, _ = Script.objects.get_or_create(name=name)
    return ScriptVersion.objects.create(
        script=script,
        number=script.versions.count() + 1,
        body=steps.body,
        nodes=flow.as_stored(steps),
        purpose="telemarketing",
        created_at=now,
        created_by="mia",
    )


def draft_of(
    now: datetime, *, name: str = "Steps", steps: Flow = SALES, purpose: str = "telemarketing"
) -> ScriptDraft:
    """Store a script that was never published."""
    script, _ = Script.objects.get_or_create(name=name)
    return ScriptDraft.objects.create(
        script=script, nodes=flow.as_stored(steps), purpose=purpose, changed_at=now, changed_by="mia"
    )
