"""CSV files as people have them: encodings, preambles, odd numbers and dates; each repair is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.data.base import DataError, LoadOptions
from adapters.data.duck import DuckData
from evals.world.files import Load, watch


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(load: Load, delimiter: str) -> None:
    dataset = load("d.csv", f"name{delimiter}city\nann{delimiter}rome\n".encode())
    assert [column.name for column in dataset.columns] == ["name", "city"]


def test_a_first_line_of_words_is_the_header_and_one_with_a_number_is_not(load: Load) -> None:
    assert [column.name for column in load("w.csv", b"inf,trt\n1,2\n").columns] == ["inf", "trt"]
    numbers = load("n.csv", b"1,a\n2,b\n")
    assert (numbers.rows, [column.name for column in numbers.columns]) == (2, ["column0", "column1"])
    assert numbers.warnings == ("no header line found: columns are named column0, column1, …",)


@pytest.mark.parametrize(
    ("encoding", "warning"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-le", "zero byte"),
        ("cp1252", "not UTF-8: read as cp1252, a guess; look at line 3"),
    ],
)
def test_an_encoding_is_found_and_said(load: Load, data: DuckData, encoding: str, warning: str | None) -> None:
    content = "name,town\nann,Rom\nbob,Köln – “Süd”\n".encode(encoding)
    if warning == "zero byte":
        with pytest.raises(DataError, match="is a zero byte"):
            load("e.csv", content)
        return
    assert load("e.csv", content).warnings == (() if warning is None else (warning,))
    with data.open("e") as table:
        assert table.fetch("SELECT name, town FROM data") == [("ann", "Rom"), ("bob", "Köln – “Süd”")]


def test_japanese_text_in_shift_jis_is_read(load: Load, data: DuckData) -> None:
    dataset = load("j.csv", "名前,値\n東京,1\n大阪,2\n".encode("shift_jis"))
    assert [column.name for column in dataset.columns] == ["名前", "値"]
    assert dataset.warnings == ("not UTF-8: read as shift_jis, a guess; look at line 1",)


@pytest.mark.parametrize("word", ["Bjärne", "télé", "Zoé", "Åsa", "François"])
def test_a_latin_name_is_not_taken_for_japanese(load: Load, data: DuckData, word: str) -> None:
    load("b.csv", f"name,n\n{word}s,1\n".encode("cp1252"))
    with data.open("b") as table:
        assert table.fetch("SELECT name FROM data") == [(f"{word}s",)]


def test_latin_1_serves_where_windows_has_no_character(load: Load, data: DuckData) -> None:
    load("l.csv", b"a\n\xe9t\x81\n")
    with data.open("l") as table:
        assert table.fetch("SELECT a FROM data") == [("ét\x81",)]


def test_short_rows_are_filled_up_and_counted(load: Load, data: DuckData) -> None:
    dataset = load("short.csv", b"a,b,c\n1,2,3\n4,5\n" + b"1,2,3\n" * 50 + b"7\n")
    assert (dataset.rows, [column.missing for column in dataset.columns]) == (53, [0, 1, 2])
    assert dataset.warnings == ("2 rows are shorter than the header, the first in line 3: what they lack is missing",)
    with data.open("short", "_row = 1") as table:
        assert table.fetch("SELECT a, b, c FROM data") == [(4, 5, None)]


def test_lines_before_the_table_are_left_out_and_said(load: Load) -> None:
    dataset = load("report.csv", b"Sales report\n\nmade 2024-01-02\nname,n,x\nann,1,2.5\nbob,2,3.5\n")
    assert [(column.name, column.type) for column in dataset.columns] == [
        ("name", "text"),
        ("n", "integer"),
        ("x", "number"),
    ]
    assert dataset.rows == 2
    assert dataset.warnings == ("the table begins in line 4; what stands before it is left out ('Sales report', …)",)


def test_one_column_of_sentences_with_commas_is_one_column(load: Load, data: DuckData) -> None:
    load("s.csv", b"name\nSmith, John\nBrown, Ann\n")
    with data.open("s") as table:
        assert table.fetch("SELECT name FROM data") == [("Smith, John",), ("Brown, Ann",)]


def test_a_decimal_comma_does_not_make_the_comma_the_delimiter(load: Load) -> None:
    assert [column.name for column in load("c.csv", b"a;b\n1,5;2,5\n3,5;4,5\n").columns] == ["a", "b"]


def test_empty_and_repeated_names_are_replaced_and_said(load: Load) -> None:
    dataset = load("n.csv", b"a,,A,nan,_row\n1,2,3,4,5\n")
    assert [column.name for column in dataset.columns] == ["a", "column1", "A_2", "nan", "_row_2"]
    assert dataset.warnings == (
        "column 2 has no name: it is called 'column1'",
        "column 3 has the name 'A' again: it is called 'A_2'",
        "column 5 has the name '_row' again: it is called '_row_2'",
    )


def test_a_header_with_quotes_and_line_breaks_is_one_row(load: Load) -> None:
    dataset = load("q.csv", b'"it\'s, a","b\nb"\n1,2\n')
    assert ([column.name for column in dataset.columns], dataset.rows) == (["it's, a", "b\nb"], 1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(load: Load, line_end: str) -> None:
    dataset = load("l.csv", line_end.join(["a,b", "1,x", "2,y", ""]).encode())
    assert (dataset.rows, [column.type for column in dataset.columns]) == (2, ["integer", "text"])


@pytest.mark.parametrize(
    ("content", "numbers", "kind", "warning"),
    [
        ("x;y\n1.234,5;a\n-2,25;b\n", [1234.5, -2.25], "number", "2 values such as '1.234,5' (first in line 2)"),
        ('x\n"1,234.5"\n"12"\n', [1234.5, 12.0], "number", "1 value, '1,234.5'"),
        ('x\n"5,350,380"\n"1,000"\n', [5350380, 1000], "integer", "are read as numbers with commas between thousands"),
        ("x\n15.17%\n3%\n", [15.17, 3.0], "number", "% is taken off, 15% is 15"),
        ("x\n$1.50\n-$ 2\n", [1.5, -2.0], "number", "2 values such as '$1.50'"),
        ("x;y\n5,00 €;a\n6,50 €;b\n", [5.0, 6.5], "number", "with a decimal comma"),
        ("x;y\n1 234 567,5;a\n12,5;b\n", [1234567.5, 12.5], "number", "and a decimal comma"),
        ("x\ty\n1\u202f234\ta\n12\u00a0345\tb\n", [1234, 12345], "integer", "read as numbers"),
        ("x\n1'234.50\n999\n", [1234.5, 999.0], "number", '1 value, "1\'234.50"'),
        ('x\n"(1,234.50)"\n($5)\n$7\n', [-1234.5, -5.0, 7.0], "number", "such as '(1,234.50)'"),
        ("x\nCHF 5.50\n7 USD\nR$ 2\n", [5.5, 7.0, 2.0], "number", "such as 'CHF 5.50'"),
        ("x\n1\n?\n2.5\n-\n", [1.0, None, 2.5, None], "number", "2 values such as '?' are missing now"),
        ("x\n1e5\n.5\n", [1e5, 0.5], "number", None),
        ("x\ty\n1,234\ta\n5,678\tb\n", [1234, 5678], "integer", "could also be read the other way"),
        ("x;y\n1,234;a\n5,678;b\n", [1.234, 5.678], "number", "could also be read the other way"),
        ('x\n"1,234"\n"5,678"\n', [1234, 5678], "integer", "with commas between thousands"),
        (
            "x\n$10.50\n€9.20\n£7\n",
            [10.5, 9.2, 7.0],
            "number",
            "the currencies differ ($, £, €): the numbers are not of",
        ),
        ("x\n\u22125\n\u22127.5\n3\n", [-5.0, -7.5, 3.0], "number", "2 values such as '\u22125'"),
        ('x\n"(12)"\n7\n', [-12, 7], "integer", "1 in brackets is below 0, as accounts have it: (5) is -5"),
        ("x\n\u20135\n\u20137.5\n3\n", [-5.0, -7.5, 3.0], "number", "2 values such as '\u20135'"),
        ("x\n\uff11\uff12\n\uff0d\uff13\uff0e\uff15\n7\n", [12.0, -3.5, 7.0], "number", "2 values such as '\uff11"),
        ("x\n\u0661\u0662\n\u0663\n", [12, 3], "integer", "2 values such as '\u0661"),
        ("x\n\u06f1.\u06f5\n\u06f3\n", [1.5, 3.0], "number", "2 values such as '\u06f1"),
        ("x\n\u0967\u096f\n\u0966\n", [19, 0], "integer", "2 values such as '\u0967"),
        (
            'x\n"1,23,456"\n"12,34,567.5"\n',
            [123456.0, 1234567.5],
            "number",
            "read as numbers with commas as in lakhs and crores",
        ),
        ('x\n"(12)"\n7\n', [-12, 7], "integer", "1 value, '(12)' (in line 2), is read as a number; 1 in"),
        ("x;y\n1.234,5;a\n-2,25;b\n", [1234.5, -2.25], "number", "with points between thousands and a decimal comma"),
        ("x\n1'234.50\n999\n", [1234.5, 999.0], "number", "with apostrophes between thousands and a decimal point"),
        ("x\ty\n1\u202f234\ta\n12\u00a0345\tb\n", [1234, 12345], "integer", "numbers with spaces between thousands"),
    ],
)
def test_numbers_in_another_dress_are_numbers(
    load: Load, data: DuckData, content: str, numbers: list[float | None], kind: str, warning: str | None
) -> None:
    dataset = load("m.csv", content.encode())
    assert dataset.columns[0].type == kind
    assert (dataset.warnings == ()) if warning is None else (warning in dataset.warnings[0])
    with data.open("m") as table:
        assert table.fetch("SELECT x FROM data") == [(number,) for number in numbers]


@pytest.mark.parametrize(
    "word", ["..", "...", "…", "n.d.", "nd", "k.A.", "k. A.", "(null)", "<NA>", "No data", "#DIV/0!", "nil"]
)
def test_what_tables_write_for_nothing_is_missing_among_numbers(load: Load, data: DuckData, word: str) -> None:
    dataset = load("t.csv", f'x,y\n1.5,a\n"{word}",{word}\n2.5,b\n'.encode())
    assert [column.type for column in dataset.columns] == ["number", "text"]
    with data.open("t") as table:
        assert table.fetch("SELECT x, y FROM data")[1] == (None, word)
    assert dataset.warnings == (f"column 'x': 1 value, {word!r}, is missing now",)


@pytest.mark.parametrize(
    "values",
    [
        ["01234", "00501"],
        ["12345678901234567890", "x"],
        ["1.2.3", "4.5.6"],
        ["12", "apples"],
        ["2-1", "3-4"],
        ["-", "?"],
        ["?", "-", "n/a", "1"],
        ["E1", "E2"],
        [".", "e5"],
    ],
)
def test_codes_words_and_mixtures_stay_text(load: Load, data: DuckData, values: list[str]) -> None:
    dataset = load("t.csv", ("x\n" + "\n".join(f'"{value}"' for value in values) + "\n").encode())
    assert (dataset.columns[0].type, dataset.warnings) == ("text", ())
    with data.open("t") as table:
        assert [value for (value,) in table.fetch("SELECT x FROM data")] == values


@pytest.mark.parametrize(
    ("content", "first", "warning"),
    [
        ("d\n01/02/2020\n03/04/2020\n", "2020-02-01", "day before month, the first is 2020-02-01"),
        ("d\n01.02.2020\n03.04.2020\n", "2020-02-01", "every date would fit the other way too"),
        ("d\n01/13/2020\n03/04/2020\n", "2020-01-13", "month before day, the first is 2020-01-13"),
        ("d\n2020-02-01\n", "2020-02-01", None),
        ("d\n2020/02/01\n", "2020-02-01", None),
        ("d\n01/02/2020 10:00:05\n03/04/2020 11:00:00\n", "2020-02-01", "day before month"),
    ],
)
def test_the_order_of_day_and_month_is_said(
    load: Load, data: DuckData, content: str, first: str, warning: str | None
) -> None:
    dataset = load("d.csv", content.encode())
    assert dataset.columns[0].type in ("date", "datetime")
    assert (dataset.warnings == ()) if warning is None else (warning in dataset.warnings[0])
    assert str(dataset.columns[0].example)[:10] == first


def test_a_time_that_begins_with_its_year_raises_no_doubt_beside_a_date_that_does_not(load: Load) -> None:
    dataset = load("d.csv", b"d,t\n03/04/2020,2020-02-01 10:00:00\n01/02/2020,2020-02-02 10:00:00\n")
    assert [column.type for column in dataset.columns] == ["date", "datetime"]
    assert [warning[:10] for warning in dataset.warnings] == ["column 'd'"]


def test_dates_that_can_be_read_one_way_only_raise_no_doubt(load: Load) -> None:
    (warning,) = load("d.csv", b"d\n13/02/2020\n03/04/2020\n").warnings
    assert "other way" not in warning


def test_a_column_of_two_date_formats_stays_text(load: Load) -> None:
    other, iso = b"03/04/2020,1\n" * 3, b"2020-02-01,2\n"
    late = load("late.csv", b"d,n\n" + other + iso)
    early = load("early.csv", b"d,n\n" + iso + other)
    for dataset in (late, early):
        assert [(column.type, column.missing) for column in dataset.columns] == [("text", 0), ("integer", 0)]
    assert "looks like dates: they have several forms, '2020-02-01' and '03/04/2020'" in early.warnings[0]
    assert early.warnings == late.warnings


def test_a_header_alone_and_a_column_of_nothing_are_read(load: Load) -> None:
    assert [(column.type, column.distinct) for column in load("h.csv", b"a,b\n").columns] == [("text", 0), ("text", 0)]
    empty = load("e.csv", b"a,b\n1,\n2,\n").columns[1]
    assert (empty.type, empty.missing) == ("text", 2)


def test_line_ends_of_several_kinds_are_read(load: Load) -> None:
    dataset = load("m.csv", b'a,b\r\n1,x\n2,"y\nz"\r\n3,w\r\n')
    assert (dataset.rows, dataset.columns[0].type) == (3, "integer")
    assert dataset.warnings == ("lines end in several ways; all are read as line ends",)
    late = b"a,b\r\n" + b"".join(b"%d,x\r\n" % i for i in range(30_000)) + b"7,y\n" * 10
    assert load("late.csv", late).rows == 30_010


def test_columns_set_apart_by_blanks_are_columns(load: Load) -> None:
    dataset = load("b.csv", b"a  b    c\n1   2.5  x\n 14 55   y\n")
    assert [(column.name, column.type) for column in dataset.columns] == [
        ("a", "integer"),
        ("b", "number"),
        ("c", "text"),
    ]
    assert dataset.warnings == ("columns are set apart by blanks; a run of them counts as one",)


def test_words_with_blanks_are_one_column(load: Load) -> None:
    assert [column.name for column in load("n.csv", b"full name\nAnn Lee\nBob Ray\n").columns] == ["full name"]


def test_comment_lines_are_left_out(load: Load, data: DuckData) -> None:
    dataset = load("c.csv", b"a,b\n1,2\n# a note\n3,4\n#end\n")
    assert (dataset.rows, dataset.columns[0].type) == (2, "integer")
    assert dataset.warnings == ("2 lines that begin with # are left out, the first is line 3",)
    tags = load("t.csv", b"tag,n\n#one,1\n#two,2\n")
    with data.open("t") as table:
        assert table.fetch("SELECT tag FROM data") == [("#one",), ("#two",)]
    assert tags.warnings == ()


def test_the_order_of_day_and_month_can_be_told(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "d.csv"
    path.write_bytes(b"d,t\n01/02/2024,01/02/2024 10:00:00\n03/04/2024,03/04/2024 11:30:00\n")
    for day_first, expected in ((None, "2024-02-01"), (True, "2024-02-01"), (False, "2024-01-02")):
        dataset = data.load(str(path), None, LoadOptions(day_first=day_first), watch())
        assert [column.type for column in dataset.columns] == ["date", "datetime"]
        assert dataset.columns[0].example == expected
        assert str(dataset.columns[1].example).startswith(expected)
    path.write_bytes(b"d\n25/02/2024\n03/04/2024\n")
    wrong = data.load(str(path), None, LoadOptions(day_first=False), watch())
    assert wrong.columns[0].type == "text"
    assert "not every date fits the order of day and month that was asked for" in wrong.warnings[0]
