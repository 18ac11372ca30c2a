"""Messages that invite too much: people by seed who say something near a relief, and what must not be taken from it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

_PRIVATE = ["私立医院", "民营医院", "私企", "民营企业", "民办学校", "私立学校", "个体诊所", "私人公司"]
_TOWN = ["乡卫生院", "镇中学", "苏木卫生院", "嘎查", "乡镇", "镇上", "村小学", "苏木"]
_KIN = ["老婆", "孩子", "我妈", "爱人", "我姐", "儿子", "我弟", "对象", "闺女", "丈夫"]
_LEVELS = ["副高", "中级", "正高", "初级"]
_SEAT = [
    "赛罕区",
    "托克托县",
    "土默特左旗",
    "武川县",
    "固阳县",
    "达茂旗",
    "海勃湾区",
    "红山区",
    "宁城县",
    "敖汉旗",
    "开鲁县",
    "奈曼旗",
    "东胜区",
    "准格尔旗",
    "阿荣旗",
    "满洲里市",
    "磴口县",
    "五原县",
    "化德县",
    "丰镇市",
    "丰镇",
    "四子王旗",
    "突泉县",
    "扎赉特旗",
    "多伦县",
    "镶黄旗",
    "太仆寺旗",
    "额济纳旗",
    "霍林郭勒市",
    "县",
    "旗",
    "市",
    "区",
]
_UNITS = [
    "医院",
    "中学",
    "小学",
    "卫生院",
    "农技站",
    "企业",
    "中心卫生院",
    "中心校",
    "兽医站",
    "文化站",
    "市立医院",
    "石油企业",
    "人民医院",
]
_YEARS = (2021, 2022, 2023, 2024, 2025)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A message, and the paths that nothing may be set under: a fact, a cell (`history.2025`), or `age`."""

    text: str
    never: tuple[str, ...]
    kind: str


def _employer(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    word, fact = rng.choice([(rng.choice(_PRIVATE), "sector"), (rng.choice(_TOWN), "grassroots")])
    frames = [
        "{kin}在{x}", "{kin}是{x}的", "我以前在{x}干过", "以前在{x}，现在调走了", "我周末去{x}兼职", "去{x}看过病", "我在{x}实习过", "孩子在{x}上学", "给{x}做项目",
        "毕业后先在{x}待了两年", "我们跟{x}合作", "我们单位对面是{x}", "{kin}开{x}", "想去{x}上班", "我下乡去过{x}", "我原单位是{x}", "业余时间在{x}坐诊", "从{x}辞职出来的",
        "我是管{x}的", "在{x}对口支援过", "差点去了{x}", "{x}请我去讲课", "去{x}检查工作", "我爸退休前在{x}", "帮{x}代课", "我们科和{x}一样忙", "要是去{x}呢", "听说{x}不用学",
        "被借调到{x}半年", "第一份工作在{x}", "客户是{x}", "老家那边的{x}", "听说{x}不看学时", "{x}来的病人多", "我同学在{x}",
    ]  # fmt: skip
    return rng.choice(frames).format(x=word, kin=rng.choice(_KIN)), (fact,)


def _suffix(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    where = rng.choice(_SEAT) + rng.choice(_UNITS)
    return rng.choice(["我在{}上班", "{}", "{}的", "单位是{}", "我们{}"]).format(where), ("sector", "grassroots")


def _counted(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    last = rng.choice([2023, 2024])
    years = list(range(last - rng.randint(1, 3), last + 1))
    named = rng.choice(["、".join, " ".join, "，".join, "和".join])(rng.choice(["{}", "{}年"]).format(y) for y in years)
    if rng.random() < 0.3:
        named = f"{years[0]}{rng.choice(['-', '到', '至'])}{last}"
    count = " 一两三四五"[len(years)] if len(years) > 1 else "两"
    claim = rng.choice(["都学满了", "都达标", "全够", "都齐了", "都学完了", "公需专业都满了"])
    return f"{named}{count}年{claim}", tuple(f"history.{y}" for y in _YEARS if y not in years)


def _limited(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    year = rng.choice([2023, 2024])
    said = rng.choice([str(year), f"{year}年", {2023: "前年", 2024: "去年"}[year]])
    category, name = rng.choice([("general", "公需"), ("professional", "专业"), ("", "")])
    claim = rng.choice(["三年都学满了", "近三年都够", "每年都达标", "2023到2025都齐了", "这三年全学完了"])
    what = said + ("的" if rng.random() < 0.4 and name else "") + name
    frames = [
        "{c}，除了{w}", "除了{w}，{c}", "{c}，{w}除外", "{c}，但{w}没核定", "{c}，就差{w}没审验", "{c}，就是{w}的没认", "{c}，{w}没够", "{c}，可是{w}没学满",
        "{c}，{w}不算", "{c}，唯独{w}没学", "{c}，只是{w}还差点", "除{w}外{c}", "{c}，{w}没录上", "{c}，不过{w}还没审下来",
    ]  # fmt: skip
    return rng.choice(frames).format(c=claim, w=what), (
        f"history.{year}" + (f".{category}" if category else "") + ">0",
    )


def _owned(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    number = rng.choice([45, 50, 52, 55, 60])
    sex = rng.choice(["男", "女"])
    frames = [
        "25年{n} {s}", "专业 23年 60 24年 60 25年 {n} {s}", "去年60今年{n} {s}", "公需30 专业{n} {s}", "今年满{n} {s}", "今年就满{n}了 {s}的", "{s} 虚岁{n}", "{s} 快{n}了",
        "{s} 明年{n}", "要求{n}岁 {s}", "我爸{n}", "{s}的{n}退休", "2025年专业{n} {s}", "不到{n} {s}", "{s} 下个月{n}", "{s} 农历{y}年八月生", "我老婆{n}岁", "{s} 去年学了{n}",
    ]  # fmt: skip
    return rng.choice(frames).format(n=number, s=sex, y=2025 - number), ("age", "birth")


def _special(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    return rng.choice([
        ("导师有博士后基金，我是他学生", ("postdoc",)), ("想申请博士后基金", ("postdoc.grant",)), ("我老公从市政府转到医院的，2024年5月", ("transfer",)),
        ("破格是啥条件", ("route",)), ("不是破格", ("route",)), ("能破格吗", ("route",)), ("要是破格呢", ("route",)), ("想调到乡镇", ("grassroots",)), ("下乡驻村两年", ("grassroots",)),
        ("疫情那几年在一线，没开证明", ("epidemic_years",)), ("2021年抗疫，没有认定", ("epidemic_years",)), ("准备从机关转到学校", ("transfer",)), ("一建还差一门没过", ("exam_years",)),
        ("身份证1975年11月，档案1975年8月", ("birth",)), ("旧历75年8月15", ("birth",)), ("民办非企业单位", ("sector",)), ("集体企业", ("sector",)), ("社会团体的", ("sector",)),
        ("混合所有制", ("sector",)), ("县医院的", ("grassroots",)), ("没在苏木待过", ("grassroots=True",)),
    ])  # fmt: skip


def _not_plainly_full(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """Other hours, other people's, a sum, a condition, a hope, hearsay, or something behind it that takes it back."""
    span = rng.choice(["三年", "近三年", "每年", "这三年", "2023到2025年"])
    full = rng.choice(["都学满了", "都够了", "都学完了", "都完成了", "全达标", "都修满了"])
    frames = [
        "{kind}{span}{full}", "{span}{kind}{full}", "{who}{span}{full}", "{span}{sum}{done}", "{span}{full}{if_}", "{hope}{span}{full}", "{span}{full}，{after}", "{span}{full}{after}",
        "{span}年度考核都合格", "{span}都合格", "{span}学分{full}", "{said}{span}{full}", "{said}，{span}{full}",
    ]  # fmt: skip
    return rng.choice(frames).format(
        span=span, full=full,
        kind=rng.choice(["会计继续教育", "党员学习", "普法学习", "安全培训", "学习强国", "教师培训", "挂机", "代刷", "护士学分", "党课"]),
        who=rng.choice(["我们单位的人", "大家", "别人", "同事", "科里的人", "除了我其他人"]),
        sum=rng.choice(["一共", "加起来", "总共", "合计", "平均"]), done=rng.choice(["学满了", "够了", "学够了"]),
        if_=rng.choice(["才能报", "就能报吗", "才行吧", "的话", "就可以了吧", "才给报"]),
        hope=rng.choice(["我以为", "应该", "按理说", "争取", "打算", "要求", "必须", "希望", "好像", "没有"]),
        after=rng.choice(["后来清零了", "但没上传", "在外省学的", "可是没核定", "没认", "应该吧", "好像", "都是买的"]),
        said=rng.choice(["单位说", "人事说", "听说", "系统管理员说", "领导说"]),
    ), ("history>0",)  # fmt: skip


def _half_said(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """A birthday to come, a job half left, a place that is not quite one."""
    age, town, firm = rng.choice([50, 55, 45]), rng.choice(_TOWN), rng.choice(_PRIVATE)
    return rng.choice([
        (f"{age}，还没过生日", ("age",)), (f"{age}岁 生日还没到", ("age",)), (f"再有一年{age}", (f"age={age}",)), (f"大概{age}", ("age",)),
        (f"我和我爱人都{age}", ("age",)), (f"编制在旗医院，在{town}上班", ("grassroots=True",)), (f"人在{town}，编制在县医院", ("grassroots=True",)), (f"{town}人", ("grassroots=True",)),
        (f"住在{town}", ("grassroots=True",)), (f"城关镇{rng.choice(_UNITS[1:4])}", ("grassroots=True",)), (f"证挂在{firm}", ("sector=non_public",)), (f"返聘到{firm}", ("sector=non_public",)),
        (f"{firm}但是国资控股", ("sector=non_public",)), (f"{firm}还是事业单位，我也说不清", ("sector=non_public",)), ("破格行不行", ("route",)), ("领导说可以破格", ("route",)),
        (f"大学生村官，在{town}", ("grassroots=True",)), (f"{town}的，编制在教育局", ("grassroots=True",)), (f"{town}借调到旗里", ("grassroots=True",)), (f"旗里下派到{town}", ("grassroots=True",)),
    ])  # fmt: skip


KINDS: dict[str, Callable[[random.Random], tuple[str, tuple[str, ...]]]] = {
    "another's employer": _employer, "a unit's last word": _suffix, "a count beside years": _counted, "a limited claim": _limited,
    "a number with an owner": _owned, "near a circumstance": _special,
    "not plainly full": _not_plainly_full, "half said": _half_said,
}  # fmt: skip


def invitations(seed: int, count: int) -> list[Invitation]:
    """`count` messages of each kind, the same for the same seed, some with plain facts around them."""
    out = []
    for kind, make in KINDS.items():
        for n in range(count):
            rng = random.Random(f"{seed}/{kind}/{n}")
            text, never = make(rng)
            if rng.random() < 0.4:
                text = rng.choice(
                    ["报{l}，{t}", "{t}，报{l}", "老师您好，{t}", "{t}，还用学吗", "{t} 谢谢", "我报{l} {t}"]
                ).format(t=text, l=rng.choice(_LEVELS))
            out.append(Invitation(text, never, kind))
    return out
