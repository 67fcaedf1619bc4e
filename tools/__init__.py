"""What Claude may do: one file a tool, and the engines below them that do the work."""

from tools.analyze_distribution import analyze_distribution
from tools.cancel_job import cancel_job
from tools.check_quality import check_quality
from tools.compare_groups import compare_groups
from tools.compare_models import compare_models
from tools.correlate import correlate
from tools.crosstab import crosstab
from tools.delete_model import delete_model
from tools.describe import describe
from tools.detect_schema import detect_schema
from tools.errors import ToolError
from tools.estimate_cost import estimate_cost
from tools.explain_model import explain_model
from tools.export_model import export_model
from tools.find_outliers import find_outliers
from tools.keep_threshold import keep_threshold
from tools.launch_training import launch_training
from tools.list_models import list_models
from tools.load_dataset import load_dataset
from tools.model_card import model_card
from tools.plot import plot
from tools.poll_job import poll_job
from tools.predict import predict
from tools.query import query
from tools.rater_agreement import rater_agreement
from tools.regress import regress
from tools.rename_model import rename_model
from tools.restore_model import restore_model
from tools.show_spending import show_spending
from tools.spec import Tool
from tools.transform import transform

TOOLS: tuple[Tool, ...] = (
    load_dataset,
    query,
    transform,
    check_quality,
    describe,
    correlate,
    compare_groups,
    crosstab,
    rater_agreement,
    analyze_distribution,
    find_outliers,
    regress,
    plot,
    detect_schema,
    estimate_cost,
    launch_training,
    poll_job,
    cancel_job,
    predict,
    compare_models,
    explain_model,
    list_models,
    model_card,
    export_model,
    rename_model,
    keep_threshold,
    delete_model,
    restore_model,
    show_spending,
)
"""Every tool there is, in the order in which Claude reads them."""


def find_tool(name: str) -> Tool:
    """The tool of that name; ToolError with all names if there is none."""
    for tool in TOOLS:
        if tool.name == name:
            return tool
    raise ToolError(f"no tool {name!r}; there are {', '.join(tool.name for tool in TOOLS)}")
