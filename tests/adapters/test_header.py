"""Which rows name the columns, which describe them, and which are no data at all."""

from __future__ import annotations

import io

import openpyxl
import pytest

from adapters.data.base import DataError, LoadOptions
from adapters.data.duck import DuckData
from adapters.records import Dataset
from evals.world.files import Load, watch

NO_HEADER = "no header line found: columns are named column0, column1, …"


def names(dataset: Dataset) -> list[str]:
    return [column.name for column in dataset.columns]


def types(dataset: Dataset) -> list[str]:
    return [column.type for column in dataset.columns]


def said(dataset: Dataset) -> str:
    return " | ".join(dataset.warnings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("country,2019,2020,2021\nA,1.5,2.5,3.5\nB,2.5,3.5,4.5\nC,4.0,1.0,2.0\n", "country 2019 2020 2021"),
        ("Country,1990,2000,2010\nPeru,1.5,2.5,3.1\nChad,2,3,4\n", "Country 1990 2000 2010"),
        ("geo\t2019 \t2020 \nA,PC,AT\t4.5 \t5.4 b\nA,PC,BE\t: \t5.8 e\n", "geo 2019 2020"),
        ("name,age,2024\nA,30,1\nB,40,2\n", "name age 2024"),
        ("id,1,2,3\nx,10,20,30\ny,11,21,31\n", "id 1 2 3"),
        ("Country,2020\nGermany,5\nFrance,7\n", "Country 2020"),
        ("2019,2020,2021\n1.5,2.5,3.5\n4,5,6\n", "2019 2020 2021"),
        ("1,2,3\n10,20,30\n11,21,31\n12,22,31\n", "1 2 3"),
        ("0,1,2,3\n5.1,3.5,1.4,0.2\n4.9,3.0,1.4,0.2\n", "0 1 2 3"),
        ("date,5\n2024-01-01,6\n2024-01-02,7\n", "date 5"),
        ("temp,1\n20,3\n30,4\n", "temp 1"),
        ("year,1,2,3,4,5\n2019,5.5,6,7,8,9\n2020,4,5,6,7,8\n", "year 1 2 3 4 5"),
        ("id,1,2,3\n101,5,4,3\n102,4,4,2\n103,1,2,5\n", "id 1 2 3"),
        ("sex,18,19,20\nM,100,120,90\nF,110,99,97\n", "sex 18 19 20"),
        ("item,1,2,3\na,yes,no,yes\nb,no,no,yes\n", "item 1 2 3"),
        ("x,7\nn.a.,n.a.\n5,100\nn.a.,250\n6,#N/A\nn.a.,300\n7.5,no data\n", "x 7"),
    ],
)
def test_a_header_with_numbers_is_told_by_the_rows_below(load: Load, text: str, expected: str) -> None:
    dataset = load("t.tsv", text.encode())
    assert names(dataset) == expected.split()
    assert dataset.rows == text.count("\n") - 1
    assert "although it holds numbers" in said(dataset)


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n4,5,6\n7,8,9\n",
        "5,200\nn.a.,n.a.\n5,100\nn.a.,250\n6,#N/A\nn.a.,300\n7.5,no data\n",
        "1,2,3\n2,4,6\n3,6,9\n4,8,12\n",
        "5.1,3.5,1.4,Iris-setosa\n4.9,3.0,1.4,Iris-setosa\n6.3,3.3,6.0,Iris-virginica\n",
        "A,1,2,3\nB,2,3,3\nC,1,1,2\n",
        "A,1,2,3\nB,4,5,7\nC,9,9,9\n",
        "Smith,2000\nJones,15\nLee,30\n",
        "1,unknown\n2,3\n3,4\n",
        "2024-01-01,5\n2024-01-02,6\n",
        "1990,1.5\n1991,2.5\n1992,3.5\n",
        "1,a\n2,b\n",
        "1\n2\n3\n",
    ],
)
def test_a_row_of_values_is_no_header(load: Load, text: str) -> None:
    dataset = load("t.csv", text.encode())
    assert names(dataset)[0] == "column0"
    assert dataset.rows == text.count("\n")
    assert NO_HEADER in dataset.warnings


def test_years_as_names_are_said_with_the_way_out(load: Load) -> None:
    dataset = load("t.csv", b"country,2019,2020\nA,1.5,2.5\nB,2.5,3.5\n")
    assert "the years 2019 to 2020 are the names of columns: the step unpivot of transform" in said(dataset)


def test_what_a_person_says_of_the_header_stands(data: DuckData, load: Load, tmp_path: object) -> None:
    load("t.csv", b"country,2019,2020\nA,1.5,2.5\n")
    source = str(data.all()[0].source)
    assert names(data.load(source, None, LoadOptions(header=False), watch()))[0] == "column0"


def test_a_missing_header_does_not_hide_that_lines_were_left_out(load: Load) -> None:
    dataset = load("t.csv", b"Report 2024\n\n1,2\n4,5\n5,1\n")
    assert dataset.warnings == (
        "the table begins in line 3; what stands before it is left out ('Report 2024', …)",
        NO_HEADER,
    )


@pytest.mark.parametrize(
    ("text", "kinds", "descriptions"),
    [
        ("time,temp\ns,degC\n0,20.1\n1,20.4\n", "integer number", ["s", "degC"]),
        ("time,temp,note\n(s),(degC),\n0,20.1,a\n1,20.4,b\n", "integer number text", ["(s)", "(degC)", None]),
        ("name,age\n,years\nAnn,30\nBob,40\n", "text integer", [None, "years"]),
        ("id,city\nint,varchar(20)\n1,Rome\n2,Oslo\n", "integer text", ["int", "varchar(20)"]),
        ("name,city\nstring,string\nAnn,Rome\nBob,Oslo\n", "text text", ["string", "string"]),
        ("Q1,Q2\nHow old are you?,Your name?\n34,Ann\n41,Bob\n", "integer text", ["How old are you?", "Your name?"]),
        (
            "when,x\nDay of visit,Score given\n2024-01-02,3\n2024-01-03,4\n",
            "date integer",
            ["Day of visit", "Score given"],
        ),
        ("t,v\ns,m\nsecond,metre\n1,2\n3,4\n", "integer integer", ["s; second", "m; metre"]),
        ("t,v\ns,m\n1,2\nt,v\ns,m\n3,4\n", "integer integer", ["s", "m"]),
    ],
)
def test_rows_below_the_header_that_describe_it_are_kept_as_descriptions(
    load: Load, text: str, kinds: str, descriptions: list[str | None]
) -> None:
    dataset = load("t.csv", text.encode())
    assert types(dataset) == kinds.split()
    assert [column.description for column in dataset.columns] == descriptions
    assert dataset.rows == 2
    assert "kept as their descriptions" in said(dataset)


def test_a_survey_of_qualtrics_has_two_rows_that_are_no_answers(load: Load, data: DuckData) -> None:
    imports = b'"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}"\n'
    questions = b'"Start Date","How old,\nin years?"\n'
    dataset = load("q.csv", b"StartDate,Q1\n" + questions + imports + b"2024-01-02,34\n2024-01-03,41\n")
    assert (types(dataset), dataset.rows) == (["date", "integer"], 2)
    assert [column.description for column in dataset.columns] == ["Start Date", "How old, in years?"]
    with data.open("q") as table:
        assert table.fetch("SELECT Q1 FROM data") == [(34,), (41,)]
    with pytest.raises(DataError, match="there are no rows of data"):
        load("none.csv", b"StartDate,Q1\n" + questions + imports)


@pytest.mark.parametrize(
    "text",
    [
        "name,age\nAnn,thirty\nBob,30\nCy,40\n",
        "name,age\nAnn,unknown\nBob,30\nCy,40\n",
        "grade,sex\nA,M\nB,F\nC,F\n",
        "name,city\nAnn,Rome\nBob,Oslo\n",
        "name,age\nAnn Lee,not yet known\nBob Ray,30\n",
        "x,y\n1,a\n2,b\n",
    ],
)
def test_a_first_row_of_data_is_no_description(load: Load, text: str) -> None:
    dataset = load("t.csv", text.encode())
    assert dataset.rows == text.count("\n") - 1
    assert all(column.description is None for column in dataset.columns)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_header_that_comes_again_is_no_data(load: Load, data: DuckData, mark: str, line_end: str) -> None:
    lines = ["\ufeffid,v", "1,10", "2,20", f"{mark}id,v", "3,30", f"{mark}id,v", "4,40", ""]
    dataset = load("t.csv", line_end.join(lines).encode())
    assert dataset.warnings == ("the header comes again 2 times, first in line 4: left out, it is no data",)
    with data.open("t") as table:
        assert table.fetch("SELECT id, v FROM data") == [(1, 10), (2, 20), (3, 30), (4, 40)]


@pytest.mark.parametrize("again", ['"id","v"', "id,v"])
@pytest.mark.parametrize("first", ['"id","v"', "id,v"])
def test_a_header_may_come_again_in_other_quotes(load: Load, first: str, again: str) -> None:
    dataset = load("t.csv", f"{first}\n1,10\n{again}\n3,30\n".encode())
    assert (types(dataset), dataset.rows) == (["integer", "integer"], 2)


@pytest.mark.parametrize(
    "again",
    ["COUNTRY NAME,Größe,N", "country  name , größe,n", '"Country Name","GRÖSSE" , "N"', " Country Name,Größe, n"],
)
@pytest.mark.parametrize("first", ["Country Name,Größe,n", '"Country  name",Größe,n'])
def test_a_header_may_come_again_in_another_case_and_with_other_blanks(load: Load, first: str, again: str) -> None:
    dataset = load("t.csv", f"{first}\nA,1.5,2\nB,2.5,3\n{again}\nC,3.5,4\n".encode())
    assert (dataset.rows, types(dataset)) == (3, ["text", "number", "integer"])
    assert "the header comes again once, first in line 4" in said(dataset)


def test_a_row_that_only_begins_as_the_header_does_is_data(load: Load) -> None:
    dataset = load("t.csv", b"name,kind\nann,x\nName,y\nname,kinder\n")
    assert (dataset.rows, dataset.warnings) == (3, ())


def test_a_word_of_one_column_may_be_its_headers(load: Load) -> None:
    assert load("t.csv", b"word\nthe\nword\nis\n").rows == 3
    assert load("n.csv", b"v\n1\nv\n2\n").rows == 2


@pytest.mark.parametrize("text", ["id,v\n1,10\n\ufeff3,30\n", "id,v\n1,\ufeff10\n3,30\n", '"\ufeffid",v\n1,10\n3,30\n'])
def test_a_mark_of_byte_order_inside_is_left_out_and_said(load: Load, data: DuckData, text: str) -> None:
    dataset = load("t.csv", text.encode())
    assert (names(dataset), types(dataset)) == (["id", "v"], ["integer", "integer"])
    assert "a mark of byte order stands inside line" in said(dataset)


@pytest.mark.parametrize(
    ("text", "rows", "warning"),
    [
        (
            "country,pop\nA,100\nB,200\n\nSource: office\nNote: provisional\n",
            2,
            "2 notes below the table, from line 5 on",
        ),
        ("city,q1,q2\nA,1,2\nB,3,4\nSource: finance,,\n", 2, "a note below the table, from line 4 on"),
        ("a,b\n1,2\n3,4\n,\nx,y\np,q\n", 2, "another table seems to begin in line 5, below an empty row ('x,y')"),
    ],
)
def test_what_stands_below_the_table_is_left_out_and_said(load: Load, text: str, rows: int, warning: str) -> None:
    dataset = load("t.csv", text.encode())
    assert dataset.rows == rows
    assert all(column.missing == 0 for column in dataset.columns)
    assert warning in said(dataset)


@pytest.mark.parametrize("text", ["name,x,y\nAnn,1,2\nBob,,\n", "a,b\n1,2\n\n3,4\n", "a,b\nx,y\n\nz,w\nv,u\n"])
def test_a_last_row_with_gaps_and_an_empty_line_are_no_end(load: Load, text: str) -> None:
    dataset = load("t.csv", text.encode())
    assert dataset.rows == sum(bool(line) for line in text.split("\n")) - 1
    assert dataset.warnings == ()


def test_totals_are_found_above_a_note(load: Load) -> None:
    dataset = load("t.csv", b"city,q1,q2\nA,1,2\nB,3,4\nC,5,6\nD,7,8\nTotal,16,20\nSource: finance,,\n")
    assert "the last row is called 'Total'" in said(dataset)


@pytest.mark.parametrize("mark", [";", "|", ","])
def test_the_line_that_names_the_delimiter_is_no_header(load: Load, mark: str) -> None:
    dataset = load("t.csv", f"sep={mark}\r\na{mark}b\r\n1{mark}2\r\n3{mark}4\r\n".encode())
    assert (names(dataset), dataset.rows) == (["a", "b"], 2)
    assert dataset.warnings == (f"columns are set apart by {mark!r}, as line 1 says",)


def test_a_book_may_have_numbers_and_units_in_its_header(load: Load) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["country", 2019, 2020], [None, "kg", "kg"], ["A", 1.5, 2], ["B", 2.5, 3]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    dataset = load("t.xlsx", file.getvalue())
    assert (names(dataset), dataset.rows) == (["country", "2019", "2020"], 2)
    assert [column.description for column in dataset.columns] == [None, "kg", "kg"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a^b^c\n1^2^3\n4^5^6\n", "every line holds '^' as often as its name"),
        ("a~b\n1~x\n", "every line holds '~' as often as its name"),
        ("ID   NAME      SCORE\n001  Anna Lee    12.5\n002  Bo           9.0\n", "runs of blanks stand in it"),
    ],
)
def test_one_column_that_seems_to_be_several_is_said(load: Load, text: str, words: str) -> None:
    dataset = load("t.csv", text.encode())
    assert len(dataset.columns) == 1
    assert words in said(dataset)


@pytest.mark.parametrize("text", ["time\n10:30\n11:30\n", "word\na^b\nc^d\n", "full name\nAnn Lee\n"])
def test_one_column_of_values_is_said_to_be_nothing_else(load: Load, text: str) -> None:
    assert "there is one column" not in said(load("t.csv", text.encode()))


def test_quote_marks_behind_a_blank_are_refused(load: Load) -> None:
    with pytest.raises(DataError, match="begins with a quote mark that does not end"):
        load("t.csv", b'a, "b, c", d\n1, "x, y", 3\n2, "z", 4\n')
    assert load("inch.csv", b'a,size 5"\n1,2\n').rows == 1


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("Region,Sales,,Costs,", ",2020,2021,2020,2021", "Region|Sales 2020|Sales 2021|Costs 2020|Costs 2021"),
        (
            "Region,Sales,Sales,Costs,Costs",
            "Region,2020,2021,2020,2021",
            "Region|Sales 2020|Sales 2021|Costs 2020|Costs 2021",
        ),
        (",Sales,,Costs,", "Region,2020,2021,2020,2021", "Region|Sales 2020|Sales 2021|Costs 2020|Costs 2021"),
        (",Sales,,Costs,", "Region,Q1,Q2,Q1,Q2", "Region|Sales Q1|Sales Q2|Costs Q1|Costs Q2"),
        ("Region,2020,,2021,", ",m,f,m,f", "Region|2020 m|2020 f|2021 m|2021 f"),
        ("Region,Sales,,,", ",2018,2019,2020,2021", "Region|Sales 2018|Sales 2019|Sales 2020|Sales 2021"),
        ("Region,Wave,,Score,", ",1,2,1,2", "Region|Wave 1|Wave 2|Score 1|Score 2"),
        ("Region,Sales,,Costs,Note", ",low,high,euro,", "Region|Sales low|Sales high|Costs euro|Note"),
    ],
)
def test_two_rows_that_name_the_columns_together_are_no_data(
    load: Load, data: DuckData, first: str, second: str, names: str
) -> None:
    n_text = 1 + first.endswith("Note")
    rows = ["North,10,20,30" + (",ok" if n_text == 2 else ",40"), "South,50,60,70" + (",no" if n_text == 2 else ",80")]
    dataset = load("g.csv", "\n".join([first, second, *rows]).encode())
    assert [column.name for column in dataset.columns] == names.split("|")
    assert (dataset.rows, dataset.columns[1].type) == (2, "integer")
    assert dataset.warnings[0].startswith("lines 1 and 2 name the columns together: '")
    with data.open("g") as table:
        columns = ", ".join(f'sum("{name}")' for name in names.split("|")[1:4])
        assert table.fetch(f"SELECT {columns} FROM data") == [(60, 80, 100)]


@pytest.mark.parametrize(
    "text",
    [
        "name,year,\nAnn,2020,2021\nBob,2019,2022\nEve,2018,2020\n",
        "name,score,\nAnn,1,2\nBob,3,4\nEve,1,2\n",
        "name,a,,b,\nAnn,1,2,1,2\nBob,3,4,5,6\nEve,1,2,1,2\n",
        ",a,,b,\n,1,2,1,2\n,3,4,3,4\n,1,2,1,2\n",
        "id,group,\n1,low,x\n2,high,y\n3,low,x\n",
        "id,a,\n,2020,2021\n,2021,2022\n,2019,2020\n",
        "Sales,,\na,b,c\n1,2,3\n4,5,6\n7,8,9\n",
    ],
)
def test_a_first_row_of_values_below_unnamed_columns_is_data(load: Load, text: str) -> None:
    assert load("g.csv", text.encode()).rows == 3


def test_a_book_with_merged_groups_has_a_header_of_two_rows(load: Load) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Region", "Sales", None, "Costs", None],
        [None, 2020, 2021, 2020, 2021],
        ["N", 1, 2, 3, 4],
        ["S", 5, 6, 7, 8],
    ):
        sheet.append(row)
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(cells)
    file = io.BytesIO()
    book.save(file)
    dataset = load("t.xlsx", file.getvalue())
    assert (names(dataset), dataset.rows) == (["Region", "Sales 2020", "Sales 2021", "Costs 2020", "Costs 2021"], 2)
    assert "lines 1 and 2 name the columns together" in dataset.warnings[-1]
