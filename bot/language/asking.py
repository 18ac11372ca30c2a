"""Whether a piece of a message asks something, as opposed to telling a fact of the asker."""

from __future__ import annotations

import re

# Words in which a question word does not ask: 忘了学了多少, 不知道哪年, 三十几, 没什么.
_NOT_ASKED = re.compile(
    r"(?:忘|记不|不记得|不知道|不清楚|没注意|想不起|没数|不确定|说不准|搞不清)[^,。;?]{0,8}?(?:多少|几|哪|什么|啥|谁|没)[^,。;?]{0,3}"
    r"|[一二三四五六七八九十百\d]几|几[十百]|好几|没几|没啥|没什么|不怎么|什么都|啥都|啥也|什么也|甚也|多少[学有]了?[点些]|差不多|不少|不多"
)
_ASKS = re.compile(
    r"\?|吗|嘛|什么|啥|甚(?!至)|咋|怎|如何|多少|多久|多长|多大|多会|几时|几[个年学月号点天块岁门周种类次分位项]|第几|哪|谁|何时|何地|为何"
    r"|(?P<verb>[能算行要是用有会认看可给补学报够让准成管评免减让])(?:不|没)(?P=verb)|可不可以|应不应|需不需|值不值|作不作|合不合|属不属"
    r"|是否|能否|可否|有无|请问|想问|问一下|问下|问个|咨询|求助|想知道|想了解|讲讲|说说|介绍|解释|区别|意思|发我|发给我|告诉我|告知|给我(?!们)"
    r"|麻烦|帮我|帮忙|打不开|登不|登录不|进不去|进不来|上不去|闪退|卡死|卡住|卡顿|黑屏|白屏|看不了|看不到|播不|播放不|收不到|打不出|打印不|找不到|查不到"
    r"|(?:电话|客服|热线|网址|链接|邮箱|文号|号码)(?!是?\d)|是.{1,9}还是"
    r"|没反应|没声音|不显示|没显示|没记录|不动了|报错|出错|有误|错了|忘记密码|密码忘|忘了密码|忘密码|改密码|不会用|不会弄|不会操作|看不懂|搞不懂"
)
_ENDS = re.compile(
    r"(?:[行能算要是用有会认看可给补学报够让准成管评免减]|需要|可以|影响|限制|要求|需)不$|(?:了|过|有|涨|出|到账|下来)没有?$|没有$(?<=[了过]没有)|不行?$(?<=[需用]不)|[么不]$"
)
_FOLLOW = re.compile(r"^.{1,12}呢$")
_STATEMENT_END = re.compile(r"(?:还没|才|还在|都|没).{0,8}呢$")
_WANTS_RESULT = re.compile(
    r"(?:我|俺|咱|现在|一共|总共|总|目前)?(?:还|到底)?(?:差|缺|欠)(?:我)?(?:多少|几|了?哪|不差|啥)|够不够|够了?[吗么没不]$|达标了?[没吗]|达没达|还要(?:学|补)(?:多少|几)"
    r"|(?:帮我|给我|替我)?(?:算一?算|算一?下|核算)(?!不|吗)|能评[不吗上]|能报[不吗]|能不能[评报]|可以[评报].{0,4}吗|(?:我|俺)(?:能|可以|该)?(?:免|减)(?:多少|几)"
)


def asks(text: str) -> bool:
    """Whether the piece of text (normalised, lower case, without its punctuation but for ?) asks something."""
    left = _NOT_ASKED.sub("", text)
    if _ASKS.search(left) or _ENDS.search(left):
        return True
    return bool(_FOLLOW.search(left)) and not _STATEMENT_END.search(left)


def wants_result(text: str) -> bool:
    """Whether it asks for the asker's own computation (还差多少, 够不够), which no fixed answer can give."""
    return bool(_WANTS_RESULT.search(text))
