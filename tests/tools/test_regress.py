"""regress as Claude calls it, against R's fits of palmerpenguins."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.session import Session
from tools.errors import ToolError
from tools.regress import model_rows

Regression = Callable[..., dict[str, Any]]


@pytest.fixture
def regression(tool_of: Callable[[str], Regression]) -> Regression:
    return tool_of("regress")


def estimates(found: dict[str, Any]) -> dict[str, float]:
    return {line["term"]: line["estimate"] for line in found["coefficients"]}


def test_numbers_and_categories(regression: Regression) -> None:
    """lm(body_mass_g ~ flipper_length_mm + species): -4031.477, 40.705, -206.510, 266.810; R² 0.7826, sigma 375.5."""
    found = regression(target="body_mass_g", features=["flipper_length_mm", "species"])
    assert estimates(found) == pytest.approx(
        {
            "(intercept)": -4031.477,
            "flipper_length_mm": 40.705,
            "species[Chinstrap]": -206.510,
            "species[Gentoo]": 266.810,
        },
        abs=5e-4,
    )
    assert [line["se"] for line in found["coefficients"]] == pytest.approx([584.151, 3.071, 57.731, 95.264], abs=5e-4)
    assert (found["r2"], found["sigma"], found["df"]) == pytest.approx((0.7826, 375.5, 338), abs=5e-2)
    assert (found["reference"], found["missing"]) == ({"species": "Adelie"}, 2)
    assert any("Breusch-Pagan" in warning for warning in found["warnings"])
    robust = regression(target="body_mass_g", features=["flipper_length_mm", "species"], robust=True)
    assert estimates(robust) == pytest.approx(estimates(found))
    assert not any("Breusch-Pagan" in warning for warning in robust["warnings"])


def test_products_and_powers_are_terms(regression: Regression) -> None:
    found = regression(
        target="body_mass_g",
        features=["flipper_length_mm", "sex"],
        interactions=[{"columns": ["Flipper_length_mm", "SEX"]}],
        powers=[{"column": "FLIPPER_LENGTH_MM", "power": 2}],
    )
    assert list(estimates(found)) == [
        "(intercept)",
        "flipper_length_mm",
        "sex[male]",
        "flipper_length_mm^2",
        "flipper_length_mm:sex[male]",
    ]
    assert any("nearly collinear" in warning for warning in found["warnings"])


def test_an_event_is_matched_to_the_words_of_the_file(tool_on: Callable[..., Regression]) -> None:
    rows = "".join(f"{x},{'ja' if x % 3 else 'nein'}\n" for x in range(30))
    logit = tool_on("regress", "x,ok\n" + rows)
    found = [logit(target="ok", features=["x"], kind="logit", **event) for event in ({}, {"event": "YES"})]
    assert [one["event"] for one in found] == ["ja", "ja"]
    assert logit(target="ok", features=["x"], kind="logit", event="false")["event"] == "nein"


def test_a_logit_names_its_event(regression: Regression) -> None:
    """glm(sex ~ body_mass_g, binomial): -5.1625, 0.0012398; deviance 396.64 of 461.61."""
    found = regression(target="sex", features=["body_mass_g"], kind="logit")
    assert found["event"] == "male"
    assert estimates(found) == pytest.approx({"(intercept)": -5.16254, "body_mass_g": 0.00123982}, rel=1e-5)
    assert (found["deviance"], found["null_deviance"]) == pytest.approx((396.64, 461.61), abs=5e-3)
    assert found["coefficients"][1]["ratio"] == pytest.approx(1.00124, abs=5e-6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"target": "body_mass_g", "features": ["body_mass_g"]}, "it cannot explain itself"),
        ({"target": "species", "features": ["year"]}, "needs a target of numbers"),
        ({"target": "species", "features": ["year"], "kind": "logit"}, "'species' has 3 in these rows"),
        ({"target": "bill_length_mm", "features": ["year"], "kind": "poisson"}, "poisson needs counts"),
        ({"target": "body_mass_g", "features": ["yeer"]}, "no column 'yeer'"),
        (
            {"target": "body_mass_g", "features": ["year"], "interactions": [{"columns": ["year", "sex"]}]},
            "name it among the features too",
        ),
        ({"target": "body_mass_g", "features": ["sex"], "powers": [{"column": "sex", "power": 2}]}, "holds no numbers"),
        ({"target": "body_mass_g", "features": ["year"], "where": "year = 2007"}, "year is constant"),
        ({"target": "body_mass_g", "features": ["year"], "where": "year = 1"}, "no row has a value"),
    ],
)
def test_what_does_not_fit_is_one_sentence(regression: Regression, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        regression(**arguments)


def test_column_names_are_no_formula(penguins: Session, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    header = '"y","__import__(\'os\').system(\'x\')","a:b^2 + C(z)"\n'
    path.write_text(header + "".join(f"{n * 2 + n % 3},{n},{n % 5}\n" for n in range(40)))
    penguins.call_tool("load_dataset", json.dumps({"source": str(path)}), None)
    names = [column.name for column in penguins.data.get("odd").columns]
    request = {"dataset": "odd", "target": "y", "features": names[1:]}
    found: dict[str, Any] = dict(penguins.call_tool("regress", json.dumps(request), None).content)
    assert list(estimates(found)) == ["(intercept)", *names[1:]]


def test_each_value_has_a_regression(regression: Regression) -> None:
    found = regression(target="body_mass_g", features=["flipper_length_mm"], by="species")
    assert [result["group"] for result in found["results"]] == ["Adelie", "Chinstrap", "Gentoo"]
    alone = regression(target="body_mass_g", features=["flipper_length_mm"], where="species = 'Gentoo'")
    assert found["results"][2]["coefficients"] == alone["coefficients"]
    assert found["results"][2]["most_influential"] == alone["most_influential"]
    with pytest.raises(ToolError, match="within a group it does not vary"):
        regression(target="body_mass_g", features=["sex"], by="sex")


def test_weights_and_the_origin(tool_on: Callable[[str, str], Regression]) -> None:
    """NIST NoInt2: y = 3, 4, 4 at x = 4, 5, 6: B1 = 0.727272727272727, R² 0.993348115299335, F 298.6666666666667."""
    on = tool_on("regress", "x,y,w\n4,3,1\n5,4,1\n6,4,1\n9,0,0\n7,,1\n")
    found = on(target="y", features=["x"], kind="wls", weights="w", intercept=False)
    assert estimates(found) == {"x": pytest.approx(0.727272727272727, rel=1e-14)}
    assert (found["r2"], found["f"]) == pytest.approx((0.993348115299335, 298.666666666667), rel=1e-13)
    assert (found["kind"], found["n"], found["missing"], found["weights"]) == ("wls", 3, 2, "w")
    assert any("missing values or weight 0 left out" in warning for warning in found["warnings"])
    for wrong, sentence in (
        ({"kind": "wls"}, "wls needs weights"),
        ({"kind": "poisson", "weights": "w"}, "weights are for wls"),
        ({"kind": "logit", "intercept": False}, "always has one"),
        ({"event": "3"}, "event is for logit"),
    ):
        with pytest.raises(ToolError, match=sentence):
            on(target="y", features=["x"], **wrong)


def test_one_value_of_many_is_the_event(regression: Regression) -> None:
    found = regression(target="species", features=["flipper_length_mm"], kind="logit", event="Adelie")
    assert found["event"] == "Adelie"
    assert "the chance of Adelie in species" in found["interpretation"]
    with pytest.raises(ToolError, match="has 3 in these rows: name the event"):
        regression(target="species", features=["flipper_length_mm"], kind="logit")


# McCullagh and Nelder (1989), p. 205: months of service and damage incidents of ships, as in R's MASS::ships.
SERVICE = (
    "127 63 1095 1095 1512 3353 0 2244 44882 17176 28609 20370 7064 13099 0 7117 1179 552 781 676 783 1948 0 274 251 "
    "105 288 192 349 1208 0 2051 45 0 789 437 1157 2161 0 542"
)
INCIDENTS = "0 0 3 4 6 18 0 11 39 29 58 53 12 44 0 18 1 1 0 1 6 2 0 1 0 0 0 0 2 11 0 4 0 0 7 7 5 12 0 1"


def test_a_rate_is_explained_by_its_exposure(tool_on: Callable[[str, str], Regression]) -> None:
    """R: glm(incidents ~ type + factor(year) + factor(period) + offset(log(service)), poisson, ships, service > 0)."""
    cells = [(ship, year, period) for ship in "ABCDE" for year in (60, 65, 70, 75) for period in (60, 75)]
    rows = zip(cells, SERVICE.split(), INCIDENTS.split(), strict=True)
    csv = "type,year,period,service,incidents\n" + "".join(
        f"{ship},y{year},p{period},{service},{incidents}\n" for (ship, year, period), service, incidents in rows
    )
    on = tool_on("regress", csv)
    given: dict[str, Any] = {"target": "incidents", "features": ["type", "year", "period"], "kind": "poisson"}
    found = on(**given, exposure="service")
    assert [c["estimate"] for c in found["coefficients"]] == pytest.approx(
        [-6.40590, -0.54334, -0.68740, -0.07596, 0.32558, 0.69714, 0.81843, 0.45343, 0.38447], abs=6e-6
    )
    assert (found["deviance"], found["null_deviance"], found["aic"]) == pytest.approx(
        (38.695, 146.328, 154.56), abs=5e-3
    )
    assert (found["n"], found["df"], found["exposure"], found["missing"]) == (34, 25, "service", 6)
    assert "6 rows with missing values or exposure 0 left out" in found["warnings"]
    assert "incidents per service" in found["interpretation"]
    with pytest.raises(ToolError, match="exposure is for poisson; ols takes none"):
        on(target="incidents", features=["type"], exposure="service")
    with pytest.raises(ToolError, match="exposure: 'less' holds numbers below 0"):
        tool_on("regress", "x,y,less\n1,2,3\n2,3,-1\n4,5,1\n")(
            target="y", features=["x"], kind="poisson", exposure="less"
        )


def test_a_term_that_says_what_those_before_say_is_left_out_as_in_r(tool_on: Callable[[str, str], Regression]) -> None:
    """The later term goes, as in R's lm: with b = total - a, total's slope is b's, and a's is less by it."""
    rows = [(1.2, 1, 2), (2.3, 2, 1), (3.9, 3, 3), (4.1, 4, 1), (5.5, 5, 6), (6.1, 6, 2), (7.7, 7, 8), (7.9, 8, 1)]
    csv = "y,a,b,total,one,yes\n" + "".join(f"{y},{a},{b},{a + b},5,{'ny'[a > b]}\n" for y, a, b in rows)
    on = tool_on("regress", csv)
    plain = on(target="y", features=["a", "b"])
    same = on(target="y", features=["a", "b", "total", "one"])
    assert same["aliased"] == ["total", "one"]
    assert same["warnings"][0] == "left out, as they are collinear with the terms before them: total, one"
    assert same["warning_codes"][0] == "collinear"
    assert (estimates(same), same["r2"], same["df"]) == (estimates(plain), plain["r2"], plain["df"])
    other = estimates(on(target="y", features=["total", "a", "b"]))
    assert other["total"] == pytest.approx(estimates(plain)["b"])
    assert other["a"] == pytest.approx(estimates(plain)["a"] - estimates(plain)["b"])
    logit = on(target="yes", features=["a", "one"], kind="logit")
    assert (logit["aliased"], list(estimates(logit))) == (["one"], ["(intercept)", "a"])
    with pytest.raises(ToolError, match="one is constant: it explains nothing"):
        on(target="y", features=["one"])


def test_an_exact_fit_says_that_its_errors_are_rounding(tool_on: Callable[[str, str], Regression]) -> None:
    csv = "x,y,z\n" + "".join(f"{i},{3 * i + 1},{3 * i + 1 + i % 2 * 1e-5}\n" for i in range(30))
    on = tool_on("regress", csv)
    assert any("the fit is exact" in warning for warning in on(target="y", features=["x"])["warnings"])
    assert not any("the fit is exact" in warning for warning in on(target="z", features=["x"])["warnings"])


def test_a_term_without_a_finite_coefficient_is_said_and_the_others_stand(regression: Regression) -> None:
    """All 52 penguins of Torgersen are Adelie; of Biscoe 44 of 168, of Dream 56 of 124."""
    found = regression(target="species", features=["island"], kind="logit", event="Adelie")
    assert found["endless"] == ["island[Torgersen]"]
    odds = {"(intercept)": math.log(44 / 124), "island[Dream]": math.log((56 / 68) / (44 / 124))}
    assert estimates(found) == pytest.approx(odds)
    said = "complete separation of 52 rows: no finite maximum likelihood estimate for island[Torgersen]"
    assert said in found["warnings"][0]
    assert found["interpretation"].endswith("; complete separation by island[Torgersen].")
    only = regression(target="species", features=["island"], kind="logit", event="Adelie", where="island <> 'Dream'")
    assert only["interpretation"] == (
        "island[Torgersen] separates Adelie from the rest completely (logit, 220 rows, 36% explained): "
        "there is no finite maximum likelihood estimate."
    )


def test_the_sentence_names_what_is_associated(regression: Regression) -> None:
    found = regression(target="body_mass_g", features=["flipper_length_mm"])
    assert found["interpretation"] == (
        "flipper_length_mm is associated with body_mass_g (ols, 342 rows, 76% explained): +49.7 (p = 4.4e-107)."
    )
    nothing = regression(target="body_mass_g", features=["year"], where="species = 'Adelie'")
    assert nothing["interpretation"].startswith("No association of year with body_mass_g is shown")
    several = regression(target="body_mass_g", features=["flipper_length_mm", "sex"])["interpretation"]
    assert several.startswith("2 of 2 terms are associated with body_mass_g, adjusted for the others")


MTCARS = """mpg,cyl,wt
21,6,2.62
21,6,2.875
22.8,4,2.32
21.4,6,3.215
18.7,8,3.44
18.1,6,3.46
14.3,8,3.57
24.4,4,3.19
22.8,4,3.15
19.2,6,3.44
17.8,6,3.44
16.4,8,4.07
17.3,8,3.73
15.2,8,3.78
10.4,8,5.25
10.4,8,5.424
14.7,8,5.345
32.4,4,2.2
30.4,4,1.615
33.9,4,1.835
21.5,4,2.465
15.5,8,3.52
15.2,8,3.435
13.3,8,3.84
19.2,8,3.845
27.3,4,1.935
26,4,2.14
30.4,4,1.513
15.8,8,3.17
19.7,6,2.77
15,8,3.57
21.4,4,2.78
"""


def test_numbers_that_are_codes_are_categories(tool_on: Callable[[str, str], Regression]) -> None:
    """R, lm(mpg ~ wt + factor(cyl), mtcars): 33.9908, -3.2056, -4.2556, -6.0709; sigma 2.557 on 28 df; R² 0.8374."""
    on = tool_on("regress", MTCARS)
    found = on(target="mpg", features=["wt", "CYL"], categories=["cyl"])
    expected = {"(intercept)": 33.9908, "wt": -3.2056, "cyl[6]": -4.2556, "cyl[8]": -6.0709}
    assert estimates(found) == pytest.approx(expected, abs=5e-5)
    assert (found["sigma"], found["r2"]) == pytest.approx((2.557, 0.8374), abs=5e-4)
    assert (found["df"], found["reference"]) == (28, {"cyl": "4"})
    assert found["picture"]["x"] == "wt"
    for wrong, sentence in (
        ({"categories": ["mpg"]}, "'mpg' is no feature"),
        ({"categories": ["cyl"], "powers": [{"column": "cyl", "power": 2}]}, "no numbers to raise"),
    ):
        with pytest.raises(ToolError, match=sentence):
            on(target="mpg", features=["wt", "cyl"], **wrong)


def test_values_of_numbers_and_words_are_ordered_by_letters_as_in_r(tool_on: Callable[[str, str], Regression]) -> None:
    on = tool_on(
        "regress", "y,g,n\n" + "".join(f"{i % 7},{'9 10 b'.split()[i % 3]},{(9, 10)[i % 2]}\n" for i in range(30))
    )
    assert on(target="y", features=["g"])["reference"] == {"g": "10"}
    assert on(target="y", features=["n"], categories=["n"])["reference"] == {"n": "9"}


def test_dates_and_too_many_values_are_no_terms(tool_on: Callable[[str, str], Regression]) -> None:
    rows = "".join(f"{n},2024-01-{n % 28 + 1:02},w{n}\n" for n in range(60))
    on = tool_on("regress", "y,d,w\n" + rows)
    with pytest.raises(ToolError, match="'d' holds date: name it in categories"):
        on(target="y", features=["d"])
    with pytest.raises(ToolError, match="'w' has more than 50 values"):
        on(target="y", features=["w"])
    assert on(target="y", features=["d"], categories=["d"])["reference"] == {"d": "2024-01-01"}


@pytest.mark.parametrize("kind", ["ols", "wls"])
def test_a_table_that_is_not_held_gives_the_same(
    regression: Regression, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more: dict[str, Any] = {"weights": "bill_length_mm"} if kind == "wls" else {}
    request: dict[str, Any] = {
        "target": "body_mass_g",
        "features": ["flipper_length_mm", "species"],
        "interactions": [{"columns": ["flipper_length_mm", "species"]}],
        "robust": True,
        "kind": kind,
        **more,
    }
    held = regression(**request)
    # As if 344 rows were more than five million values: the same rows, streamed anew for each step.
    monkeypatch.setattr(model_rows, "MAX_LONG", 0)
    streamed = regression(**request)
    for ours, peer in zip(streamed["coefficients"], held["coefficients"], strict=True):
        assert (ours["estimate"], ours["se"]) == pytest.approx((peer["estimate"], peer["se"]), rel=1e-9)
    assert streamed["most_influential"] == pytest.approx(held["most_influential"], rel=1e-6)
    assert streamed["durbin_watson"] == pytest.approx(held["durbin_watson"], rel=1e-9)
    assert (streamed["n"], streamed["warnings"]) == (held["n"], held["warnings"])


def test_a_ratio_is_called_what_it_is(regression: Regression) -> None:
    """R 4: exp(coef(glm(sex == "male" ~ body_mass_g, binomial, penguins)))[2] is 1.00124; the mass is taken in kg."""
    told = regression(target="sex", features=["body_mass_g"], kind="logit", event="male")["interpretation"]
    assert told.startswith("body_mass_g is associated with the chance of male in sex (logit, 333 rows,")
    assert "explained): odds ratio 1 (p" in told


def test_each_warning_has_its_code_and_what_holds_for_every_group_stands_once(
    tool_of: Callable[[str], Regression],
) -> None:
    regress = tool_of("regress")
    found = regress(target="body_mass_g", features=["year", "island"], by="species")
    assert found["warning_codes"] == ["may_be_codes"]
    assert "'year' has 3 different whole numbers" in found["warnings"][0]
    gentoo = next(result for result in found["results"] if result["group"] == "Gentoo")
    assert (gentoo["warning_codes"][0], gentoo["aliased"]) == ("single_value", ["island"])
    alone = regress(target="body_mass_g", features=["year", "island"], where="species = 'Gentoo'")
    assert alone["warning_codes"] == [*gentoo["warning_codes"], "may_be_codes"]
    assert alone["warnings"] == [*gentoo["warnings"], *found["warnings"]]
