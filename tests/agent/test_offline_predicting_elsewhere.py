"""Predictions elsewhere, by sentences: the price, the yes, the file; questions at the price."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from adapters.records import JobState
from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from evals.world.talk import Talk

SHOP = "price,sales\n" + "".join(f"{n % 7 + 0.5},{100 - 3 * (n % 7) + n % 5}\n" for n in range(60))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "shop.csv").write_text(SHOP)
    talk = Talk(build_in(used_home(folder / "home"), model=OfflineModel()))
    talk.say(f'load "{folder / "shop.csv"}"')
    talk.say("train a ridge to predict sales from price")
    talk.answer(yes=True)
    talk.say("is it done?")
    yield talk
    talk.session.program.close()


def test_a_sentence_that_says_where_asks_for_a_yes_first(talk: Talk) -> None:
    n_jobs = len(talk.session.jobs.all())
    assert talk.say("predict shop locally").reason == "asked"
    quote = talk.asked().quote
    card = talk.session.card(quote)
    assert card.startswith("Predict 60 rows with model_")
    assert '  dataset    "shop"\n  target     "sales"\n  columns    "price"\n' in card
    assert "Nothing" in talk.answer(yes=False).text or len(talk.session.jobs.all()) == n_jobs
    assert talk.say("predict shop locally").reason == "asked"
    said = talk.answer(yes=True).text
    assert "60 predictions of sales by model_" in said
    (job, *_) = talk.session.jobs.all()
    assert job.state is JobState.SUCCEEDED
    (path,) = (talk.session.artifacts / job.job_id).glob("*.csv")
    assert len(pd.read_csv(path)) == 60
    # It is the last job now, not the training.
    assert job.job_id in talk.say("how is it going?").text


def test_a_question_at_the_price_of_predictions_is_answered_and_put_again(talk: Talk) -> None:
    talk.say("predict shop locally")
    first = talk.asked().quote
    assert f"About {first.expected_seconds} s on local" in talk.say("why so long?").text
    assert "/predict model=model_local_ridge_" in talk.notices()[-1]
    assert f" quote_id={first.quote_id}." in talk.notices()[-1]
    assert talk.say("ask me again").reason == "asked"
    assert talk.asked().quote.job.work == first.job.work
    assert talk.asked().quote.quote_id != first.quote_id
    talk.answer(yes=False)


def test_a_place_that_is_not_set_up_is_named(talk: Talk) -> None:
    assert (
        "where: aws_lambda is not set up (docs/prediction.md says how); there is local"
        in talk.say("predict shop on lambda").text
    )
    assert (
        "where: runpod is not set up (docs/prediction.md says how); there is local"
        in talk.say("predict shop on runpod").text
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "what would it cost to predict shop",
        "price of predictions for shop with the ridge",
        "how much does it cost to predict sales for shop",
        "where is it cheapest to predict shop",
        "what would predicting shop cost",
        "quote to score shop locally",
    ],
)
def test_a_price_of_predictions_is_told_and_nothing_is_started(talk: Talk, sentence: str) -> None:
    n_jobs = len(talk.session.jobs.all())
    turn = talk.say(sentence)
    assert turn.reason == "done"
    assert "| local | " in turn.text
    assert "Say `predict shop on this machine` to be asked for a yes." in turn.text
    assert ("costs nothing" in turn.text) is ("locally" not in sentence)
    assert len(talk.session.jobs.all()) == n_jobs
    assert talk.say("ask me again").reason == "asked"
    talk.answer(yes=False)
    assert talk.say("predict shop on this machine").reason == "asked"
    talk.answer(yes=False)


def test_of_a_price_the_column_is_the_target_and_the_table_is_predicted(talk: Talk) -> None:
    assert (
        "is not set up (docs/prediction.md says how); there is local"
        in talk.say("what would it cost to predict shop on lambda").text
    )
    assert "Say `train …`" in talk.say("what would it cost to train a ridge to predict sales").text
    assert "cannot account for 'foo'" in talk.say("what would it cost to predict foo").text
