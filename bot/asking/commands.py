"""What words and buttons command: 上一步, 为什么问, 修改, 重新开始 and the rest, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.asking import changes, intake, prompts, remarks, stepwise
from bot.asking.questionnaire import wording
from bot.asking.session import Offer, Place
from bot.asking.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from bot.asking.talk import Talk

# While an offer is open these would answer what lies under it.
_DECIDE_FIRST = frozenset(("unknown", "none", "edit", "continue", "result", "start", "begin"))


def do(talk: Talk, name: str) -> bool:
    """Do what a word or button commands; False where it means nothing here."""
    act = COMMANDS.get(name)
    if act is None:
        return False
    act(talk)
    return True


def with_offer(talk: Talk, name: str, said: str = "不改") -> bool:
    """What a command means while an offer is open; False where it means what it always does."""
    offered = "" if talk.s.offer is None else talk.s.offer.do
    if offered == "remark" and name in ("none", "unknown"):
        name = "no"  # 还没有, 说不准: it does not stand
    if offered != "remark" and name in ("no", "none") and "不" not in said and "no" not in said.lower():
        talk.again = True  # 没有 answers a question; it is no 不改
    elif name in ("yes", "confirm"):
        resolve(talk, True)
    elif name in ("no", "undo", "back", "cancel", "stop"):
        resolve(talk, False)
    elif name in _DECIDE_FIRST or name == "edit:" or (name.startswith("edit:") and offered != "change"):
        talk.say("offer_first", what=offered)
        talk.again = True
    else:
        return False
    return True


def resolve(talk: Talk, agreed: bool) -> None:
    """What was offered is agreed to, or not."""
    if talk.s.offer is not None and talk.s.offer.do == "remark":
        talk.s.offer = None
        remarks.resolved(talk, agreed)
    else:
        changes.resolve(talk, agreed)


def do_greeting(talk: Talk) -> None:
    if talk.s.state in (WELCOME, IDLE) and talk.s.offer is None:
        talk.move("greet", WELCOME)
    talk.again = True


def do_start(talk: Talk) -> None:
    if talk.s.state == RESULT:
        do_restart(talk)
    elif talk.s.state in (WELCOME, IDLE):
        talk.advance("begin")
    else:
        talk.again = True


def do_begin(talk: Talk) -> None:
    """Asked for the calculation itself: straight to the first open question."""
    if talk.s.state == RESULT or talk.s.redo is not None:
        talk.again = talk.s.state != RESULT
    else:
        talk.advance("begin")


def do_continue(talk: Talk) -> None:
    if talk.s.state in (WELCOME, IDLE) or talk.s.redo is not None:
        talk.advance("begin")  # after a step back: what was answered stands
    else:
        talk.again = talk.s.state != RESULT


def do_ask_only(talk: Talk) -> None:
    talk.move("leave", IDLE)


def do_cancel(talk: Talk) -> None:
    talk.say("stopped")
    talk.move("leave", IDLE)


def do_back(talk: Talk) -> None:
    """Along the path really taken; what was answered stands until it is answered again."""
    if stepwise.back(talk):
        return
    path = talk.case.path
    if talk.s.state == RESULT:
        talk.move("back", REVIEW)
    elif talk.s.state not in (ASKING, REVIEW):
        talk.again = True
    elif talk.s.editing:
        talk.move("answer", REVIEW)
    elif not path:
        talk.move("back", WELCOME)
    else:
        asked = path[-1]
        skipped = tuple(name for name in talk.case.skipped if name != asked)
        screened = talk.case.screened and asked != "circumstances"
        talk.case = replace(talk.case, path=path[:-1], skipped=skipped, screened=screened)
        talk.ask_again("back", asked)


def do_why(talk: Talk) -> None:
    if talk.s.state == ASKING:
        talk.say("why", asked=talk.s.asking)
    elif talk.s.state == RESULT:
        do_explain(talk)
        return
    else:
        talk.say("why_nothing")
    talk.again = True


def do_explain(talk: Talk) -> None:
    if talk.s.state == RESULT:
        talk.say("explain", assessment=talk.view().assessment, facts=talk.view().facts)
    talk.again = True


def do_unknown(talk: Talk) -> None:
    asked = talk.asked()
    if asked is not None and wording().questions[asked.partition(".")[0]].unknown:
        intake.take_unknown(talk, asked, talk.message.text or "记不清")
    else:
        remarks.aside(talk, talk.message.text, ())
        talk.say("unknown_nothing" if asked is None else "unknown_here")
        talk.again = True


def do_result(talk: Talk) -> None:
    state = talk.s.state
    if state == REVIEW and not talk.which_year and not talk.view().questions:
        talk.move("confirm", RESULT)
    elif state == RESULT:
        talk.again = False
    elif talk.asked() == "circumstances" and talk.view().questions == ["circumstances"]:
        talk.say("none_then")
        intake.take_none(talk)
    elif state == ASKING and (talk.s.redo is None or talk.view().questions):
        talk.say("not_yet")
        talk.again = True
    else:
        talk.advance("begin")


def do_edit(talk: Talk) -> None:
    if talk.s.state in (REVIEW, RESULT):
        talk.move("edit", REVIEW)
        talk.say("edit_how")
    elif talk.case.log:
        talk.say("recorded", lines=talk.lines(), choices=prompts.edits(talk))
        talk.again = True
    else:
        talk.say("nothing_yet")
        talk.again = True


def do_show_understanding(talk: Talk) -> None:
    talk.say("understanding", lines=talk.lines())
    talk.again = True


def do_show_data(talk: Talk) -> None:
    cases = talk.s.cases
    other = [line for key in cases if key != "self" for line in talk.lines(case=cases[key])]
    talk.say("data", lines=talk.lines(case=cases["self"]), other=other)
    talk.again = True


def do_help(talk: Talk) -> None:
    talk.say("help")
    talk.again = True


def do_human(talk: Talk) -> None:
    answer = talk.ask("topic:human", talk.view().facts, None)
    if answer is not None:
        talk.say("answer", text=answer.text, links=answer.links, topic="")
    else:
        talk.say("human")
    talk.again = True


def do_thanks(talk: Talk) -> None:
    talk.say("thanks")
    talk.again = True


def do_restart(talk: Talk) -> None:
    if talk.case.log:
        talk.s.offer = Offer("restart")
    else:
        changes.restart(talk)


def do_delete_data(talk: Talk) -> None:
    talk.s.offer = Offer("delete")


def do_undo(talk: Talk) -> None:
    if talk.s.undo:
        changes.undone(talk)
        talk.say("undone")
    else:
        talk.say("nothing_to_undo")
        talk.again = True


def open_other(talk: Talk) -> None:
    """A case for somebody else; the asker's own stays where it is."""
    if talk.s.current == "self":
        talk.s.before_other = talk.s.place
    talk.s.current, talk.s.names = "other", {}
    talk.begin_case()
    talk.advance("other")
    talk.say("other_begun")


def do_other_person(talk: Talk) -> None:
    open_other(talk)
    talk.s.other_named = False


def do_mine(talk: Talk) -> None:
    if talk.s.current == "self":
        talk.again = True
        return
    place = talk.s.before_other or Place()
    talk.move("mine", place.state, place.asking)
    talk.s.go(place)
    talk.s.before_other, talk.s.current, talk.s.fails, talk.s.other_named, talk.s.held = None, "self", {}, False, ()
    talk.say("mine_again")


def do_next(talk: Talk) -> None:
    """怎么办: the result has the steps; asked there, they are told alone."""
    if talk.s.state != RESULT:
        do_result(talk)
        return
    view = talk.view()
    talk.say("next_steps", assessment=view.assessment, facts=view.facts)
    talk.again = True


def do_remind(talk: Talk) -> None:
    talk.s.remind = True
    view = talk.view() if talk.s.state == RESULT else None
    assessment, facts = (None, None) if view is None else (view.assessment, view.facts)
    talk.say("remind", channel=talk.message.channel, assessment=assessment, facts=facts)
    talk.again = True


def do_unsubscribe(talk: Talk) -> None:
    talk.s.remind = False
    talk.s.silent = True
    talk.say("unsubscribed")
    talk.again = True


def do_resubscribe(talk: Talk) -> None:
    talk.s.silent = False
    talk.say("resubscribed")
    talk.again = True


def do_learn(talk: Talk) -> None:
    talk.say("platforms")
    talk.again = True


def do_card(talk: Talk) -> None:
    talk.say("office", id="card")
    talk.again = True


def do_policy(talk: Talk) -> None:
    talk.say("office", id="policy")
    talk.again = True


def do_keep(talk: Talk) -> None:
    if talk.s.state != RESULT:
        talk.say("nothing_to_keep")
        do_begin(talk)
        return
    talk.say("keep", channel=talk.message.channel)
    talk.again = True


def do_forgetful(talk: Talk) -> None:
    """Using it without being remembered: everything goes with the result."""
    talk.s.forgetful = True
    talk.say("forgetful")
    if talk.s.state in (WELCOME, IDLE):
        talk.advance("begin")
    talk.again = True


COMMANDS: dict[str, Callable[[Talk], None]] = {
    "greeting": do_greeting, "start": do_start, "begin": do_start, "continue": do_continue, "ask_only": do_ask_only, "ask": do_ask_only,
    "cancel": do_cancel, "stop": do_cancel, "back": do_back, "why": do_why, "explain": do_explain, "unknown": do_unknown,
    "result": do_result, "confirm": do_result, "edit": do_edit, "show_understanding": do_show_understanding, "show_data": do_show_data,
    "help": do_help, "human": do_human, "thanks": do_thanks, "restart": do_restart, "delete_data": do_delete_data, "delete": do_delete_data,
    "undo": do_undo, "other_person": do_other_person, "other": do_other_person, "mine": do_mine, "next": do_next, "remind": do_remind,
    "unsubscribe": do_unsubscribe, "resubscribe": do_resubscribe, "keep": do_keep, "forgetful": do_forgetful,
    "platform": do_learn, "learn": do_learn, "card": do_card, "policy": do_policy,
}  # fmt: skip
