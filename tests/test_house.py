"""The house rules that a machine can hold: who imports whom, what has a question, which settings are written down."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from bot.asking.open_questions import QUESTIONS
from bot.asking.questionnaire import why, wording
from bot.asking.states import MOVES, diagram
from bot.settings.dotenv import example, table
from bot.telling.rendering import PROMPTS
from rules import ASK_ORDER, load

ROOT = Path(__file__).parent.parent
NOTICE = load().by_id("neimenggu/2025")
OURS = ("rules", "storage", "bot")
STDLIB = sys.stdlib_module_names


@cache
def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it, `from x import y` as x.y too; what is imported for types alone is not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in _outside_type_checking(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                parts = path.relative_to(ROOT).parts[: -node.level]
                module = ".".join((*parts, module)).rstrip(".")
            found |= {module, *(f"{module}.{name.name}" for name in node.names)}
    return found


def _outside_type_checking(node: ast.AST) -> list[ast.AST]:
    inside: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        inside += [child, *_outside_type_checking(child)]
    return inside


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def each(paths: Sequence[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """One test of what must be true of each of these files; it names the file of which it is not."""

    def of(check: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            for path in paths:
                try:
                    check(path)
                except AssertionError as fault:
                    raise AssertionError(f"{path.relative_to(ROOT)}: {fault}") from fault

        return test

    return of


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@each(files("rules"))
def test_the_rules_know_the_standard_library_and_themselves(path: Path) -> None:
    assert roots(path) <= STDLIB | {"rules"}


@each(files("rules"))
def test_the_rules_have_no_clock_no_network_and_no_files_but_their_own(path: Path) -> None:
    assert not roots(path) & {"time", "socket", "urllib", "http", "os", "random"}
    assert ".today(" not in path.read_text(encoding="utf-8").replace("packs.today(", "")


@each(files("storage"))
def test_the_store_knows_no_rules_and_no_channel(path: Path) -> None:
    assert roots(path) <= STDLIB | {"storage", "sqlalchemy", "alembic", "orjson", "cryptography"}


def test_messages_import_nothing_of_ours() -> None:
    assert not roots(ROOT / "bot" / "messages.py") & set(OURS)


@each(files("bot/asking"))
def test_the_interview_knows_no_channel_and_no_store(path: Path) -> None:
    for name in imports(path):
        first, _, rest = name.partition(".")
        assert first in STDLIB | {"bot", "rules", "pydantic"}, name
        assert first != "bot" or not rest or rest.split(".")[0] in {"asking", "reading", "messages"}, name


MAP = {
    "bot.answering": "bot.messages bot.reading rules",
    "bot.app": "bot.answering bot.channels bot.conversation bot.hr bot.lines bot.pages bot.post bot.settings bot.telling bot.upkeep rules storage",
    "bot.asking": "bot.messages bot.reading rules",
    "bot.channels": "bot.messages bot.settings bot.telling",
    "bot.cli": "bot.answering bot.app bot.asking bot.channels bot.commands bot.hr bot.lines bot.policy bot.post bot.reading bot.roster bot.settings bot.upkeep storage",
    "bot.commands": "bot.settings rules storage",
    "bot.conversation": "bot.answering bot.asking bot.messages bot.telling rules storage",
    "bot.hr": "bot.roster storage",
    "bot.lines": "rules",
    "bot.pages": "bot.answering bot.asking bot.channels bot.hr bot.post bot.roster bot.telling rules storage",
    "bot.policy": "bot.commands bot.post bot.roster rules",
    "bot.post": "bot.asking bot.channels bot.commands bot.messages bot.roster bot.settings bot.telling rules storage",
    "bot.roster": "bot.answering bot.reading bot.settings bot.telling rules",
    "bot.settings": "rules",
    "bot.telling": "bot.asking bot.messages bot.settings rules",
    "bot.upkeep": "bot.channels bot.conversation bot.settings rules storage",
}  # fmt: skip


def room(name: str) -> str:
    return ".".join(name.split(".")[: 2 if name.startswith("bot.") else 1])


def test_every_room_knows_what_the_map_allows_it_and_there_is_no_circle() -> None:
    allowed = {name: set(rooms.split()) for name, rooms in MAP.items()}
    for path in files(*OURS):
        here = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name in imports(path):
            there = room(name)
            if there in (here, "bot") or name.split(".")[0] not in OURS or here == "bot.__main__":
                continue
            assert there in allowed.get(here, ()), f"{path.relative_to(ROOT)} imports {name}"
    while allowed:
        free = {name for name, rooms in allowed.items() if not rooms & allowed.keys()}
        assert free, f"a circle among {sorted(allowed)}"
        allowed = {name: rooms for name, rooms in allowed.items() if name not in free}


def test_no_file_needs_itself_whichever_way_round() -> None:
    named = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files(*OURS)
    }
    needs: dict[str, set[str]] = {}
    for name, path in named.items():
        those = (imports(path) & named.keys()) - {name}
        # `from bot import asking` needs asking, and not what else is in bot
        needs[name] = {one for one in those if not any(other.startswith(f"{one}.") for other in those)}
    while needs:
        free = {name for name, those in needs.items() if not those & needs.keys()}
        assert free, f"a circle among {sorted(needs)}"
        needs = {name: those for name, those in needs.items() if name not in free}


def test_the_table_of_rooms_in_the_readme_is_what_they_say_of_themselves() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for home in (*sorted(ROOT.glob("bot/*/__init__.py")), ROOT / "rules/__init__.py", ROOT / "storage/__init__.py"):
        says = (ast.get_docstring(ast.parse(home.read_text(encoding="utf-8"))) or "").splitlines()[0]
        assert f"| `{home.parent.relative_to(ROOT)}/` | {says} |" in text, home


def test_the_product_has_rooms_and_no_loose_files() -> None:
    loose = {path.name for path in (ROOT / "bot").iterdir() if path.is_file()}
    assert loose == {"__init__.py", "__main__.py", "app.py", "cli.py", "messages.py"}


@each(files("bot/reading"))
def test_reading_knows_neither_rules_nor_conversation(path: Path) -> None:
    for name in imports(path):
        first, _, rest = name.partition(".")
        assert first in STDLIB | {"bot", "pypinyin", "rapidfuzz", "opencc", "orjson"}, name
        assert first != "bot" or not rest or rest.split(".")[0] == "reading", name


@each([path for path in files("bot") if "channels" not in path.parts])
def test_only_channels_and_the_root_know_a_platform(path: Path) -> None:
    if path.name in ("app.py", "cli.py") or "post" in path.parts:
        return  # the composition root; the post has providers of its own
    assert not roots(path) & {"aiogram", "telegram", "uvicorn"}


@each(files("bot/channels"))
def test_a_channel_only_translates(path: Path) -> None:
    for name in imports(path):
        assert not name.startswith(("bot.asking", "bot.telling.rendering", "rules.")), name


def test_every_fact_that_can_be_needed_has_a_question() -> None:
    questions = wording().questions
    for name in (*ASK_ORDER, *QUESTIONS):
        assert questions[name].ask, name
        assert why(name, NOTICE), name
        assert questions[name].examples, name


def test_the_example_of_settings_and_the_table_in_the_readme_are_the_registry() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example()
    assert table() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_diagram_in_the_readme_is_the_table_in_the_code() -> None:
    assert diagram() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_move_starts_and_ends_in_a_state_that_exists() -> None:
    states = {state for state, _ in MOVES}
    assert {target for targets in MOVES.values() for target in targets} <= states


def test_every_prompt_has_words() -> None:
    talk = (ROOT / "bot" / "telling" / "templates" / "talk.j2").read_text(encoding="utf-8")
    for name in PROMPTS:
        assert f"macro {name}(" in talk, name


@each(files(*OURS))
def test_a_module_says_what_it_is_for_and_holds_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not text.strip():
        return
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert text.count("\n") <= 560, "too long for one idea"


@each(files(*OURS))
def test_no_function_is_too_long_to_read(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and "versions" not in path.parts:
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno <= 75, f"{node.name} in {path.name}"


def test_no_private_name_or_number_of_the_notice_stands_outside_the_pack() -> None:
    for path in (ROOT / "bot").rglob("*"):
        if path.suffix in (".py", ".toml", ".j2", ".html", ".js", ".json"):
            assert "1384718" not in path.read_text(encoding="utf-8"), path


def test_no_two_classes_have_one_name() -> None:
    found: dict[str, Path] = {}
    for path in files(*OURS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                assert found.setdefault(node.name, path) == path, f"{node.name}: {found[node.name]} and {path}"
