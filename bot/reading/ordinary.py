"""Whether a message says, among other things, that nothing special applies: 没有特殊情况, 以上都没有."""

from __future__ import annotations

import re

from bot.reading.lexing.normalise import normalise

_NOTHING = re.compile(
    r"(?:没有?|无|没啥|没甚)(?:什么|啥|甚|任何|其他|其它|别的|另外的)?特殊(?:的|情况)?"
    r"|(?:以上|上面|上述|这些|那些)(?:情况|几种|几条)?(?:都|全|一个也|一样也)(?:没有|不是|没|不符合|不沾)"
)


def nothing_special(text: str) -> bool:
    """Whether somebody says that no special circumstance applies to them; a question about it does not."""
    normal = normalise(text)
    found = _NOTHING.search(normal)
    return found is not None and not re.match(r"[吗么嘛?？]", normal[found.end() :])
