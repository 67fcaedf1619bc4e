"""A table in a text is found where it is one, and what is none stays text."""

from __future__ import annotations

import time

import pytest

from runtime.telegram.pasted import find_table

TABLES = {
    "tabs": ("name\tage\nAnn\t31\nBob\t45", "name,age\nAnn,31\nBob,45\n", ""),
    "tabs, cells lost at the end": ("a\tb\tc\n1\t2\n3\t4\t5", "a,b,c\n1,2,\n3,4,5\n", ""),
    "commas": ("mean of x by g?\nx,g\n1,a\n2,b\n3.5,a", "x,g\n1,a\n2,b\n3.5,a\n", "mean of x by g?"),
    "commas and blanks": ("x, g\n1, a\n2, b", "x,g\n1,a\n2,b\n", ""),
    "words alone": ("name,city\nAnn,Paris\nBob,Rome", "name,city\nAnn,Paris\nBob,Rome\n", ""),
    "a comma in quotes": ('name,n\n"Doe, Ann",1\nBob,2', 'name,n\n"Doe, Ann",1\nBob,2\n', ""),
    "decimal commas": ("cm;kg\n1,80;75,5\n1,65;60,2\nBMI?", 'cm,kg\n"1,80","75,5"\n"1,65","60,2"\n', "BMI?"),
    "no head": ("1,2\n3,4\n5,6", "1,2\n3,4\n5,6\n", ""),
    "markdown": ("Hi:\n\n| g | x |\n|---|--:|\n| a | 1 |\n| b | 2 |\n\nthanks", "g,x\na,1\nb,2\n", "Hi:\n\n\nthanks"),
    "a pipe in a cell": ("| g | x |\n|---|---|\n| a\\|b | 1 |", "g,x\na|b,1\n", ""),
    "pipes without a ruler": ("g | x\na | 1\nb | 2", "g,x\na,1\nb,2\n", ""),
    "psql": (" g | x\n---+---\n a | 1\n b | 2", "g,x\na,1\nb,2\n", ""),
    "a grid": ("+---+---+\n| g | x |\n+===+===+\n| a | 1 |\n+---+---+\n| b | 2 |\n+---+---+", "g,x\na,1\nb,2\n", ""),
    "boxes": ("┌───┬───┐\n│ g │ x │\n├───┼───┤\n│ a │ 1 │\n└───┴───┘", "g,x\na,1\n", ""),
    "aligned": ("name  n  city\nAnn   1  New York\nBob   2  Rome", "name,n,city\nAnn,1,New York\nBob,2,Rome\n", ""),
    "R prints": ("  species mass\n1  Adelie 3750\n2  Gentoo 5000", "species,mass\nAdelie,3750\nGentoo,5000\n", ""),
    "pandas prints": ("     kind  mass\n0  Adelie  3750\n1  Gentoo  5000", "kind,mass\nAdelie,3750\nGentoo,5000\n", ""),
    "in a fence": ("```csv\na,b\n1,2\n3,4\n```\nplot a", "a,b\n1,2\n3,4\n", "plot a"),
    "dates": ("day,n\n2024-01-01,5\n2024-01-02,7", "day,n\n2024-01-01,5\n2024-01-02,7\n", ""),
}  # fmt: skip
TEXTS = {
    "a word": "describe price",
    "one line": "1,2,3",
    "sentences": "Hello, I have a question\nwhat is it, exactly\nthanks, Ann",
    "sentences with numbers": "In 2020, we sold 5\nIn 2021, we sold 7 of them all in the end\nAnd, what then",
    "a list": "- first, 1\n- second, 2\n- third, 3",
    "a numbered list": "1. plot a, b\n2. plot c, d\n3. plot e, f",
    "code": "x = f(a,b)\ny = f(c,d)\nz = f(e,f)",
    "two questions": "describe price by region\nand then plot price",
    "a quote": "He said: no; then left\nI said: yes; and stayed there for a long while",
    "empty": "\n\n",
    "commands": "mean of a\nmean of b\nmean of c",
    "formulas": "y = a + b\nz = a - b\nw = a * b",
    "or": "is a | b\nor c\nor d",
    "an address": "https://example.org/a,b.csv\nwhat is in it?",
    "dashes": "----\nhello\n----",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_found_and_the_words_around_it_are_kept(name: str) -> None:
    text, content, around = TABLES[name]
    found = find_table(text)
    assert found is not None
    assert (found.content.decode(), found.around) == (content, around)


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_table_stays_text(name: str) -> None:
    assert find_table(TEXTS[name]) is None


@pytest.mark.parametrize(
    "line", ["a", "a b", "1 2", "a,b c d e f", "|", "-", "a\tb\nc", " " * 500, "1." * 600, "x  y\nz", "-" * 400 + "x"]
)
def test_no_text_keeps_the_processor_busy(line: str) -> None:
    started = time.process_time()
    find_table("\n".join([line] * 2000)[:4096])
    assert time.process_time() - started < 5  # without the limit on lines: 15 s


def test_words_right_above_and_below_are_kept() -> None:
    found = find_table("Hello\nplease describe\nx\tg\n1\ta\n2\tb\nthanks, Ann")
    assert found is not None
    assert (found.content, found.around) == (b"x,g\n1,a\n2,b\n", "Hello\nplease describe\nthanks, Ann")
