"""A case: one conversation with what must come of it, as a YAML file. docs/evals.md shows how to write one."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.events import EndReason


class CaseError(Exception):
    """A file that is no case; the message names the file, the place and what is wrong there."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Part):
    """A file of the case: written into its folder from `text` or `base64`, else taken from where it is, and checked."""

    name: str = Field(description="Its name in the case's own folder, or its path (in the repository, or absolute).")
    text: str | None = None
    encoding: str = "utf-8"
    base64: str | None = None
    path: str | None = Field(default=None, description="Of a transcript: what the conversation calls it.")
    sha256: str | None = None


class Call(_Part):
    """A tool call in a scripted reply. `${quote_id}` stands for the last quote_id that a result gave."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    id: str | None = None


class Reply(_Part):
    """One reply of the script: words and calls, or the blocks exactly as they once came (`wire`)."""

    text: str | None = None
    calls: tuple[Call, ...] = ()
    wire: list[dict[str, Any]] | None = None
    stop_reason: str | None = None
    usage: dict[str, Any] = Field(default_factory=dict)
    fails: str | None = Field(default=None, description="The model cannot be asked, for this reason.")
    crash: bool = Field(default=False, description="The program dies while it asks.")


class ExpectedCall(_Part):
    """A call that must be made: the tool, and at least these arguments; `error` is a part of its error, if it fails."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    error: str | None = None


class ExpectedNumber(_Part):
    """What a tool's last result must hold: `at` is the way to it, a mapping picks the item of a list that fits."""

    call: str
    at: tuple[str | int | dict[str, Any], ...]
    value: Annotated[float | int | str | bool | None, Field(alias="is")] = None
    within: float = Field(default=1e-6, description="Allowed distance, relative to the value (absolute for 0).")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Expected(_Part):
    """What a turn must do; what is not named is not looked at."""

    calls: tuple[ExpectedCall, ...] | None = None
    numbers: tuple[ExpectedNumber, ...] = ()
    reply_numbers: tuple[float, ...] = Field(
        default=(), description="Numbers that the reply must say, rounded as it likes."
    )
    reply_words: tuple[str, ...] = Field(default=(), description="Words that the reply must say; case does not count.")
    notices: tuple[str, ...] = Field(default=(), description="Parts of what the program itself must tell the person.")
    flagged: tuple[str, ...] | None = Field(default=None, description="Numbers of the reply that no result gives.")
    ends: EndReason | None = None
    card: str | None = Field(default=None, description="A part of the card that asks for the yes.")


class Turn(_Part):
    """What a person does, what the model says to it, and what must come of it."""

    person: str = "ann"
    user: str | None = None
    decision: Literal["yes", "no"] | None = None
    resume: bool = Field(default=False, description="The program is started again, and goes on where it was.")
    at: datetime | None = Field(default=None, description="What the clock says, from here on.")
    later_s: float = Field(default=0, ge=0, description="So many seconds pass before it.")
    usd_per_hour: Decimal | None = Field(default=None, ge=0, description="What a machine costs, from here on.")
    max_seconds: int | None = Field(default=None, ge=1, description="How long a job may run, from here on.")
    wait_for_jobs: bool = Field(default=False, description="Before this turn, all jobs come to their end.")
    replies: tuple[Reply, ...] = ()
    results: dict[str, Any] | None = Field(default=None, description="Of a transcript: each call's result as it was.")
    expect: Expected = Expected()

    @model_validator(mode="after")
    def _one_deed(self) -> Turn:
        if sum([self.user is not None, self.decision is not None, self.resume]) != 1:
            raise ValueError("a turn is one of user, decision, resume")
        return self


class Effects(_Part):
    """What the whole case may do at most."""

    jobs: int | None = Field(default=None, description="Jobs that were started.")
    datasets: int | None = None
    models: int | None = None
    tools: tuple[str, ...] = Field(default=(), description="Tools that must not run.")


class Case(_Part):
    """One conversation, or several people's at once."""

    about: str

    settings: dict[str, Any] = Field(default_factory=dict)
    files: tuple[File, ...] = ()
    turns: tuple[Turn, ...] = Field(min_length=1)
    at_most: Effects = Effects()
    live: bool = Field(default=True, description="Whether it makes sense to ask Claude itself.")


def read_case(path: Path) -> Case:
    """The case in a YAML file.

    Raises
    ------
    CaseError
        If it is no YAML or no case; names the place.
    """
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        return Case.model_validate(loaded)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CaseError(f"{path}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors(include_input=False)]
        raise CaseError(f"{path}: {'; '.join(problems)}") from error


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the faster one where it is built
    """Safe, and yes is a word: `decision: yes` is no boolean."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
