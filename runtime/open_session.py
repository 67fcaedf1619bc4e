"""How a command opens the program: for whoever is at this terminal, with the log of the home."""

from __future__ import annotations

from adapters.model.base import LanguageModel
from runtime.log_file import log_to
from runtime.program import build
from runtime.session import Session
from runtime.settings import Settings
from runtime.way_out import tell_stderr


def open_session(settings: Settings, model: LanguageModel) -> Session:
    """The session; what was put right in the home is told on standard error.

    Raises
    ------
    SettingsError, StoreError
        If the home or the database cannot be used.
    """
    session = Session(build(settings, model, tell=tell_stderr))
    log_to(settings.home)
    return session
