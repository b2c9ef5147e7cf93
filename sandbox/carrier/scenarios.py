"""Populations that can be asked for by name. In the shape POST /_sandbox/population takes."""

import math
from collections.abc import Mapping
from typing import Any

# Short calls and many answers: something happens on the screen all the time.
DEMO: Mapping[str, Any] = {
    "person": 0.45,
    "no_answer": 0.25,
    "busy": 0.07,
    "machine": 0.18,
    "early_hangup": 0.03,
    "failed": 0.02,
    "fax": 0.0,
    "ring_seconds": {
        **{kind: [2.0, 18.0] for kind in ("person", "machine", "busy", "early_hangup", "fax")},
        "failed": [0.2, 2.0],
    },
    "talk_seconds": {
        "person": {"mean": 54.0, "cv": 0.47, "low": 20.0, "high": 120.0},
        "machine": [30.0, 60.0],
        "early_hangup": [0.5, 2.0],
        "fax": [20.0, 40.0],
    },
    "greeting_seconds": {"person": {"mean": 1.2, "cv": 0.3}, "machine": [4.0, 20.0]},
    "verdict_seconds": {"person": [0.5, 0.9], "machine": [1.8, 3.8], "fax": [2.0, 4.0]},
    "message_ends": {"beep": 1.0, "silence": 0.0, "other": 0.0, "never": 0.0},
    "answer_by_hour": [1.0] * 24,
    "amd_person_as_machine": 0.0,
    "amd_machine_as_person": 0.0,
    "amd_unknown": 0.0,
    "unreachable": 0.0,
}

# The standard scenario pacing figures are compared in. Its ten-minute noise is left out: it would need a memory.
STANDARD: Mapping[str, Any] = {
    **DEMO,
    "person": 0.25,
    "no_answer": 0.38,
    "busy": 0.06,
    "machine": 0.25,
    "early_hangup": 0.0,
    "failed": 0.06,
    "ring_seconds": {
        "person": {"mean": 9.0, "cv": 0.55, "plus": 1.2},
        "machine": {"mix": [[0.4, [2.5, 5.5]], [0.6, [14.0, 21.4]]]},
        "busy": [1.5, 5.0],
        "failed": [1.0, 3.0],
        "early_hangup": {"mean": 9.0, "cv": 0.55, "plus": 1.2},
        "fax": [2.0, 8.0],
    },
    "talk_seconds": {
        "person": {"mix": [[0.7, {"mean": 25.0, "cv": 0.8}], [0.3, {"mean": 190.0, "cv": 0.7}]]},
        "machine": [30.0, 60.0],
        "early_hangup": [0.5, 2.0],
        "fax": [20.0, 40.0],
    },
    "message_ends": {"beep": 0.8, "silence": 0.14, "other": 0.05, "never": 0.01},
    "answer_by_hour": [round(1 + 0.15 * math.sin(math.tau * hour / 4), 3) for hour in range(24)],
    "amd_person_as_machine": 0.015,
    "amd_machine_as_person": 0.05,
}

SCENARIOS = {"demo": DEMO, "standard": STANDARD}
