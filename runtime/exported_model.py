"""`/export model NAME`: a model as a zip file, by the tool that any caller has."""

from __future__ import annotations

import json

from adapters.names import name_choices
from runtime.session import Session
from tools.errors import ToolError
from tools.results import Artifact

WORD = "model"
HOW = "/export model NAME: a model as a zip file that predicts without me"


def exported_model(session: Session, name: str) -> Artifact:
    """The zip file of the model of that name, or of the only one.

    Raises
    ------
    ToolError
        If no name is given and there are several models, or none; if there is no such model, or it cannot be written.
    """
    models = session.models.all()
    if not name and len(models) > 1:
        known = [model.name or model.model_id for model in models]
        raise ToolError(f"/export model NAME: {name_choices('', dict.fromkeys(known))}")
    wished = name or (models[0].model_id if models else "")
    return session.call_tool("export_model", json.dumps({"model": wished}), None).artifacts[0]
