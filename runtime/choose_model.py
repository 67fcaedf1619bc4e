"""Which model answers: Claude with a key, else the offline planner; loaded when the first question comes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from adapters import model as models
from adapters.model.base import LanguageModel, ModelRequest, Reply
from agent import offline
from runtime.settings import Settings, SettingsError

NO_KEY = (
    "No ANTHROPIC_API_KEY is set: I run on the offline planner, which understands simple sentences only (try: help)."
)


class LateModel:
    """A model that loads when it is first asked, so that the prompt is there at once."""

    def __init__(self, name: str, make: Callable[[], LanguageModel]) -> None:
        self.name = name
        self._make = make

    @cached_property
    def _model(self) -> LanguageModel:
        return self._make()

    def most_usd(self, request: ModelRequest) -> Decimal:
        """The most that the request can cost."""
        return self._model.most_usd(request)

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """The loaded model's reply."""
        return self._model.stream(request, on_text, cancel)

    def warm(self) -> None:
        """Load the model, without asking anything."""
        assert self._model is not None  # noqa: S101 - for its side effect


def choose_model(name: str | None, settings: Settings) -> LateModel:
    """The model that `--model` names: claude, offline or replay:FILE; by default Claude when there is a key.

    Raises
    ------
    SettingsError
        If the name is unknown, the file is not there, or Claude has no key.
    """
    if name is None:
        name = "claude" if settings.anthropic_api_key else "offline"
    if name == "offline":
        return LateModel("offline", lambda: offline.OfflineModel())
    if name.startswith("replay:"):
        path = Path(name.removeprefix("replay:"))
        if not path.is_file():
            raise SettingsError(f"--model {name}: there is no file {str(path)!r}")
        try:
            script = models.read_script(path)
        except models.ScriptError as error:
            raise SettingsError(f"--model {name[:80]}: {error}") from error
        return LateModel("scripted", lambda: script)
    if name == "claude":
        key = settings.anthropic_api_key
        if key is None:
            raise SettingsError("--model claude: set ANTHROPIC_API_KEY, or use --model offline")
        name, url = settings.model, settings.anthropic_base_url
        return LateModel(name, lambda: models.ClaudeModel(name, key.get_secret_value(), url))
    raise SettingsError(f"--model {name[:80]!r}: there are claude, offline and replay:FILE")
