"""Says where the engine's assessment and the oracle's differ, for everything that the contract fixes."""

from typing import Any

NOTHING: dict[str, Any] = {"short": {}, "short_total": 0, "bounds": None}


def differences(mine: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """In words, what differs between the engine's assessment (`mine`) and the oracle's (`other`)."""
    if mine.get("status") != other["status"]:
        note = sorted(other.get("why", other.get("needs", [])))
        return [f"status: {mine.get('status')} ({mine.get('why', mine.get('needs'))}), oracle {other['status']} {note}"]
    wrong = []
    if "why" in other:
        if mine.get("why") not in other["why"]:
            wrong.append(f"why: {mine.get('why')}, oracle any of {sorted(other['why'])}")
        return wrong
    wanted = other.get("requirement")
    found = mine.get("requirement")
    if found is not None:
        found = {name: found.get(name) for name in ("mode", "years")}
    if found != wanted:
        wrong.append(f"requirement: {found}, oracle {wanted}")
    for key, nothing in NOTHING.items():
        # For `waived` the contract does not say whether `short` is empty or absent.
        empty = nothing if other["status"] == "waived" else None
        if mine.get(key, empty) != other.get(key, empty):
            wrong.append(f"{key}: {mine.get(key)}, oracle {other.get(key)}")
    reliefs = [relief["id"] for relief in mine.get("reliefs") or []]
    if reliefs != other["reliefs"]:
        wrong.append(f"reliefs: {reliefs}, oracle {other['reliefs']}")
    needs = mine.get("needs") or []
    if sorted(needs) != sorted(other.get("needs", [])):
        wrong.append(f"needs: {sorted(needs)}, oracle {sorted(other.get('needs', []))}")
    rejected = [entry["record"] for entry in mine.get("rejected") or []]
    pairs = other["rejected"]
    if len(rejected) != len(pairs) or any(one not in pair for one, pair in zip(rejected, pairs, strict=True)):
        wrong.append(f"rejected: {rejected}, oracle {pairs}")
    return wrong
