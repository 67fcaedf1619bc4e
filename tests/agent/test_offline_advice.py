"""What an answer advises works when it is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from evals.world.talk import Talk

TOTAL = "name,q1\n" + "".join(f"{letter},{n}\n" for n, letter in enumerate("abcdef", 1)) + "Total,21\n"


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    folder = tmp_path_factory.mktemp("advice")
    (folder / "total.csv").write_text(TOTAL)
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"age": rng.normal(40, 9, 200).round(1), "left": rng.choice(["yes", "no"], 200)})
    frame["left"] = np.where(frame["age"] + rng.normal(0, 4, 200) > 42, "yes", "no")
    frame["note"] = [f"n{row % 30}" for row in range(200)]
    frame.to_csv(folder / "people.csv", index=False)
    talk = Talk(build_in(used_home(folder / "home"), model=OfflineModel()))
    talk.say(f'load "{folder / "people.csv"}"')
    talk.say(f'load "{folder / "total.csv"}"')
    yield talk
    talk.session.program.close()


def test_a_total_is_left_out_as_the_warning_at_its_load_says(talk: Talk) -> None:
    (advised,) = set(re.findall(r"with where: (_row < \d+)", " ".join(map(str, talk.conversation.messages))))
    said = talk.say(f"mean of q1 where {advised}").text
    assert "| 6 | 0 | 3.5 |" in said
    # A person's rows count from 1: `row` without its mark is no name.
    assert "cannot account for 'row'" in talk.say("mean of q1 where row < 6").text


def test_a_column_of_two_words_is_counted_and_not_made_numbers_of(talk: Talk) -> None:
    talk.say("use people")
    said = talk.say("mean of left").text
    assert "`describe left` counts its values" in said
    assert "convert" not in said
    assert "yes" in talk.say("describe left").text
    # Of many different words nobody knows whether they are numbers.
    assert "`convert note to number`" in talk.say("mean of note").text


def test_a_threshold_is_kept_by_the_sentence_that_is_advised(talk: Talk) -> None:
    talk.say("use people")
    talk.say("train a logistic regression to predict left from age")
    talk.answer(yes=True)
    talk.say("is it done?")
    said = talk.say("which threshold is best?").text
    assert "Youden's index: the share of events that is found less the share of others taken for one" in said
    (advised,) = re.findall(r"Say `(keep [^`]+)`", said)
    kept = talk.say(advised)
    assert kept.outcome.value == "done", kept
    # A model's picture is of the rows that it was trained on, whatever was loaded last.
    talk.say("use total")
    assert "total" not in talk.say("which features matter most").text
    assert "prediction of row 3 (the first is row 0)" in talk.say("explain row 3").text
