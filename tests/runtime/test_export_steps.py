"""The steps of transform stand in an exported script as pandas code that gives the stored tables."""

from __future__ import annotations

from pathlib import Path

from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk
from tests.runtime.test_export import results_of, run_script, same

MASS, SEX = "body_mass_g", "sex"
HEAVY: list[JsonValue] = [
    {"column": MASS, "function": name, "into": name}
    for name in ("count", "count_distinct", "sum", "mean", "median", "min", "max", "sd", "variance", "q1", "q3")
]
IN_PANDAS: dict[str, list[JsonValue]] = {
    "clean": [
        {"op": "filter", "where": "year > 2007 AND species <> 'Gentoo'"},
        {"op": "fill_missing", "columns": [MASS], "method": "median", "by": ["species"]},
        {"op": "drop_missing", "columns": ["SEX"]},
        {"op": "derive", "column": "kg", "expression": "body_mass_g / 1000.0"},
        {"op": "rename", "column": "kg", "to": "in kg"},
        {"op": "sort", "by": [{"column": "in kg", "descending": True}, {"column": "island"}]},
    ],
    "window": [{"op": "derive", "column": "before", "expression": "lag(body_mass_g) OVER (ORDER BY _row)"}],
    "means": [{"op": "fill_missing", "columns": [MASS, "bill_depth_mm"], "method": "mean"}],
    "modes": [{"op": "fill_missing", "columns": [SEX], "method": "mode", "by": ["island"]}],
    "forward": [{"op": "fill_missing", "columns": [SEX, MASS], "method": "forward"}],
    "value": [{"op": "fill_missing", "columns": [SEX], "method": "value", "value": "unknown"}],
    "alike": [{"op": "dedupe", "columns": ["species", "island", SEX], "keep": "last"}],
    "rows": [{"op": "drop_rows", "rows": [0, 3, 343]}, {"op": "sample", "n": 50, "seed": 4}],
    "scaled": [{"op": "scale", "columns": [MASS, "year"], "method": "standard"}],
    "spread": [{"op": "scale", "columns": [MASS], "method": "robust"}],
    "log": [{"op": "scale", "columns": [MASS], "method": "log1p"}],
    "codes": [{"op": "encode", "columns": ["species"], "method": "ordinal"}],
    "columns": [{"op": "encode", "columns": [SEX], "method": "onehot", "categories": ["male", "female"]}],
    "binned": [{"op": "bin", "column": MASS, "into": "class", "edges": [2000, 4000, 5000, 6300]}],
    "quarters": [{"op": "bin", "column": MASS, "into": "class", "n_bins": 4, "method": "quantile"}],
    "groups": [{"op": "aggregate", "by": ["species", SEX], "values": HEAVY}],
    "long": [
        {"op": "select", "columns": ["species", "bill_length_mm", "bill_depth_mm"]},
        {"op": "unpivot", "columns": ["bill_length_mm", "bill_depth_mm"], "name": "what", "value": "mm"},
    ],
    "fenced": [{"op": "fence", "column": MASS, "bounds": [{"low": 3000, "high": 6000}], "put": "bound"}],
    "text": [{"op": "cast", "columns": ["year"], "to": "text"}, {"op": "drop", "columns": ["island"]}],
}
BESIDE: dict[str, list[JsonValue]] = {
    "near": [{"op": "fill_missing", "columns": [MASS], "method": "knn"}],
    "wide": [{"op": "pivot", "index": ["island"], "columns": "species", "values": MASS}],
}


def script_of() -> list[Step]:
    """A conversation that makes a dataset by each step, and describes it."""
    datasets = {**IN_PANDAS, **BESIDE}
    made: list[tuple[str, str, dict[str, JsonValue]]] = [
        (f"m{number}", "transform", {"dataset": "penguins", "save_as": name, "steps": steps})
        for number, (name, steps) in enumerate(datasets.items())
    ]
    seen: list[tuple[str, str, dict[str, JsonValue]]] = [
        (f"d{number}", "describe", {"dataset": name}) for number, name in enumerate(datasets)
    ]
    return [call(("c1", "load_dataset", {"source": str(PENGUINS)})), call(*made), call(*seen), say("Done.")]


def test_the_steps_stand_in_the_script_as_pandas(bare: Programs, tmp_path: Path) -> None:
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(script_of())))
    talk.say("make all")
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    talk.session.program.close()
    assert {path.stem for path in (tmp_path / "story_data").iterdir()} == set(BESIDE)
    n = len(IN_PANDAS) + len(BESIDE)
    for number in range(n):
        made, described = found[1 + number]["result"], found[1 + n + number]["result"]
        assert made["rows"] == expected[f"m{number}"]["rows"]
        assert same(described, expected[f"d{number}"]), (number, described, expected[f"d{number}"])
