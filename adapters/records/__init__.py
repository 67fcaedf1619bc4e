"""What one row of state holds, as plain values that every port may pass on.

Times are aware and in UTC. Money is Decimal US dollars. Every record that a person owns carries `owner_id`.
"""

from __future__ import annotations

from adapters.records.budgets import JobBudgets
from adapters.records.datasets import Added, Column, Dataset
from adapters.records.job_spec import JobEnd, JobSpec, Order, Work
from adapters.records.jobs import Attempt, AttemptState, Job, JobState
from adapters.records.json_values import Json, JsonValue
from adapters.records.messages import Message
from adapters.records.models import Model
from adapters.records.places import OWN, Market, Place
from adapters.records.prediction import PredictionSpec
from adapters.records.quotes import Approval, ApprovalRow, ApprovalState, Quote
from adapters.records.training import Feature, FeatureKind, ParameterValue, Task, TrainingSpec

__all__ = [
    "OWN",
    "Added",
    "Approval",
    "ApprovalRow",
    "ApprovalState",
    "Attempt",
    "AttemptState",
    "Column",
    "Dataset",
    "Feature",
    "FeatureKind",
    "Job",
    "JobBudgets",
    "JobEnd",
    "JobSpec",
    "JobState",
    "Json",
    "JsonValue",
    "Market",
    "Message",
    "Model",
    "Order",
    "ParameterValue",
    "Place",
    "PredictionSpec",
    "Quote",
    "Task",
    "TrainingSpec",
    "Work",
]
