"""The states of a conversation and every move between them: one table, which the interview may not leave."""

from __future__ import annotations

WELCOME, ASKING, REVIEW, RESULT, IDLE = "welcome", "asking", "review", "result", "idle"

# (state, what happens) -> the states it may lead to. `aside`: anything answered without moving on.
MOVES: dict[tuple[str, str], tuple[str, ...]] = {
    (WELCOME, "begin"): (ASKING, REVIEW),
    (WELCOME, "answer"): (ASKING, REVIEW),
    (WELCOME, "leave"): (IDLE,),
    (IDLE, "begin"): (ASKING, REVIEW),
    (IDLE, "answer"): (ASKING, REVIEW),
    (IDLE, "leave"): (IDLE,),
    (WELCOME, "undo"): (ASKING, REVIEW, RESULT),
    (IDLE, "undo"): (ASKING, REVIEW, RESULT),
    (WELCOME, "greet"): (WELCOME,),
    (IDLE, "greet"): (WELCOME,),
    (ASKING, "begin"): (ASKING, REVIEW),
    (ASKING, "answer"): (ASKING, REVIEW),
    (ASKING, "back"): (ASKING, WELCOME),
    (ASKING, "undo"): (ASKING, REVIEW, RESULT),
    (ASKING, "leave"): (IDLE,),
    (REVIEW, "confirm"): (RESULT,),
    (REVIEW, "answer"): (ASKING, REVIEW),
    (REVIEW, "begin"): (ASKING, REVIEW),
    (REVIEW, "edit"): (ASKING, REVIEW),
    (REVIEW, "back"): (ASKING, WELCOME),
    (REVIEW, "undo"): (ASKING, REVIEW, RESULT),
    (REVIEW, "leave"): (IDLE,),
    (RESULT, "edit"): (REVIEW, ASKING),
    (RESULT, "answer"): (ASKING, REVIEW, RESULT),
    (RESULT, "back"): (REVIEW,),
    (RESULT, "undo"): (ASKING, REVIEW, RESULT),
    (RESULT, "begin"): (ASKING, REVIEW, RESULT),
    (RESULT, "leave"): (IDLE,),
    **{(state, "restart"): (WELCOME, ASKING) for state in (WELCOME, ASKING, REVIEW, RESULT, IDLE)},
    **{(state, "other"): (ASKING, REVIEW) for state in (WELCOME, ASKING, REVIEW, RESULT, IDLE)},
    **{(state, "mine"): (ASKING, REVIEW, RESULT, WELCOME, IDLE) for state in (WELCOME, ASKING, REVIEW, RESULT, IDLE)},
    **{(state, "aside"): (state,) for state in (WELCOME, ASKING, REVIEW, RESULT, IDLE)},
}


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> welcome"]
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, event), targets in MOVES.items():
        for target in targets:
            if event != "aside":
                edges.setdefault((state, target), []).append(event)
    lines += [f"    {state} --> {target}: {', '.join(events)}" for (state, target), events in sorted(edges.items())]
    return "\n".join(lines)
