"""Whether a piece of a message asks something, as opposed to telling a fact of the asker."""

from __future__ import annotations

import re

# Where a question word does not ask: 忘了学了多少, 专业几个记不清了, 三十几, 好几年, 没什么.
_NOT_ASKED = re.compile(
    r"(?:忘|记不|不记得|不知道|不清楚|没注意|想不起|没数|不确定|说不准|搞不清|没印象)[^,。;?]{0,8}?(?:多少|几|哪|什么|啥|谁|没)[^,。;?]{0,3}"
    r"|(?:几|多少|哪)[^,。;?]{0,6}(?:忘|记不|不记得|不知道|不清楚|没印象)了?"
    r"|[一二三四五六七八九十百千\d]几|(?<!第)几[十百]|[好没头前这那后过近]几|几乎|没啥|没什么|没多少|不怎么|什么都|啥都|啥也|什么也|甚也|差不多|不少于|不少|不多"
    r"|还是(?=没|不|老样|那样|学|只)|怎么也|怎么都没"
)
_ASKS = re.compile(
    r"\?|吗|嘛|什么|啥|甚(?!至)|咋|怎|如何|多少|多久|多长|多大|多会|多暂|几|哪|谁|何时|何地|为何|何处"
    r"|(?P<verb>[\u4e00-\u9fff])(?:不|没)(?P=verb)|可不可以|应不应|需不需|值不值|作不作|属不属"
    r"|是否|能否|可否|有无|请问|想问|问一下|问下|问个|咨询|求助|想知道|想了解|讲讲|说说|讲个|介绍|解释|区别|意思|分不清|弄不清|不明白|不懂|发我|发给我|发一下|发个|告诉我|告知|给我"
    r"|麻烦|帮我|帮忙|查一下|查下|查查|看一下|看看|打不开|登不|登录不|登陆不|进不去|进不来|上不去|闪退|卡死|卡住|卡顿|太卡|老卡|黑屏|白屏|看不了|看不到|播不|播放不|收不到"
    r"|打不出|打印不|找不到|查不到|用不了|点不|没反应|没声音|不显示|没显示|没记录|不动|报错|出错|有误|错了|不对|不通过|不及格|忘记密码|密码忘|忘了密码|忘密码|改密码|不会用|不会弄|不会操作"
    r"|(?:电话|客服|热线|网址|链接|邮箱|文号|号码)(?!是?\d)|[^,。]还是[^,。]"
)
_ENDS = re.compile(r"[^也都还就偏从绝并又]不$|(?<![年月天都还也就一])没有?$|(?:行|可以|对|是|够|算|能|没事)吧$|么$|呗$")
_FOLLOW = re.compile(r"^.{1,12}呢$")
_STATEMENT_END = re.compile(r"(?:还没|才|还在|都|没|只).{0,8}呢$|^没有?$|学时没$|不是?么$")
_WANTS_RESULT = re.compile(
    r"(?:我|俺|咱|现在|一共|总共|目前)?(?:还|到底|究竟)?(?:差|缺|欠)(?:我)?(?:多少|几|了?哪|不差|啥)|(?:学时|我|今年|三年)够不够|我?够了?[吗么没不]$|达标了?[没吗]|达没达|还[要得](?:学|补)(?:多少|几)"
    r"|(?:帮我|给我|替我)(?:算|核算)|^算(?:一下|算|一算)|能评[不吗上]|能报[不吗]|能不能[评报](?!职称)|可以[评报].{0,4}吗|(?:我|俺)(?:能|可以|该)?(?:免|减)(?:多少|几)"
)


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
    return bool(_WANTS_RESULT.search(text))
