"""What a person has: datasets, models, jobs, conversations, costs; as records, for tables and for JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from runtime.all_jobs import AllJobs
from runtime.session import Session
from tools.model_lines import metadata_of
from tools.warned import said

Records = list[dict[str, Any]]


def datasets(session: Session, conversation_id: str | None = None) -> Records:
    """The newest first; as the conversation sees them, or the current ones."""
    data = session.data if conversation_id is None else session.data_of(conversation_id)
    return [
        {
            "dataset": dataset.name,
            "rows": dataset.rows,
            "columns": len(dataset.columns),
            "megabytes": round(dataset.size_bytes / 1e6, 1),
            "source": dataset.source,
            "loaded": _minute(dataset.created_at),
        }
        for dataset in data.all()
    ]


def datasets_in_full(session: Session) -> Records:
    """The same with what each warned of when it was made."""
    return [
        record | said(dataset.warned) for record, dataset in zip(datasets(session), session.data.all(), strict=True)
    ]


def models(session: Session) -> Records:
    """The newest first, with their scores on test rows."""
    return [
        {
            "model": model.model_id,
            "name": model.name,
            "version": model.version,
            "target": model.target,
            "scores": told.metrics,
            "test_rows": told.rows.test,
            "against_baseline": told.against_baseline,
            "trained": _minute(model.created_at),
        }
        for model, told in ((model, metadata_of(model)) for model in session.models.all())
    ]


def jobs(session: Session) -> Records:
    """The newest first, as their machines stand now."""
    AllJobs(session.program).reconcile()
    return [
        {
            "job": view.job.job_id,
            "state": view.job.state.value,
            "progress": f"{view.progress:.0%}",
            "status": view.status,
            "seconds": round(view.seconds, 1),
            "dollars": float(view.cost_usd),
            "begun": _minute(view.job.created_at),
        }
        for view in (session.jobs.get(job.job_id) for job in session.jobs.all())
    ]


def conversations(session: Session) -> Records:
    """The one used last first, with its first words."""
    return [
        {"session": entry.conversation_id, "used": _minute(entry.used_at), "model": entry.model, "begins": entry.begins}
        for entry in session.conversations()
    ]


def costs(session: Session) -> dict[str, Any]:
    """What show_spending gives."""
    return dict(session.call_tool("show_spending", "{}", None).content)


def _minute(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
