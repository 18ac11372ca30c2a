"""Whether a piece of a message asks something, as opposed to telling a fact of the asker."""

from __future__ import annotations

import re


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


_FORGOTTEN = "忘|记不|不记得|不知道|不清楚|没注意|想不起|没数|不确定|说不准|搞不清|没印象"

# A question word that does not ask; taken out before anything else is looked for.
_NOT_ASKED = _any(
    rf"(?:{_FORGOTTEN})[^,。;?]{{0,8}}?(?:多少|几|哪|(?<!是)什么|(?<!是)啥|谁|没)[^,。;?]{{0,3}}",  # 忘了学了多少
    rf"(?:几|多少|哪)[^,。;?]{{0,6}}(?:{_FORGOTTEN})了?",  # 专业几个记不清了
    r"[一二三四五六七八九十百千]几|\d几(?!月|号|天)|(?<![第要求得是])几[十百]",  # 三十几, 几十个
    r"(?:[好没头这那过]|(?<![班提])前|(?<![要求看])近)几|几乎",  # 好几年, 前几年
    r"没啥|没什么|没多少|不怎么|(?:什么|啥|甚)(?:都|也)(?:没有?)?|怎么也|怎么都没|差不多|不少于|不少|不多",
    r"不(?P<no>.)不(?P=no)|[哦噢喔嗯呃额哎是啊]不$",  # 不对不对, 哦不: corrections
    r"还是(?=没|不|老样|那样|学|只)|(?<=[需业求准都直])还是(?=\d)|还是.*(?:来着|没想好|再说)|来着",  # 还是没学
    r"为(?:什么|啥|何)要?问",  # about our own question
)
_ASKS = _any(
    r"\?|吗|嘛|什么|啥|甚(?!至)|咋|怎|如何|多少|多久|多长|多大|多会|多暂|多钱|几|哪|谁|何时|何地|为何|何处",
    r"(?P<verb>[\u4e00-\u9fff])(?:不|没)(?P=verb)|可不可以|应不应|需不需|值不值|作不作|属不属",
    r"是否|能否|可否|有无|请问|想问|问一下|问下|问个|咨询|求助|想知道|想了解|想查|想看看?|不明白|不懂|分不清|弄不清",
    r"讲讲|说说|讲个|介绍|解释|区别|意思|发我|发给我|发一下|发个|告诉我|告知|给我|麻烦|帮我|帮忙|查一下|查下|查查|看一下|看看",
    r"[了来]没有?呢$|[说查看讲发弄问算]一下$|学时改一下$",
    # Something does not work: a complaint is a question.
    r"打不开|登不|登录不|登陆不|注册不|进不去|进不来|上不去|闪退|卡死|卡住|卡顿|太卡|老卡|黑屏|白屏|看不了|看不到|播不|播放不",
    r"收不到|打不出|打印不|找不到|查不到|用不了|点不|没反应|没声音|不显示|没显示|没记录|不动|报错|出错|不通过|不及格|失败",
    r"忘记密码|密码忘|忘了密码|忘密码|改密码|不会用|不会弄|不会操作",
    r"[登打进上下看播放传注录点刷加连弄交搜]不(?:了|出来?|上去?|进去?|开|动|到|成|通)",
    r"(?:审验卡|卡上|信息库|平台上|网上)[^,。?]{0,8}(?:没|少|错|不)",
    r"(?:卡|名字|姓名|信息|类别|网|平台|照片|单位)[^,。?]{0,9}(?:错了|写错|弄错|不对|对不上|有误|少了|缺了)",
    r"没(?:有?我的?|我)(?:的|任何)?(?:数据|学时|记录|名字|信息)|(?:学|看|听)完了?[^,。?]{0,4}没有?学时",  # 单位说没我数据
    # A heading: 正高学时要求, 客服电话.
    r"(?<!符合)(?<!达到)(?<!满足)(?<![没有的])(?:要求|规定|政策|标准|流程|步骤|条件|费用|办法|收费|学时数|时间|日期|期限|名单|内容)$|列出来|列一下",
    r"(?:电话|客服|热线|座机|手机号|联系方式|网址|链接|邮箱|文号|号码)(?!是?\d)|[^,。]还是[^,。]",
)
_ENDS = _any(
    r"[^也都还就偏从绝并又]不$",  # 能评不
    r"(?<![年月天都还也就一])没有?$",  # 出了没
    r"(?<!算了)(?<![样走来好])吧$|么$|呗$|也得.*啊$",
)
_FOLLOW = re.compile(r"^.{1,12}呢$")  # 那国企呢
_STATEMENT_END = _any(
    r"(?:还没|才|还在|都|没|只).{0,8}呢$", r"^没有?$", r"学时没$", r"不是?么$", rf"^(?:{_FORGOTTEN}).*呢$"
)
_WANTS_RESULT = _any(
    r"(?:差|缺|欠)我?(?:多少|几(?!个?(?:学时)?(?:能|可以|行|也|就|怎么|咋|影响))|了?哪|不差|啥)",
    r"^够不够$|(?:学时|我|今年|三年)够不够|(?:^|我|学时|今年|一共)学?够了?[吗么没不]$|达标了?[没吗]|达没达|还[要得](?:学|补)(?:多少|几)",
    r"(?:帮|(?<!不)给(?!不)|替)[^,。]{1,5}(?:算|核算|问问|看看$|看一?下$|瞧瞧$|看看?我?能[免减])|^算(?:一下|算|一算)",
    r"(?:我的|看看|给我)[^,。]{0,3}结果",
    r"能评[不吗上]|能报[不吗]|能不能[评报](?!职称)|可以[评报].{0,4}吗|[我俺](?:能|可以|该)?[免减](?:多少|几)",
)
# 怎么看够不够: where to look; 小张够没: a person's record, which we cannot see.
_NOT_OURS = re.compile(r"怎么看|咋看|怎么查|咋查|[在去上从]哪|[老小][王李张刘陈赵孙周吴郑杨马]|张三|李四")

_PIECES = re.compile(r"[,。;!、\s]+")
_MY_YEAR = re.compile(r"(?:今年|去年|前年|\d\d年).*(?:咋办|怎么办|咋整|咋弄|怎么弄)$")  # 今年公需30专业没学够咋办
_MYSELF = re.compile(r"[我俺咱]|本人")


def asks(text: str) -> bool:
    """Whether the piece of text (plain, as the index cuts it) asks something."""
    left = _NOT_ASKED.sub("", text)
    if _ASKS.search(left):
        return True
    if _STATEMENT_END.search(left):
        return False
    return bool(_ENDS.search(left) or _FOLLOW.search(left))


def wants_result(text: str) -> bool:
    """Whether it asks for the asker's own computation (还差多少, 够不够), which no fixed answer can give."""
    return bool(_WANTS_RESULT.search(text)) and not _NOT_OURS.search(text)


def general(text: str) -> tuple[str, ...]:
    """The pieces that ask about people in general: what stands in 女的50岁就可以还是得55 tells no age of the asker."""
    asking = (piece for piece in _PIECES.split(text) if asks(piece))
    return tuple(piece for piece in asking if not _MYSELF.search(piece) and not _MY_YEAR.search(piece))
