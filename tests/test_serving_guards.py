"""Negative controls for predictions in parts: each is broken, and a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

WORKER = "tests/runtime/test_serverless_worker.py"
SERVERLESS = "tests/adapters/serving/test_runpod_serverless.py"
DEPLOY = "tests/adapters/serving/test_runpod_deploy.py"
JOBS = "tests/tools/test_prediction_jobs.py"
LEFT = f"{JOBS}::test_what_a_machine_left_is_looked_at"

GUARDS = {
    "a quote of another kind": Guard(
        "agent/gate.py",
        "if misfit is not None:",
        "if False:",
        f"{JOBS}::test_a_quote_is_for_one_model_one_table_and_one_tool",
    ),
    "a quote for another model": Guard(
        "tools/predict/by_quote.py",
        "or context.models.get(model).model_id != work.model_id:",
        "or False:",
        f"{JOBS}::test_a_quote_is_for_one_model_one_table_and_one_tool",
    ),
    "columns that the model does not need": Guard(
        "tools/jobs/staging.py",
        "means.data.export(table, path, work.features)",
        "means.data.export(table, path)",
        f"{JOBS}::test_only_what_the_model_needs_leaves_this_machine",
    ),
    "a model that was changed": Guard(
        "tools/jobs/staging.py",
        "if model is None or means.models.hashes(model) != work.files:",
        "if model is None:",
        f"{JOBS}::test_only_what_the_model_needs_leaves_this_machine",
    ),
    "a part that is missing": Guard(
        "tools/predictions/fetched.py",
        "if path.name != PART.format(number):",
        "if False:",
        LEFT,
    ),
    "more predictions than rows": Guard(
        "tools/predictions/fetched.py",
        "if self._n_left or next(self._parts, None) is not None:",
        "if False:",
        LEFT,
    ),
    "a class that is none": Guard(
        "tools/predictions/fetched.py",
        "if not set(map(str, values.unique())) <= self._classes:",
        "if False:",
        f"{JOBS}::test_a_class_or_a_probability_that_cannot_be_is_refused",
    ),
    "a try that another job has": Guard(
        "runtime/serverless_worker.py",
        'if claim["job"] == part.job_id:',
        "if True:",
        f"{WORKER}::test_a_try_that_another_job_has_is_left_to_it",
    ),
    "what is left of a part's time": Guard(
        "runtime/serverless_worker.py",
        'return part.limit_s - (now - float(claim["at"]))',
        "return part.limit_s",
        f"{WORKER}::test_a_job_that_is_delivered_again_has_what_is_left_of_its_time",
    ),
    "what an earlier delivery of a part took": Guard(
        "runtime/serverless_worker.py",
        "part.limit_s - left_s + time.monotonic() - began",
        "time.monotonic() - began",
        f"{WORKER}::test_what_an_earlier_delivery_took_is_counted",
    ),
    "a part of an attempt that was ended": Guard(
        "runtime/serverless_worker.py",
        "if left_s <= 0 or (part.folder / ENDED).exists():",
        "if left_s <= 0:",
        f"{WORKER}::test_nothing_begins_of_an_attempt_that_was_ended",
    ),
    "the limits of all tries": Guard(
        "adapters/serving/parted.py",
        "if left_s < limit_s * (1 - 1e-9):",
        "if False:",
        f"{SERVERLESS}::test_limits_together_are_within_the_cap",
    ),
    "a try of which nobody says how long it took": Guard(
        "adapters/serving/part_ends.py",
        "if not took and not is_claimed:",
        "if not took:",
        f"{SERVERLESS}::test_a_job_that_takes_too_long_is_ended_at_its_limit_and_counts_whole",
    ),
    "workers that wait and are paid for": Guard(
        "adapters/serving/runpod_serverless.py",
        "if endpoint.workers.min:",
        "if False:",
        f"{SERVERLESS}::test_workers_that_are_paid_for_though_nobody_predicts_are_told_of",
    ),
    "an endpoint of another version": Guard(
        "adapters/serving/runpod_serverless.py",
        'if endpoint.env.get("STATAGENT_PAYLOAD_SHA256") != pack()[0]:',
        "if False:",
        f"{SERVERLESS}::test_an_endpoint_of_another_version_offers_nothing",
    ),
    "a price that has risen": Guard(
        "adapters/serving/runpod_serverless.py",
        "if usd > order.usd_per_hour:",
        "if False:",
        f"{SERVERLESS}::test_a_launch_without_the_right_approval_or_price_starts_nothing",
    ),
    "an endpoint whose answer was lost": Guard(
        "adapters/serving/runpod_deploy.py",
        "            return found[0]\n",
        "            return self.endpoints.create(body)\n",
        f"{DEPLOY}::test_a_lost_answer_makes_no_second_endpoint",
    ),
    "a start that a mistake of ours has kept back": Guard(
        "tools/jobs/following.py",
        'self._not_started(job, ToolError(f"a mistake of ours: {type(error).__name__}"))',
        "pass",
        "tests/tools/test_job_not_begun.py::test_what_a_mistake_kept_from_beginning_never_begins",
    ),
    "a cancel that looks before it cancels": Guard(
        "tools/cancel_job.py",
        "was_final = context.jobs.find(arguments.job_id).state.is_final",
        "was_final = context.jobs.get(arguments.job_id).job.state.is_final",
        "tests/tools/test_job_not_begun.py::test_cancelling_what_has_not_begun_starts_nothing",
    ),
    "a table that an open job needs": Guard(
        "adapters/store/datasets.py",
        "unused &= datasets.c.dataset_id.not_in(_in_use(connection, dataset.owner_id))",
        "pass",
        f"{JOBS}::test_a_table_that_is_loaded_anew_while_its_job_runs_stays_for_the_job",
    ),
    "what would fail again": Guard(
        "adapters/serving/parted.py",
        " and not any(one.is_final for one in before)",
        "",
        "tests/adapters/serving/test_parted.py::test_what_the_data_are_to_blame_for_is_not_tried_again",
    ),
    "a machine that was kept ready": Guard(
        "runtime/part_handler.py",
        "min(_age_s(), MOST_INIT_S)",
        "_age_s()",
        "tests/runtime/test_part_handler.py::test_the_first_call_is_paid_for_from_the_start_of_its_machine",
    ),
    "rows beyond a multiple of 64": Guard(
        "tools/ml/predictor.py",
        "if self._is_row_by_row:",
        "if True:",
        "tests/tools/test_parted_predictions.py::test_every_part_says_what_the_whole_says[ridge-regression]",
    ),
    "two files of one second": Guard(
        "agent/conversation.py",
        "if any(value in names for value in call.arguments.values() if isinstance(value, str))",
        "",
        "tests/runtime/telegram/test_predicting.py::test_what_takes_longer_comes_with_the_end",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
