"""A file of any kind that offices have, under any name, opened as sheets of plain cells."""

from __future__ import annotations

import csv
import email
import io
import re
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

from bot.roster.cells import choice
from bot.roster.grid import Row, Sheet, UnreadableRoster, letters_index, measured, plain_cell
from bot.roster.markup import html, open_document, tree_of, xml_2003

BOOKS = frozenset(
    (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".fods", ".et", ".xml", ".htm", ".html", ".mht", ".mhtml")
)
PLAIN = frozenset((".csv", ".tsv", ".txt"))
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # the part that an office puts a workbook with a password into
_CLOSED = ("title_level", "sector", "sex", "grassroots", "route", "yes_no")  # kinds of cells of which one word decides
_UNPACKED, _RATIO = (
    4 << 30,
    400,
)  # bytes a workbook may unpack to; times it may grow (what offices write grows 5 to 60 times)
_CORNER = re.compile(rb'<(?:\w+:)?dimension ref="[A-Z]+\d+:([A-Z]{1,3})(\d{1,7})"')
_FAR = re.compile(
    rb' r="(?:([A-Z]{3})(\d+)|[A-Z]*(\d{7}))"'
)  # what stands far out, whatever the sheet says of its corner
_SINCE_1904 = re.compile(rb'date1904="(1|true)"')
_TELLING = re.compile("姓名|性别|性別|工号|工號|编号|单位|單位|学时|學時|身份证|身份證|出生|级别|年度")


def open_file(source: Path, called: str = "") -> list[Sheet]:
    """The sheets of a file, also hidden ones. `called`: the name that people know it by.

    Raises: UnreadableRoster, OSError.
    """
    called = called or source.name
    if not source.is_file():
        raise UnreadableRoster(f"找不到文件：{called}")
    content = source.read_bytes()
    if not content.strip(b"\0 \t\r\n"):
        raise UnreadableRoster(f"“{called}”是空的，里面没有内容")
    if content.startswith(_OLE) or zipfile.is_zipfile(io.BytesIO(content)):
        return _book(content, called)
    if content.startswith(b"PK"):
        raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请用表格软件打开后另存为 .xlsx 再试")
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"mime-version:" in head and b"multipart" in head:
        parts = [part for part in email.message_from_bytes(content).walk() if part.get_content_type() == "text/html"]
        pages = [part.get_payload(decode=True) for part in parts]
        sheets = [sheet for page in pages if isinstance(page, bytes) for sheet in html(decode(page), called)]
        return _numbered(sheets)
    text = decode(content)
    beginning = text[:65_536].lower()
    if beginning.lstrip().startswith("<") and ("<table" in beginning or "<?xml" in beginning or "<html" in beginning):
        if "urn:schemas-microsoft-com:office:spreadsheet" in beginning and "<html" not in beginning:
            return [*xml_2003(tree_of(text, called))]
        if "urn:oasis:names:tc:opendocument" in beginning:
            return [*open_document(tree_of(text, called))]
        return _numbered(html(text, called))
    return [_plain(text, called)]


def _numbered(sheets: list[Sheet]) -> list[Sheet]:
    for number, sheet in enumerate(sheets, 1):
        if len(sheets) > 1:
            sheet.name = f"{sheet.name} 表{number}"
    return sheets


# ---------------------------------------------------------------- workbooks


def _book(content: bytes, called: str) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    marks, since_1904, document = _inside(content, called)
    if document is not None:
        return [*open_document(tree_of(document.decode("utf-8", "replace"), called))]
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheets: list[Sheet] = []
            for at, line in enumerate(book.sheets_metadata):
                if line.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_index(at)
                measured(sheet.total_height, sheet.total_width)
                merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or []]
                hidden_rows, unsaid, remarks = marks[len(sheets)] if len(sheets) < len(marks) else (frozenset(), {}, {})
                rows = sheet.to_python(skip_empty_area=False) if sheet.start else []
                for (row, column), text in remarks.items():  # what is remarked on a value is read as written behind it
                    if row < len(rows) and column < len(rows[row]) and (said := _value(rows[row][column])):
                        rows[row][column] = f"{said}（{text}）"
                hidden = line.visible != SheetVisibleEnum.Visible
                sheets.append(Sheet(line.name, rows, merged, hidden, hidden_rows, unsaid, since_1904))
            return sheets
    except (CalamineError, OSError, ValueError) as fault:
        locked = "password" in str(fault).lower() or _LOCKED in content
        why = "文件设了密码，请去掉密码再试" if locked else "文件可能坏了，请用表格软件打开后另存为 .xlsx 再试"
        raise UnreadableRoster(f"打不开“{called}”：{why}") from fault


Marks = list[tuple[frozenset[int], dict[tuple[int, int], str], dict[tuple[int, int], str]]]


def _value(value: object) -> str:
    """A cell that holds a number or a word of a closed list, as it is written; empty for any other, names above all."""
    said = f"{value:g}" if isinstance(value, float) else str(value)
    known = re.search(r"\d", said) or any(choice(kind, said).value is not None for kind in _CLOSED)
    return said if said and known else ""


def _inside(content: bytes, called: str) -> tuple[Marks, bool, bytes | None]:
    """What an archive holds that Calamine does not tell: hidden rows, unsaid cells and remarks a sheet, whether days count from 1904,
    and an OpenDocument's tree where cells are merged or remarked on.
    Refuses what would unpack to something monstrous before anything unpacks it.
    """
    if not content.startswith(b"PK"):
        return [], False, None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > _UNPACKED or (unpacked > 64 << 20 and unpacked > _RATIO * len(content)):
                raise UnreadableRoster(f"“{called}”解开后太大，不像一份花名册")
            if "content.xml" in names:
                tree = archive.read("content.xml")
                return [], False, tree if b"-spanned=" in tree or b"<office:annotation" in tree else None
            numbered = [(re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name), name) for name in names]
            sheets = [name for found, name in sorted(((int(m[1]), n) for m, n in numbered if m)) for name in [name]]
            marks = [(*_marks(archive.read(name), called), _remarks(archive, name)) for name in sheets]
            book = archive.read("xl/workbook.xml") if "xl/workbook.xml" in names else b""
            return marks, _SINCE_1904.search(book) is not None, None
    except (
        zipfile.BadZipFile,
        zlib.error,
        ElementTree.ParseError,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
    ) as fault:
        raise UnreadableRoster(f"打不开“{called}”：文件可能坏了，请另存一份再试") from fault


def _remarks(archive: zipfile.ZipFile, sheet: str) -> dict[tuple[int, int], str]:
    """The remarks on the cells of a sheet, by row and column."""
    linked = sheet.replace("worksheets/", "worksheets/_rels/") + ".rels"
    names = archive.namelist()
    targets = (
        re.findall(rb'Target="(?:\.\./|/xl/)([^"]*comments[^"]*\.xml)"', archive.read(linked))
        if linked in names
        else []
    )
    found: dict[tuple[int, int], str] = {}
    for target in [f"xl/{name.decode()}" for name in targets]:
        xml = archive.read(target) if target in names else b"<none/>"
        if b"<!DOCTYPE" in xml[:1024]:
            continue
        for node in ElementTree.fromstring(xml).iter():
            place = re.fullmatch(r"([A-Z]+)(\d+)", node.get("ref", "")) if node.tag.endswith("}comment") else None
            if place:
                found[int(place[2]) - 1, letters_index(place[1])] = " ".join("".join(node.itertext()).split())
    return found


def _marks(xml: bytes, called: str) -> tuple[frozenset[int], dict[tuple[int, int], str]]:
    if corner := _CORNER.search(xml[:4096]):
        measured(int(corner[2]), letters_index(corner[1].decode()) + 1)
    if far := [*_FAR.finditer(xml)]:
        measured(
            max(int(cell[2] or cell[3]) for cell in far),
            max(letters_index((cell[1] or b"A").decode()) for cell in far) + 1,
        )
    hidden: set[int] = set()
    unsaid: dict[tuple[int, int], str] = {}
    if b"hidden=" not in xml and b't="e"' not in xml and b"<f" not in xml:
        return frozenset(), unsaid
    if b"<!DOCTYPE" in xml[:1024]:
        return frozenset(), unsaid
    try:
        for _, node in ElementTree.iterparse(io.BytesIO(xml)):
            tag = node.tag.rpartition("}")[2]
            if tag == "c":
                parts = {child.tag.rpartition("}")[2]: child.text for child in node}
                place = re.fullmatch(r"([A-Z]+)(\d+)", node.get("r", ""))
                if place and (node.get("t") == "e" or ("f" in parts and not parts.get("v") and "is" not in parts)):
                    at = int(place[2]) - 1, letters_index(place[1])
                    unsaid[at] = (parts.get("v") or "") if node.get("t") == "e" else "公式"
            elif tag == "row":
                if node.get("hidden") in ("1", "true"):
                    hidden.add(int(node.get("r", "0")) - 1)
                node.clear()
    except ElementTree.ParseError:  # Calamine will say what is wrong with it
        return frozenset(), {}
    return frozenset(hidden), unsaid


# ---------------------------------------------------------------- plain text


def _plain(text: str, called: str) -> Sheet:
    # a tab before the mark only keeps a spreadsheet from changing the cell
    lines = [re.sub(r"\t(?=[,;，]|$)", "", line) for line in text[:65_536].splitlines() if line.strip()]
    marks = [mark for mark in ",\t;|，" if any(mark in line for line in lines)]
    # the mark of which at least two lines have most: sentences above a table have commas too, but few
    delimiter = max(marks, key=lambda mark: sorted(line.count(mark) for line in ["", *lines])[-2:], default=",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows: list[Row] = [[plain_cell(cell) for cell in row] for row in reader]
    except csv.Error as fault:  # one quotation mark too many would hide everybody up to the next one
        raise UnreadableRoster(
            f"“{called}”不是合格的 CSV（第 {reader.line_num} 行以前有一个引号不成对），请用表格软件打开后另存为 .xlsx 再试"
        ) from fault
    if len(rows) > 1 and len(rows[0]) == 1 and str(rows[0][0]).lower().startswith("sep="):
        rows[0] = [""]
    while rows and not any(rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    measured(len(rows), width)
    return Sheet(Path(called).stem, [row + [""] * (width - len(row)) for row in rows])


def decode(content: bytes) -> str:
    """Text in UTF-8, GB18030, Big5 or UTF-16, with or without a mark, whichever makes words of a roster.

    Raises: UnreadableRoster.
    """
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    wide = content[:4000].count(b"\0") * 20 > len(content[:4000])
    found = []
    for encoding in (
        ["utf-16"] if marked else ["utf-16-le", "utf-16-be"] if wide else ["utf-8-sig", "gb18030", "big5hkscs"]
    ):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\0") * 100 <= len(text):  # a stray one is dirt, many are another encoding
            found.append(text.replace("\0", ""))
            if _TELLING.search(found[-1][:65_536]):
                return found[-1]
    text = "" if found or marked else content.decode("utf-8-sig", "replace")
    if _TELLING.search(text) and text.count("\ufffd") * 200 < len(text):
        return text
    if not found:
        raise UnreadableRoster("文字编码认不出来，请另存为 .xlsx 或 UTF-8 的 CSV")
    return found[0]
