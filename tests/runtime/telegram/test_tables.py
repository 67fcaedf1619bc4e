"""How tables arrive: in columns, as Telegram's own, as pictures with a file, and with every sign of their cells."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.records import JsonValue
from evals.world.bot_api.people import rich_text
from evals.world.bot_api.rich import read_rich
from runtime.telegram.outgoing import Message
from runtime.telegram.sheets import Sheet, as_csv, sheet_of
from runtime.telegram.table_messages import Looks, tells, without_rich
from runtime.telegram.tables import WIDTH, Table, Tier, as_html, as_records, in_columns, tier_of
from tools.telling import as_table

AT = datetime(2026, 11, 27, 12, 30, 5, tzinfo=UTC)
RICH, DRAWN = Looks(True, AT), Looks(False, AT)
CELLS = [
    "a|b",
    "<LOD>",
    "a & b",
    "*x*",
    "**2**",
    "`q`",
    "_m_",
    "&lt;",
    "[0-9]*",
    "😀👩🏽‍🔬",
    "وزن",
    "漢字",
    "$5$",
    "1e-300",
    "\\|",
    "#1",
    "@me",
]


def table(n_columns: int, n_rows: int, cell: str = "12345.678") -> Table:
    head = tuple(f"column_{at}" for at in range(n_columns))
    return Table(head=head, rows=tuple((cell,) * n_columns for _ in range(n_rows)))


def rows_of(message: Message) -> list[list[str]]:
    """The cells that a client shows of a rich message, as the strict server has read them."""
    assert message.table is not None
    shown = read_rich({"html": as_html(message.table, message.text), "skip_entity_detection": True}, [])
    return [line.split("\t") for line in rich_text(shown).split("\n")]


def read_csv(message: Message) -> list[list[str]]:
    assert message.sheet is not None
    return list(csv.reader(io.StringIO(as_csv(message.sheet).decode())))


@pytest.mark.parametrize(
    ("shown", "wants_rich", "tier"),
    [
        (table(2, 40), True, Tier.FIXED),
        (table(2, 41), True, Tier.RICH),
        (table(20, 3), True, Tier.RICH),
        (table(20, 3), False, Tier.PICTURE),
        (table(21, 4), True, Tier.PICTURE),
        (table(6, 101), True, Tier.PICTURE),
        (table(20, 100, "x" * 20), True, Tier.PICTURE),
        (table(6, 1), True, Tier.FIXED),
        (table(6, 3), True, Tier.RICH),
        (table(6, 9, "漢字"), False, Tier.RECORDS),
        (Table(head=("a", "b"), rows=(("وزن", "1"),)), True, Tier.RICH),
        (Table(head=("a", "b"), rows=(("وزن", "1"),)), False, Tier.PICTURE),
        (Table(head=("a", "b"), rows=()), True, Tier.RICH),
    ],
)
def test_one_rule_says_how_a_table_is_shown(shown: Table, wants_rich: bool, tier: Tier) -> None:
    assert tier_of(shown, wants_rich) is tier


def test_columns_are_as_wide_as_they_look() -> None:
    shown = in_columns(Table(head=("name", "n"), rows=(("漢字", "5"), ("e\u0301t", "1,000"), ("👩🏽‍🔬", "< 1e-9"))))
    assert shown is not None
    assert [cell_len(line) for line in shown.split("\n")] == [12] * 5


def test_a_few_wide_rows_become_columns() -> None:
    shown = in_columns(
        Table(
            head=("group", "n", "missing", "mean", "sd"),
            rows=(("Adelie", "151", "1", "3700.6623", "458.57"), ("Gentoo", "123", "0", "5076.02", "504.12")),
        )
    )
    assert shown is not None
    assert shown.split("\n") == [
        "group       Adelie   Gentoo",
        "n              151      123",
        "missing          1        0",
        "mean     3700.6623  5076.02",
        "sd          458.57   504.12",
    ]


@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=3, max_size=3), min_size=1, max_size=45))
def test_no_line_in_columns_is_broken_by_a_phone(rows: list[list[str]]) -> None:
    shown = in_columns(Table(head=("a", "b", "c"), rows=tuple(map(tuple, rows))))
    assert shown is None or max(map(cell_len, shown.split("\n"))) <= WIDTH


@given(
    st.lists(
        st.lists(
            st.sampled_from(CELLS) | st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n"), max_size=12),
            min_size=4,
            max_size=4,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_sign_of_a_cell_is_in_a_rich_message(rows: list[list[str]]) -> None:
    shown = Table(head=("name", "x<y", "a|b", "p & q"), rows=tuple(map(tuple, rows)))
    assert rows_of(Message(kind="table", table=shown)) == [list(shown.head), *rows]


def test_a_line_end_in_a_cell_is_one_in_a_rich_message() -> None:
    assert "two<br>lines" in as_html(Table(head=("a",), rows=(("two\nlines",),)))


def test_numbers_stand_to_the_right() -> None:
    html = as_html(Table(head=("term", "p"), rows=(("x", "< 1e-9"), ("y", "–"))))
    assert '<th>term</th><th align="right">p</th>' in html
    assert '<td>x</td><td align="right">&lt; 1e-9</td>' in html


def test_a_small_table_stands_among_the_words_and_a_wide_one_between_them() -> None:
    small = "| a | b |\n|---|---|\n| 1 | 2 |"
    wide = "| " + " | ".join(f"column_{n}" for n in range(9)) + " |\n|" + "---|" * 9 + 4 * ("\n| " + "x<1 | " * 9)
    messages = tells(f"One:\n\n{small}\n\nTwo:\n\n{wide}\n\nThree.", [], RICH)
    assert [message.kind for message in messages] == ["text", "table", "text"]
    assert messages[0].text == "One:\n\na  b\n----\n1  2\n\nTwo:"
    assert [kind for kind, *_ in messages[0].entities] == ["pre"]
    assert rows_of(messages[1])[1] == ["x<1"] * 9
    assert messages[2].text == "Three."


ROWS: list[dict[str, JsonValue]] = [
    {"species": f"kind {n}", "mean_of_a_long_name": n / 7, "n": n, "p": 1e-300, "odd": [1, 2]} for n in range(45)
]


def test_the_file_has_every_row_and_full_numbers() -> None:
    told = as_table(
        ["species", "mean_of_a_long_name", "n", "p"],
        [[row[k] for k in ("species", "mean_of_a_long_name", "n", "p")] for row in ROWS],
    )
    messages = tells(told, [{"other": 1}, {"found": {"rows": [*ROWS]}}], RICH, "query")
    assert [message.kind for message in messages] == ["table", "text", "csv"]
    assert messages[1].text == "… and 15 more rows."
    assert messages[2].name == "query_20261127_123005.csv"
    head, *rows = read_csv(messages[2])
    assert head == ["species", "mean_of_a_long_name", "n", "p", "odd"]
    assert [float(row[1]) for row in rows] == [n / 7 for n in range(45)]
    assert rows[3] == ["kind 3", repr(3 / 7), "3", "1e-300", "[1, 2]"]
    assert messages[2].text == "The table as a file: 45 rows, numbers in full."


def test_rows_that_the_tool_left_out_are_counted() -> None:
    found: dict[str, JsonValue] = {"columns": ["a"], "rows": [[1], [2]], "total": 7, "truncated": True}
    assert sheet_of(Table(head=("a",), rows=(("1",), ("2",))), [found]) == Sheet(
        head=("a",), rows=((1,), (2,)), left_out=5
    )


def test_a_table_of_other_columns_is_its_own_file() -> None:
    shown = Table(head=("x", "r"), rows=(("a", "0.5"),))
    assert sheet_of(shown, [{"rows": [*ROWS]}]) == Sheet(head=("x", "r"), rows=(("a", "0.5"),))


def test_no_cell_of_a_file_is_run_by_a_spreadsheet() -> None:
    sheet = Sheet(head=("=1+1", "b", "b"), rows=(("=cmd|'x'!A1", -0.5, None), ("-5", True, 'a,"b"\nc')))
    assert list(csv.reader(io.StringIO(as_csv(sheet).decode()))) == [
        ["'=1+1", "b", "b"],
        ["'=cmd|'x'!A1", "-0.5", ""],
        ["-5", "True", 'a,"b"\nc'],
    ]


def test_who_wants_no_rich_tables_gets_a_picture_and_a_file() -> None:
    told = as_table([f"column_{n}" for n in range(9)], [[n / 3] * 9 for n in range(5)])
    pictures, file = tells(told, [], DRAWN)
    assert (pictures.kind, file.kind) == ("pictures", "csv")
    assert len(read_csv(file)) == 6


def test_a_rich_table_that_a_server_does_not_know_is_a_picture_and_a_file_once() -> None:
    told = as_table([f"column_{n}" for n in range(9)], [[n / 3] * 9 for n in range(5)])
    [message] = tells(told, [], RICH)
    assert [one.kind for one in without_rich(message)] == ["pictures", "csv"]
    long = tells(
        as_table(["species", "n", "p"], [[r["species"], r["n"], "x" * 30] for r in ROWS]),
        [{"found": [*ROWS]}],
        RICH,
    )
    assert [one.kind for one in long] == ["table", "text", "csv"]
    assert [one.kind for one in without_rich(long[0])] == ["pictures"]


def test_of_many_records_the_first_are_told_and_the_rest_counted() -> None:
    told = as_records(table(3, 25, "漢"))
    assert told.count("column_0: 漢") == 10
    assert told.endswith("… and 15 more rows, in the file.")
