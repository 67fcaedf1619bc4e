"""A program that rents in a simulated RunPod, as patient as a test is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from adapters.compute.base import Backend, Surroundings
from adapters.compute.runpod import RunPodBackend
from adapters.compute.runpod_api import Patience, RunPodApi
from adapters.compute.volume import Volume, VolumeKeys
from adapters.model.scripted import ScriptedModel
from evals.world.home import Clock, settings_in
from evals.world.runpod.server import ACCESS, CENTRE, IMAGE, KEY, SECRET, VOLUME, RunPodWorld
from runtime.program import build
from runtime.session import Session
from runtime.settings import Settings

QUICK = Patience(settle_s=0.6, wait_s=0.02, gone_s=10.0, look_s=0.05, request_s=3.0)


@dataclass(frozen=True)
class Address:
    """Where a world is, and how long its lists may lag as a program believes."""

    url: str
    s3_url: str
    settle_s: float = QUICK.settle_s
    secret: str = SECRET
    """Of the volume's key."""

    @classmethod
    def of(cls, world: RunPodWorld, settle_s: float = QUICK.settle_s) -> Address:
        """That of a world that runs."""
        return cls(world.url, world.s3_url, settle_s)

    def text(self) -> str:
        """For a command line."""
        return json.dumps(asdict(self))


def runpod_backend(at: Address, surroundings: Surroundings) -> RunPodBackend:
    """RunPod as `detect` makes it, with less patience."""
    keys = VolumeKeys(at.s3_url, CENTRE, VOLUME, ACCESS, at.secret)
    patience = Patience(at.settle_s, QUICK.wait_s, QUICK.gone_s, QUICK.look_s, QUICK.request_s)
    return RunPodBackend(surroundings, RunPodApi(f"{at.url}/v2", KEY, patience), Volume(keys), keys, IMAGE)


def renting_session(home: Path, address: str) -> Session:
    """The program at `home` with the RunPod of that text as its only backend."""
    at = Address(**json.loads(address))

    def backends(settings: Settings) -> Mapping[str, Backend]:
        surroundings = Surroundings(lambda: "abc123", home / "jobs", settings.worker_environment(), 100, None)
        backend = runpod_backend(at, surroundings)
        return {backend.name: backend}

    return Session(build(settings_in(home), ScriptedModel([]), Clock(), backends))
