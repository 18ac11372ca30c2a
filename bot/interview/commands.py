"""What words and buttons command: 上一步, 为什么问, 修改, 重新开始 and the rest, everywhere."""

from __future__ import annotations

from collections.abc import Callable

from bot.casefile import new_case, questions
from bot.interview import prompts, told
from bot.interview.talk import Talk
from bot.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from bot.wording import wording


def do(talk: Talk, name: str) -> bool:
    """Do what a word or button commands; False where it means nothing here."""
    act = COMMANDS.get(name)
    if act is None:
        return False
    act(talk)
    return True


def do_greeting(talk: Talk) -> None:
    if talk.s["state"] in (WELCOME, IDLE):
        talk.move("greet", WELCOME)
    talk.again = True


def do_start(talk: Talk) -> None:
    if talk.s["state"] == RESULT:
        do_restart(talk)
    elif talk.s["state"] in (WELCOME, IDLE):
        talk.advance("begin")
    else:
        talk.again = True


def do_begin(talk: Talk) -> None:
    """Asked for the calculation itself: straight to the first open question."""
    if talk.s["state"] == RESULT:
        talk.again = True
    else:
        talk.advance("begin")


def do_continue(talk: Talk) -> None:
    if talk.s["state"] in (WELCOME, IDLE):
        talk.advance("begin")
    talk.again = True


def do_ask_only(talk: Talk) -> None:
    talk.move("leave", IDLE)


def do_cancel(talk: Talk) -> None:
    talk.say("stopped")
    talk.move("leave", IDLE)


def do_back(talk: Talk) -> None:
    """Along the path really taken; what was answered stands until it is answered again."""
    talk.s["offer"] = None
    if talk.s["state"] == RESULT:
        talk.move("back", REVIEW)
        return
    if talk.s["state"] not in (ASKING, REVIEW):
        talk.again = True
        return
    if talk.s.get("editing"):
        talk.s["editing"], talk.s["redo"] = False, None
        talk.move("answer", REVIEW)
        return
    if not talk.case["path"]:
        talk.move("back", WELCOME)
        return
    asked = talk.case["path"].pop()
    root = asked.split(".")[0]
    if root in talk.case["skipped"]:
        talk.case["skipped"].remove(root)
    if asked == "circumstances":
        talk.case["screened"] = False
    talk.s["redo"] = asked
    talk.move("back", ASKING, asked)


def do_why(talk: Talk) -> None:
    if talk.s["state"] == ASKING:
        talk.say("why", asked=talk.s["asking"])
    elif talk.s["state"] == RESULT:
        do_explain(talk)
        return
    else:
        talk.say("why_nothing")
    talk.again = True


def do_explain(talk: Talk) -> None:
    if talk.s["state"] == RESULT:
        talk.say("explain", assessment=talk.assessment())
    talk.again = True


def do_unknown(talk: Talk) -> None:
    if talk.s["state"] == ASKING and wording().questions[talk.s["asking"].split(".")[0]].unknown:
        told.take_unknown(talk, talk.s["asking"], talk.message.text or "记不清")
    else:
        talk.say("unknown_nothing")
        talk.again = True


def do_result(talk: Talk) -> None:
    if talk.s["state"] == REVIEW:
        talk.move("confirm", RESULT)
    elif talk.s["state"] == ASKING:
        talk.say("not_yet")
        talk.again = True
    elif talk.s["state"] in (WELCOME, IDLE):
        talk.advance("begin")
    else:
        talk.again = True


def do_edit(talk: Talk) -> None:
    if talk.s["state"] in (REVIEW, RESULT):
        talk.move("edit", REVIEW)
        talk.say("edit_how")
    elif talk.case["log"]:
        talk.say("recorded", lines=talk.lines(), choices=prompts.edits(talk))
        talk.again = True
    else:
        talk.say("nothing_yet")
        talk.again = True


def do_show_understanding(talk: Talk) -> None:
    talk.say("understanding", lines=talk.lines())
    talk.again = True


def do_show_data(talk: Talk) -> None:
    talk.say("data", lines=talk.lines(), other="other" in talk.s["cases"])
    talk.again = True


def do_help(talk: Talk) -> None:
    talk.say("help")
    talk.again = True


def do_human(talk: Talk) -> None:
    answer = talk.ask("topic:human", talk.facts(), None)
    if answer is not None:
        talk.say("answer", text=answer.text, links=answer.links)
    else:
        talk.say("human")
    talk.again = True


def do_thanks(talk: Talk) -> None:
    talk.say("thanks")
    talk.again = True


def do_restart(talk: Talk) -> None:
    if any(case["log"] for case in talk.s["cases"].values()):
        talk.s["offer"] = {"do": "restart"}
    else:
        talk.move("restart", ASKING, questions(talk.packs, talk.case, talk.today)[0])


def do_delete_data(talk: Talk) -> None:
    talk.s["offer"] = {"do": "delete"}


def do_undo(talk: Talk) -> None:
    if not talk.s["undo"]:
        talk.say("nothing_to_undo")
        talk.again = True
        return
    before = talk.s["undo"].pop()
    talk.s["cases"][talk.s["current"]] = before["case"]
    talk.s["offer"] = None
    talk.move("undo", before["state"] if before["state"] in (ASKING, REVIEW, RESULT) else REVIEW, before["asking"])
    talk.say("undone")


def open_other(talk: Talk) -> None:
    talk.s["cases"]["other"] = new_case()
    talk.s["before_other"] = [talk.s["state"], talk.s["asking"]]
    talk.s["current"], talk.s["offer"], talk.s["undo"] = "other", None, []
    talk.advance("other")
    talk.say("other_begun")


def do_other_person(talk: Talk) -> None:
    open_other(talk)


def do_mine(talk: Talk) -> None:
    if talk.s["current"] == "self":
        talk.again = True
        return
    talk.s["current"], talk.s["offer"], talk.s["undo"] = "self", None, []
    state, asking = talk.s.pop("before_other", [WELCOME, None])
    talk.move("mine", state, asking)


def do_remind(talk: Talk) -> None:
    talk.s["remind"] = True
    talk.say("remind")
    talk.again = True


def do_unsubscribe(talk: Talk) -> None:
    talk.s["remind"] = False
    talk.s["silent"] = True
    talk.say("unsubscribed")
    talk.again = True


def do_resubscribe(talk: Talk) -> None:
    talk.s["silent"] = False
    talk.say("resubscribed")
    talk.again = True


def do_platform(talk: Talk) -> None:
    choices = tuple((f"platform:{place.id}", place.name) for place in talk.pack().platforms)
    talk.say("platforms", places=talk.pack().platforms, choices=choices)
    talk.again = True


def do_keep(talk: Talk) -> None:
    talk.say("keep", channel=talk.message.channel)
    talk.again = True


def do_forgetful(talk: Talk) -> None:
    """Using it without being remembered: everything goes with the result."""
    talk.s["forgetful"] = True
    talk.say("forgetful")
    do_start(talk)


COMMANDS: dict[str, Callable[[Talk], None]] = {
    "greeting": do_greeting, "start": do_start, "begin": do_start, "continue": do_continue, "ask_only": do_ask_only, "ask": do_ask_only,
    "cancel": do_cancel, "stop": do_cancel, "back": do_back, "why": do_why, "explain": do_explain, "unknown": do_unknown,
    "result": do_result, "confirm": do_result, "edit": do_edit, "show_understanding": do_show_understanding, "show_data": do_show_data,
    "help": do_help, "human": do_human, "thanks": do_thanks, "restart": do_restart, "delete_data": do_delete_data, "delete": do_delete_data,
    "undo": do_undo, "other_person": do_other_person, "other": do_other_person, "mine": do_mine, "remind": do_remind,
    "unsubscribe": do_unsubscribe, "resubscribe": do_resubscribe, "platform": do_platform, "keep": do_keep, "forgetful": do_forgetful,
}  # fmt: skip
