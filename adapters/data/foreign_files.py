"""Files that are no tables, told by how they begin, whatever they are called."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.data.base import DataError

HEAD_BYTES = 1_024
ZIPPED = "packed with {}; unpack it, or pack it with gzip or zip"
PICTURE = "a picture"
SQL = "a program in SQL, not a table; export the table as CSV"
BEGINNINGS = (
    (rb"%PDF", "a PDF document; copy the table into a CSV or Excel file"),
    (rb"\$FL[23]@\(#\)", "an SPSS file; save it as CSV, in SPSS or with haven::read_sav and write.csv in R"),
    (rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\x00", "a Stata file; save it as CSV, with export delimited in Stata"),
    (rb"\x00{12}\xc2\xea\x81\x60|HEADER RECORD\*{7}", "a SAS file; save it as CSV, with PROC EXPORT in SAS"),
    (
        rb"X\n\x00\x00|RD[AX][23]\n",
        "a file of R, which can run programs; save the table as CSV, with write.csv in R",
    ),
    (rb"MATLAB [57]", "a MATLAB file; save it as CSV, with writetable in MATLAB"),
    (rb"\x89HDF\r\n", "an HDF5 file; save the table as CSV or Parquet"),
    (rb"SQLite format 3\x00", "a SQLite database; export the table as CSV"),
    (rb"\x00\x01\x00\x00Standard", "an Access database; export the table as CSV or Excel"),
    (rb".{8}DUCK.\x00\x00\x00", "a DuckDB database; export the table as CSV or Parquet"),
    (rb"\xd0\xcf\x11\xe0", "an old Office file; save it as .xlsx or CSV"),
    (rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis\.", "a LibreOffice file; save the table as .xlsx or CSV"),
    (rb"PK\x03\x04", "a packed file that holds no table; save the table as CSV, Excel or Parquet"),
    (rb"\x93NUMPY", "a NumPy array; save it as CSV or Parquet"),
    (rb"ARROW1|FEA1\x00", "an Arrow file; save it as Parquet"),
    (rb"Obj\x01", "an Avro file; save it as CSV or Parquet"),
    (rb"ORC[\x00-\x08]", "an ORC file; save it as CSV or Parquet"),
    (rb"\x28\xb5\x2f\xfd", ZIPPED.format("zstd")),
    (rb"BZh[1-9]1AY&SY", ZIPPED.format("bzip2")),
    (rb"\xfd7zXZ", ZIPPED.format("xz")),
    (rb"7z\xbc\xaf", ZIPPED.format("7-Zip")),
    (rb"Rar!\x1a", ZIPPED.format("RAR")),
    (rb".{257}ustar", "an archive of files (tar); unpack it and name the table"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP", PICTURE),
    (rb"\x7fELF|MZ[\x90\x00]", "a program"),
    # Reading a pickle runs what is in it.
    (rb"\x80[\x02-\x05]", "a Python pickle, which is never opened: it can run programs"),
)
TEXTS = (
    (rb"<!doctype html|<html|<head|<\?xml", "a web page, not a table; look for the link to the file itself"),
    (rb"{\\rtf", "a text document; copy the table into a CSV or Excel file"),
    (rb"@relation\s", "a file of Weka (ARFF); save it as CSV"),
    (rb"(?:--[^\n]*\s+)*(?:create table|insert into|drop table if)\s|-- (?:mysql|mariadb) dump|--\n-- postgres", SQL),
)
"""How files of text that are no tables begin, whatever the case of their letters."""


def refuse_foreign(path: Path) -> None:
    """DataError if the file begins as something that is no table: a web page, a PDF, an SPSS file, a picture."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for beginning, what in BEGINNINGS:
        if re.match(beginning, head, re.DOTALL):
            raise DataError(f"{path.name!r} is {what}")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, what in TEXTS:
        if re.match(beginning, text, re.IGNORECASE):
            raise DataError(f"{path.name!r} is {what}")
