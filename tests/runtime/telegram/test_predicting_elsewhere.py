"""Each tier of predictions from a chat and from a terminal: the card, the yes, the file, byte for byte that of here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.compute.base import Backend, Surroundings
from adapters.compute.local import detect as detect_local
from adapters.records import JobState
from adapters.serving.aws_lambda import detect as detect_lambda
from adapters.serving.lambda_deploy import deployment
from agent.offline import OfflineModel
from evals.bench.prediction import table
from evals.world.aws import aws_world
from evals.world.home import settings_in, used_home, wait_until
from evals.world.runpod import runpod_world
from evals.world.runpod.serverless import deployed_endpoint, serverless_backend
from evals.world.sent_file import send_file
from evals.world.talk import Talk
from runtime.program import build
from runtime.session import Session
from runtime.settings import Settings
from runtime.telegram.following import file_of
from tests.runtime.telegram.test_predicting import ANN, Chat, Held

pytestmark = pytest.mark.usefixtures("real_children")
TIERS = {"hundreds": (700, "lambda"), "thousands": (3_200, "lambda"), "myriads": (10_500, "lambda")}
TIERS["more"] = (60_000, "serverless")


@dataclass(frozen=True)
class Clouds:
    """A program with both clouds, Ann's chat with its bot, and its owner's terminal."""

    chat: Chat
    talk: Talk


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    folder = tmp_path_factory.mktemp("clouds")
    with ExitStack() as stack:
        aws, runpod = stack.enter_context(aws_world(folder)), stack.enter_context(runpod_world())
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in aws.environment().items():
            patch.setenv(name, value)

        def backends(settings: Settings) -> dict[str, Backend]:
            jobs, environment = settings.home / "jobs", settings.worker_environment()
            around = Surroundings(lambda: "abc123", jobs, environment, 900, None, aws.options())
            endpoint = serverless_backend(runpod, deployed_endpoint(runpod), around)
            deployment(around, lambda sentence: None).deploy()
            return {one.name: one for one in (detect_local(around), detect_lambda(around), endpoint)}

        clock = Held()
        settings = settings_in(used_home(folder / "home"))
        session = Session(build(settings, OfflineModel(), clock, backends))
        stack.callback(session.program.close)
        for name, n in {"train": 400, **{name: n for name, (n, _) in TIERS.items()}}.items():
            table(n, n).to_csv(folder / f"{name}.csv", index=False)
        chat, talk = Chat(session, clock), Talk(session)
        for name in ("train", *TIERS):
            send_file(chat.turns, ANN, folder / f"{name}.csv")
            talk.say(f'load "{folder / name}.csv"')
        chat.say("use train")
        talk.say("use train")
        chat.say("train a ridge for y")
        chat.say("yes")
        assert chat.say("is it done?")
        talk.say("train a ridge for y")
        talk.answer(yes=True)
        talk.say("is it done?")
        yield Clouds(chat, talk)


def bytes_of_here(session: Session, name: str) -> bytes:
    (artifact,) = session.call_tool("predict", json.dumps({"model": "ridge", "dataset": name}), None).artifacts
    return artifact.path.read_bytes()


def seen_to_its_end(session: Session) -> Any:
    (job, *_) = session.jobs.all()
    wait_until(lambda: session.jobs.get(job.job_id).job.state.is_final, seconds=120)
    done = session.jobs.get(job.job_id).job
    assert done.state is JobState.SUCCEEDED, done.result
    return done


@pytest.mark.parametrize("name", TIERS)
def test_from_a_chat(clouds: Clouds, name: str) -> None:
    chat, (n, place) = clouds.chat, TIERS[name]
    (card,) = chat.say(f"predict {name} on {place}")
    assert f"Predict {n:,} rows with" in card["text"]
    assert [label for label, _ in card["buttons"]] == ["Launch", "Cancel"]
    answer = chat.say("yes")
    job = seen_to_its_end(chat.session)
    sent = [one["path"] for one in answer if one.get("kind") == "document"]
    sent += [str(one.path) for one in file_of(chat.session, job)]
    assert len(sent) == 1
    assert Path(sent[0]).read_bytes() == bytes_of_here(chat.session, name)
    quote = chat.session.jobs.quote_of(job)
    assert quote is not None
    assert quote.provider.endswith(place)
    assert 0 < job.cost_usd <= quote.cap_usd


@pytest.mark.parametrize("name", TIERS)
def test_from_a_terminal(clouds: Clouds, name: str) -> None:
    talk, (n, place) = clouds.talk, TIERS[name]
    assert talk.say(f"predict {name} on {place}").reason == "asked"
    assert talk.session.card(talk.asked().quote).startswith(f"Predict {n:,} rows with model_")
    talk.answer(yes=True)
    job = seen_to_its_end(talk.session)
    file = talk.session.jobs.file_of(job)
    assert file is not None
    assert file.path.read_bytes() == bytes_of_here(talk.session, name)
