"""Level, sector and place of work: the level applied for, not the one held; today's employer, no former one."""

from __future__ import annotations

import re

from bot.language.clauses import significant
from bot.language.notes import Notes
from bot.language.own import plainly_own
from bot.language.tokens import Token

_HARD_ASK = frozenset(
    (
        "民办非企业单位",
        "民办非企业",
        "民非企业",
        "民非",
        "民非单位",
        "民办非",
        "民办机构",
        "民营机构",
        "社会服务机构",
        "基金会",
        "参公",
        "参公单位",
        "参公管理",
        "参公事业单位",
        "参照公务员管理",
        "参照公务员法",
        "参公编",
        "机关事业单位",
        "混改",
        "混合所有制",
        "集体企业",
        "集体所有制",
        "集体单位",
        "公建民营",
        "公办民营",
        "民办公助",
        "国有民营",
    )
)
_NAMED_BEFORE = re.compile(
    r"(?:(?<![脱分])离|挨着?|靠近?|临近|给|面向|指导|督导|服务|下?辖|管着?|包联|老家|户口|籍贯|(?<![国专大独])家|住|(?<![业学医])生在|从小长在|[每各]个?"
    r"|全[旗县市盟])(?:就?[是在了的有于])?(?:\d+个?|[一二两三四五六七八九十几]+个|各个?|所有)?$"
    r"|(?:\d\d|[2-9二两三四五六七八九十几多])[个所家处](?:苏木|乡镇)?$"
)
_NAMED_BEHIND = re.compile(
    r"的?(?:边[上儿]|旁边|附近|周[边围]|隔壁|对面|来的|病人|病号|患者|老?百姓|群众|牧民|居民|亲戚|老家|考[到上进出]|出来|上来|培训过|调研)"
)
_WISHED = re.compile(
    r"(?:(?<!没)想|准备|打算|计划|考虑|希望|争取|报名|等|没(?!想到)|不愿意?|不肯|差一?点)"
    r"[^,。;!? ]{0,3}(?:去|到|进|考|跳槽?|转|调)[^,。;!? ]{0,2}$"
    r"|以为[^,。;!? ]{0,4}$"
    r"|(?:报考|备考|[改转]制前是?)$"
)
_GIVEN_UP = re.compile(r"(?:本来|原本)(?:是|我)?(?:想|要|打算|准备|计划)")  # 本来想报正高
_COMPANY = re.compile(r"(?:和|跟|与|同)\|[^,。;]{0,3}(?:一起|合作|联合|合办|不一样|一样|比)")
_MISSED = re.compile(r"[^,。;!? ]{0,2}(?:没考上|没考过|没进去|没去成|没要我|落榜)")
_SERVED = ("了", "干了", "满", "快", "都", "已", "已经", "也")


def read_level(notes: Notes) -> None:
    """`title_level`: what is applied for. A title that is only held sets nothing; 高级 alone is asked."""
    found = [
        (i, t, t.senses.get("level") or t.senses.get("title") or "")
        for i, t in notes.indexed("level", "title")
        if not t.off and not _counted(notes, t)
    ]
    standing: list[tuple[int, Token, str]] = []
    for i, token, value in found:
        if not token.negated:
            standing.append((i, token, value))
        elif value != "senior":
            notes.deny("title_level", value)
    roles = _roles(notes, standing)
    applied = [(t, v) for (_, t, v), role in zip(standing, roles, strict=True) if role == "applied"]
    unclear = [t for (_, t, _), role in zip(standing, roles, strict=True) if role == "unclear"]
    if not applied and unclear:
        notes.doubt("title_level", unclear[-1].text, "held_or_applied", {"level": unclear[-1].senses["level"]})
    elif not applied:
        open_ = [(t, v) for (_, t, v), role in zip(standing, roles, strict=True) if role == ""]
        bare = [(t, v) for t, v in open_ if t.is_("level") or notes.asking == "title_level"]
        if bare or not open_:
            applied = bare
        elif open_:
            notes.doubt("title_level", open_[-1][0].text, "held_or_applied", {"level": open_[-1][1]})
        if not applied and not open_ and standing:
            notes.doubt("title_level", standing[-1][1].text, "held", {"held": standing[-1][2]})
    certain = [(t, v) for t, v in applied if v != "senior"]
    if certain:
        _choose(notes, certain)
    elif applied:
        notes.doubt("title_level", applied[-1][0].text, "which_senior", {"levels": ["deputy_senior", "full_senior"]})


def _counted(notes: Notes, title: Token) -> bool:
    """我们单位60个人报副高: what so many people apply for."""
    return bool(
        re.search(
            r"(?:\d\d|[二三四五六七八九几]?十|百|好几)(?:来|多|几)?(?:个人|人|名|位|个)[^,。;!?]{0,4}$",
            notes.text[max(0, title.start - 16) : title.start],
        )
    )


def _choose(notes: Notes, applied: list[tuple[Token, str]]) -> None:
    values = {v for _, v in applied}
    if len(values) == 1 or notes.corrected(applied[-2][0], applied[-1][0]) or notes.has("fix"):
        notes.put("title_level", applied[-1][1], applied[-1][0].text)
    else:
        notes.doubt("title_level", " / ".join(t.text for t, _ in applied), "conflict", sorted(values))


def _roles(notes: Notes, standing: list[tuple[int, Token, str]]) -> list[str]:
    roles = [_role(notes, i, token) for i, token, _ in standing]
    for n, (i, token, _) in enumerate(standing):
        if n + 1 < len(standing):
            nxt = standing[n + 1]
            link = notes.tokens[i + 1 : nxt[0]]
            if (
                roles[n] in ("", "applied")
                and any((t.is_("apply", "word") or t.is_("move", "verb")) and not t.negated for t in link)
                and nxt[1].clause == token.clause
            ):
                roles[n] = "held"  # 中级报副高
                roles[n + 1] = roles[n + 1] or "applied"
    if "applied" in roles:
        return [r or "held" for r in roles]
    return roles


def _role(notes: Notes, i: int, token: Token) -> str:
    """applied, held, or empty where nothing beside the title tells."""
    j = i - 1
    is_one = False
    while j >= 0 and notes.tokens[j].clause == token.clause:
        before = notes.tokens[j]
        if before.is_("apply", "word"):
            given_up = _GIVEN_UP.search(notes.text[max(0, before.start - 5) : before.start + 1])
            return "held" if before.negated or given_up or _long_ago(notes, before) else "applied"
        if before.is_("apply", "job") or (before.is_("fix") and j == i - 1):
            return "applied"
        if before.is_("held"):
            return "" if before.negated else "held"
        if before.is_("time", "past"):
            return "held"
        if before.is_("level") or before.is_("title") or before.kind in ("other", "number", "duration"):
            break
        if before.text == "职称" and notes.asking is None:
            return "held"
        if token.is_("level") and _at_present(notes, before):
            return "unclear"
        if before.text in ("是", "算") and token.is_("title") and notes.asking != "review":
            return "held" if notes.asking != "title_level" else ""
        is_one = is_one or (before.text in ("是", "算") and token.is_("level"))
        j -= 1
    role = _role_behind(notes, i, token)
    if not role and _corrected_before(notes, i):
        return "applied"
    if is_one and not role and notes.asking not in ("title_level", "review") and not notes.has("fix"):
        return "unclear"  # 我是中级: what somebody is, is what they hold
    return role


def _at_present(notes: Notes, before: Token) -> bool:
    """现在中级, 已经中级了 and, where the level applied for was asked, 我是中级: the level may be the one held."""
    if before.is_("time", "now") or before.text in ("已", "已经", "早", "早就"):
        return True
    return before.is_("self") and notes.asking == "title_level"


def _long_ago(notes: Notes, verb: Token) -> bool:
    """2012年评的中级, 30岁的时候评的: an application of a time gone by is a title held."""
    if not verb.text.startswith("评"):
        return False
    if verb.text.endswith("的") and "的时候" in "".join(t.text for t in notes.clause(verb) if t.start < verb.start):
        return True
    when = [t for t in notes.clause(verb) if t.start < verb.start and t.kind in ("years", "date") and not t.used]
    years = [max(t.value) if t.kind == "years" else t.value.year or notes.today.year for t in when]
    return bool(years) and max(years) < notes.today.year


def _corrected_before(notes: Notes, i: int) -> bool:
    """报中级 写错了 副高: the word of correction ends the clause before."""
    before = significant(notes.tokens, i, -1)
    return before is not None and before.is_("fix") and before.clause == notes.tokens[i].clause - 1


def _role_behind(notes: Notes, i: int, token: Token) -> str:
    tokens = notes.tokens
    ahead = tokens[i + 1] if i + 1 < len(tokens) else None
    if ahead is not None and (ahead.is_("held") or ahead.text in ("到手", "好几年了")):
        return "held"
    near = [t for t in tokens[i + 1 : i + 5] if t.clause == token.clause]
    if any(t.is_("held") for t in near[:2]) or any(t.kind == "duration" and t.unit == "年" for t in near[:2]):
        return "held"
    if any(t.is_("time", "now") for t in tokens[max(0, i - 3) : i] if t.clause == token.clause) and token.is_("title"):
        return "held"
    follow = [t for t in tokens[i + 1 :] if t.kind != "sep"]
    if follow and not (follow[0].is_("level") or follow[0].is_("title")):
        for k, t in enumerate(follow[:5]):
            if t.is_("apply", "word") and not t.negated:
                after = follow[k + 1] if k + 1 < len(follow) else None
                if (
                    after is None
                    or after.clause != t.clause
                    or after.text in ("这个", "它", "的", "这", "这级", "呢", "了", "吧")
                ):
                    return "applied"
                return ""
            if not (t.is_("fill") or t.is_("self") or t.kind == "years" or t.is_("done")):
                break
    return ""


def read_sector(notes: Notes) -> None:
    """`sector`: today's employer. Kinds that the notice does not settle (参公, 混合所有制) are asked."""
    found: list[tuple[Token, str]] = []
    asks: list[Token] = []
    for i, token in notes.indexed("sector"):
        value = token.senses.get("sector")
        if value is None or value == "none" or token.off:
            continue
        if value == "ask":
            asks.append(token)
        elif token.negated:
            notes.deny("sector", value)
        elif token.past or _name_of_place(notes, i) or _not_theirs(notes, token):
            continue
        else:
            found.append((token, value))
    hard = [t for t in asks if t.text in _HARD_ASK and not t.negated and not t.past]
    foreign = [t for t, v in found if v == "non_public" and not plainly_own(notes, t)]
    found = [(t, v) for t, v in found if t not in foreign]
    if foreign and not found and not hard:
        notes.doubt("sector", foreign[0].text, "whose_employer", {"said": foreign[0].text})
    elif hard:
        notes.doubt("sector", hard[0].text, "unclear_sector", {"said": hard[0].text})
    elif found:
        _settle_sector(notes, found)
    elif asks and not asks[-1].past and not asks[-1].negated:
        notes.doubt("sector", asks[-1].text, "unclear_sector", {"said": asks[-1].text})


def _not_theirs(notes: Notes, token: Token) -> bool:
    """想跳到国企, 考事业编没考上, 和民企合作, 改制前是国企: an employer wished for, worked with, or of another time."""
    lead = notes.text[max(0, token.start - 10) : token.start]
    return bool(_WISHED.search(lead) or _COMPANY.search(lead + "|" + notes.text[token.end : token.end + 6])) or bool(
        _MISSED.match(notes.text, token.end)
    )


def _settle_sector(notes: Notes, found: list[tuple[Token, str]]) -> None:
    lasting = [(t, v) for t, v in found if v != "government"] if notes.standing("move") else found
    notes.one_of("sector", lasting or found)


def _name_of_place(notes: Notes, i: int) -> bool:
    """机关 and 政府 inside a longer name (机关幼儿园) say nothing of the person's own employer."""
    token = notes.tokens[i]
    if token.senses.get("sector") != "government" or "公务员" in token.text:
        return False
    ahead = notes.tokens[i + 1] if i + 1 < len(notes.tokens) else None
    return ahead is not None and (ahead.kind == "other" or ahead.is_("sector") or ahead.is_("place"))


def _elsewhere(notes: Notes, token: Token) -> bool:
    """离苏木不远, 管着12个乡镇, 老家是嘎查的, 乡镇附近, 苏木来的病人: a place that is named, not worked in."""
    lead = notes.text[max(0, token.start - 10) : token.start]
    return bool(_NAMED_BEFORE.search(lead) or _WISHED.search(lead) or _NAMED_BEHIND.match(notes.text, token.end))


def read_place(notes: Notes) -> None:
    """`grassroots` (苏木乡镇、嘎查村), `unit_scope`, `school_teacher`, `highly_skilled`."""
    said = [t for t in notes.standing("place") if t.is_("place", "grassroots")]
    yes = [t for t in said if not _elsewhere(notes, t) and plainly_own(notes, t)]
    denied = [t for t in notes.words_of("place") if t.negated and not t.off and not t.is_("place", "none")]
    asked = [t for t in notes.standing("place") if t.is_("place", "ask")] + [t for t in said if t not in yes]
    left = [t for t in notes.words_of("place") if t.past and t.is_("place", "grassroots")]
    if yes and not denied:
        notes.put("grassroots", True, yes[0].text)
    elif denied and not yes:
        notes.put("grassroots", False, denied[0].text)
    elif yes and denied:
        last = max(yes + denied, key=lambda t: t.start)
        notes.put("grassroots", last in yes, last.text)
    elif asked:
        notes.doubt("grassroots", asked[0].text, "unclear_place", {"said": asked[0].text})
    elif left:
        notes.deny("grassroots", "true")
    for kind, fact, word, value in (
        ("scope", "unit_scope", "region", "region"),
        ("scope", "unit_scope", "league", "league"),
        ("teacher", "school_teacher", "school", True),
        ("skilled", "highly_skilled", "yes", True),
    ):
        there = [t for t in notes.standing(kind) if t.is_(kind, word)]
        if there and fact not in notes.facts:
            notes.put(fact, value, there[0].text)
        elif value is True and any(t.negated and t.is_(kind, word) and not t.off for t in notes.words_of(kind)):
            notes.put(fact, False, word)


def employer_before(notes: Notes) -> bool:
    """True where a party or government office is named as where the person came from."""
    for i, token in notes.indexed("sector"):
        if token.is_("sector", "government") and not token.off and not token.negated:
            ahead = significant(notes.tokens, i, 1)
            if token.past or (ahead is not None and ahead.is_("move", "verb")):
                return True
    return False
