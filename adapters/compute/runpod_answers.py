"""What stands in RunPod's answers, and what it means where it cannot be read."""

from __future__ import annotations

from typing import Any

import httpx

from adapters.compute.base import ComputeError
from adapters.json_text import parse_json


class AmbiguousError(ComputeError):
    """Nobody knows whether the request was carried out: the answer was lost, or it was a 5xx."""


class SilentError(ComputeError):
    """It cannot be reached, or gives no answer that could be read, however often it is asked."""


def refused(answer: httpx.Response) -> ComputeError:
    """The error of an answer that is a refusal."""
    if answer.status_code == 401:
        return ComputeError("RunPod does not know the key in RUNPOD_API_KEY")
    return ComputeError(f"RunPod refuses ({answer.status_code}: {detail_of(answer)})")


def object_in(answer: httpx.Response) -> dict[str, Any]:
    """The object of an answer; a list stands under `data`. Raises AmbiguousError where there is neither."""
    try:
        found = parse_json(answer.content)
    except ValueError as error:
        raise AmbiguousError("RunPod's answer is no JSON") from error
    if not isinstance(found, dict | list):
        raise AmbiguousError("RunPod's answer is no JSON object")
    return {"data": found} if isinstance(found, list) else found


def listed(found: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list, which stands alone or under its name; none where there is no answer.

    An answer without one is no empty list: of pods it would say that nothing costs.
    """
    values = [] if found is None else found.get(name, found.get("data"))
    if isinstance(values, dict):
        values = values.get(name)
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise AmbiguousError(f"RunPod's answer holds no list of {name}")
    return values


def next_cursor(page: dict[str, Any]) -> str | None:
    """What the next page is asked for by; None on the last one."""
    about = page.get("pagination")
    if about is None:
        return None
    cursor = about.get("nextCursor") if isinstance(about, dict) else None
    if isinstance(about, dict) and not about.get("hasNextPage", cursor is not None):
        return None
    if not isinstance(cursor, str) or not cursor:
        raise AmbiguousError("RunPod's list says that it goes on, and not how")
    return cursor


def detail_of(answer: httpx.Response) -> str:
    """What the provider says of a refusal: text of somebody else's, cut short."""
    try:
        said = parse_json(answer.content)
    except ValueError:
        return "no reason given"
    text = said.get("detail") or said.get("title") or "no reason given" if isinstance(said, dict) else "no reason given"
    return "".join(letter for letter in str(text)[:160] if letter.isprintable())
