"""Negative controls for jobs and what they cost: each is broken, and a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

GATE = "tests/agent/test_gate.py"
RACES = "tests/tools/test_job_races.py"
CLUSTER = "tests/runtime/test_cluster.py"
NEXT = "tests/tools/test_next_place.py"

GUARDS = {
    "a score that no model has": Guard(
        "tools/ml/worker_output.py",
        "if not is_none and not (is_number and low <= value <= high + ROUNDING):",
        "if False:",
        "tests/tools/test_model_files.py::test_a_score_that_no_model_has_is_not_taken_over",
    ),
    "an interval that no model has": Guard(
        "tools/ml/worker_output.py",
        '_check_intervals(metadata.get("intervals", {}))',
        "",
        "tests/tools/test_model_files.py::test_an_interval_that_no_model_has_is_not_taken_over",
    ),
    "a time that a worker makes up": Guard(
        "adapters/compute/worker_files.py",
        " or not 0 <= seconds <= limit",
        "",
        "tests/adapters/test_local_backend.py::test_a_time_that_cannot_be_counts_as_the_whole_limit",
    ),
    "an expired quote, at the launch": Guard(
        "adapters/store/jobs.py",
        "if not quote.is_open(now, self._uptime()):",
        "if False:",
        f"{GATE}::test_a_yes_grown_old_before_the_launch_starts_nothing",
    ),
    "a question that is still open": Guard(
        "adapters/store/jobs.py",
        "approvals.c.state == ApprovalState.GRANTED,",
        "",
        f"{GATE}::test_a_pending_question_gives_no_right_to_launch",
    ),
    "an approval with other arguments": Guard(
        "adapters/store/jobs.py",
        "approvals.c.arguments_hash == approval.arguments_hash,",
        "",
        f"{GATE}::test_an_approval_made_by_hand_launches_nothing",
    ),
    "an approval of another call": Guard(
        "adapters/store/jobs.py",
        "approvals.c.call_id == approval.call_id,",
        "",
        f"{GATE}::test_an_approval_made_by_hand_launches_nothing",
    ),
    "a second job of one quote": Guard(
        "adapters/store/jobs.py",
        "if connection.execute(its_job).first() is not None:",
        "if False:",
        f"{GATE}::test_two_questions_about_one_quote_start_one_job",
    ),
    "a dataset loaded anew": Guard(
        "tools/jobs/means.py",
        "if dataset is None:",
        "if False:",
        f"{GATE}::test_a_dataset_loaded_anew_makes_the_quote_worthless",
    ),
    "a price that rose": Guard(
        "tools/jobs/launching.py",
        "if usd_now > quote.cap_usd:",
        "if False:",
        "tests/tools/test_desk.py::test_a_price_above_the_cap_starts_nothing",
    ),
    "a job whose end was asked for": Guard(
        "adapters/store/jobs.py",
        "_is_open(), jobs.c.cancel_requested.is_(False))",
        "_is_open())",
        f"{RACES}::test_a_job_whose_end_was_asked_for_is_never_started",
    ),
    "a closed job": Guard(
        "adapters/store/jobs.py",
        ".where(jobs.c.job_id == job.job_id, _is_open())",
        ".where(jobs.c.job_id == job.job_id)",
        f"{RACES}::test_a_closed_job_stays_as_it_was_closed",
    ),
    "the state of a closed job": Guard(
        "adapters/store/jobs.py",
        "self._update(job, jobs.c.state == JobState.QUEUED,",
        "self._update(job, sa.true(),",
        f"{RACES}::test_a_closed_job_stays_as_it_was_closed",
    ),
    "a result that another program took over": Guard(
        "tools/jobs/following.py",
        "                if is_mine:",
        "                if True:",
        f"{RACES}::test_a_result_is_taken_over_by_one_of_two_programs",
    ),
    "the thread that looks after machines": Guard(
        "runtime/reconciler.py",
        "except Exception:  # the next job's end is told all the same",
        "except LookupError:",
        f"{RACES}::test_the_reconciler_survives_whoever_listens",
    ),
    "one worker a claim": Guard(
        "runtime/worker.py",
        "if not claim(folder, describe_worker()):",
        "if claim(folder, describe_worker()) is None:",
        "tests/adapters/test_local_backend.py::test_two_launches_make_one_worker_work",
    ),
    "the worker's limit": Guard(
        "runtime/worker.py",
        "signal.alarm(order.max_seconds)",
        "",
        "tests/adapters/test_local_backend.py::test_the_kernel_ends_a_worker_at_its_limit",
    ),
    "what one job may cost": Guard(
        "adapters/store/jobs.py",
        "if cap_usd > budgets.job_usd:",
        "if False:",
        "tests/tools/test_desk.py::test_one_job_may_cost_so_much_and_no_more",
    ),
    "a result that can be no model": Guard(
        "tools/jobs/closing.py",
        "except (UnusableResult, ToolError) as error:",
        "except ToolError as error:",
        f"{RACES}::test_a_result_that_can_be_no_model_closes_the_job",
    ),
    "a day's budget for jobs": Guard(
        "adapters/store/jobs.py",
        "if charged + held.reserved + cap_usd > budget:",
        "if False:",
        "tests/tools/test_desk.py::test_a_days_budget_holds_before_the_launch",
    ),
    "a worker's memory": Guard(
        "runtime/worker.py",
        "resource.setrlimit(resource.RLIMIT_DATA, (order.max_memory_bytes, order.max_memory_bytes))",
        "pass",
        "tests/adapters/test_local_backend.py::test_the_kernel_bounds_a_workers_memory",
    ),
    "a cluster of other versions": Guard(
        "adapters/compute/dask_cluster.py",
        "if other is not None:",
        "if False:",
        f"{CLUSTER}::test_a_cluster_that_is_not_made_of_what_is_here_is_refused",
    ),
    "a cluster that does not answer": Guard(
        "adapters/compute/local.py",
        "max_memory_bytes=self._max_memory_bytes, cluster=self._cluster)",
        "max_memory_bytes=self._max_memory_bytes)",
        f"{CLUSTER}::test_a_job_without_its_cluster_is_not_done_at_all",
    ),
    "a password in a cluster's address": Guard(
        "adapters/compute/cluster.py",
        ' or parts.netloc.rpartition("@")[1]',
        "",
        f"{CLUSTER}::test_an_address_that_is_none_of_a_scheduler_is_a_wrong_setting",
    ),
    "another owner's job": Guard(
        "adapters/store/jobs.py",
        "found = self._jobs(jobs.c.owner_id == owner_id, jobs.c.job_id == job_id)",
        "found = self._jobs(jobs.c.job_id == job_id)",
        "tests/tools/test_owners.py::test_the_other_ones_ids_are_strange_to_him",
    ),
    "a price above the agreed one, at the next place": Guard(
        "tools/jobs/launching.py",
        "            if offer.usd_per_hour <= quote.usd_per_hour or quote.place.market is Market.SPOT\n",
        "",
        f"{NEXT}::test_a_dearer_place_is_never_taken_without_a_new_yes",
    ),
    "what is left of the cap, at the next place": Guard(
        "tools/jobs/launching.py",
        ", int(left_usd * 3600 / offer.usd_per_hour))",
        ")",
        f"{NEXT}::test_no_place_is_tried_for_which_too_little_is_left",
    ),
    "a third spot machine": Guard(
        "tools/jobs/launching.py",
        "            if n_taken < MOST_TAKEN or offer.place.market is not Market.SPOT\n",
        "",
        f"{NEXT}::test_who_took_two_spot_machines_is_asked_for_no_third",
    ),
    "a job that was said not to have started": Guard(
        "tools/jobs/following.py",
        "self._means.rows.request_cancel(job)",
        "pass",
        f"{RACES}::test_what_was_said_not_to_start_starts_at_no_later_look",
    ),
    "two programs that start one job": Guard(
        "tools/jobs/following.py",
        "if not is_mine:",
        "if False:",
        "tests/tools/test_job_races.py::test_one_of_two_programs_starts_a_machine",
    ),
    "the dataset that was quoted": Guard(
        "tools/jobs/means.py",
        "self.data.version(spec.dataset_id)",
        "self.data.get(spec.dataset)",
        f"{GATE}::test_what_was_quoted_is_trained_whatever_another_conversation_loads",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
