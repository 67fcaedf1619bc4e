"""Negative controls for jobs, their machines and what they cost: each is broken, and a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

GATE = "tests/agent/test_gate.py"
RACES = "tests/tools/test_job_races.py"
NEXT = "tests/tools/test_next_place.py"
RUNPOD = "tests/adapters/compute/test_runpod.py"
AWS = "tests/adapters/compute/test_aws.py"
AWS_ENDS = "tests/adapters/compute/test_aws_ends.py"
AWS_OFFERS = "tests/adapters/compute/test_aws_offers.py"
ODD = "tests/adapters/compute/test_runpod_odd.py"

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
        "tools/jobs/closing.py",
        "            if again.state.is_final:",
        "            if False:",
        f"{RACES}::test_a_result_that_goes_while_it_is_read_was_taken_over_by_another",
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
    "files other than the result states": Guard(
        "adapters/compute/attempt_files.py",
        "if found == stated:",
        "if found:",
        f"{ODD}::test_files_other_than_the_result_states_are_not_taken",
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
    "the token of a request for a machine": Guard(
        "adapters/compute/aws_request.py",
        '"ClientToken": attempt.key,',
        "",
        f"{AWS}::test_a_program_that_died_behind_the_request_finds_its_machine_in_a_lagging_list",
    ),
    "the timer of a machine": Guard(
        "adapters/compute/aws_boot.py",
        "run_for(limit - (time.time() - launched_at()), min(5.0, limit / 10))",
        "run_for(1e9, 5.0)",
        f"{AWS_ENDS}::test_the_machine_ends_at_its_limit_with_nobody_looking_and_the_bill_stops_at_the_cap",
    ),
    "a machine that begins after its end": Guard(
        "adapters/compute/aws_boot.py",
        'if folder.has("claim.json") or folder.has("ended.json"):',
        "if False:",
        f"{AWS_ENDS}::test_a_machine_that_begins_after_its_end_does_nothing_and_ends_itself",
    ),
    "two machines of one key": Guard(
        "adapters/compute/aws_instances.py",
        "for one in found[1:]:",
        "for one in found[:0]:",
        f"{AWS}::test_of_two_machines_of_a_key_one_stays",
    ),
    "our own code, as it was sent": Guard(
        "adapters/compute/aws_boot.py",
        'if hashlib.sha256(payload.read_bytes()).hexdigest() != os.environ["STATAGENT_PAYLOAD_SHA256"]:',
        "if False:",
        f"{AWS_ENDS}::test_a_machine_that_may_not_fetch_its_job_says_why",
    ),
    "a machine that has done its work before its program comes back": Guard(
        "adapters/compute/aws.py",
        "if self._files.has(key, ENDED, RESULT) or (self._files.has(key, BEGUN) and self._is_long_ago(attempt)):",
        "if False:",
        f"{AWS}::test_a_program_that_comes_back_after_its_machine_is_forgotten_makes_no_second_one",
    ),
    "a machine beyond its limit behind a bucket that is down": Guard(
        "adapters/compute/aws.py",
        "if handle is not None and is_there and paid_seconds(handle, None, limit) >= limit:",
        "if False:",
        f"{AWS_ENDS}::test_a_machine_beyond_its_limit_is_ended_though_the_bucket_cannot_be_reached",
    ),
    "a machine whose end failed": Guard(
        "adapters/compute/aws_instances.py",
        "while any(state_of(self.of(handle)) in COSTING for handle in handles):",
        "while False:",
        f"{AWS_ENDS}::test_an_end_that_is_taken_back_is_not_taken_for_gone",
    ),
    "the schedule that ends a machine": Guard(
        "adapters/compute/aws.py",
        "        self._arm(attempt, handle)\n",
        "",
        f"{AWS_ENDS}::test_a_schedule_goes_with_its_machine",
    ),
    "what a worker at AWS sees of keys": Guard(
        "adapters/compute/aws_boot.py",
        "environment = {name: os.environ[name] for name in KEPT if name in os.environ}",
        "environment = dict(os.environ)",
        f"{AWS_OFFERS}::test_no_key_reaches_the_worker_the_log_or_a_repr",
    ),
    "a machine of EC2 that costs more than was agreed": Guard(
        "adapters/compute/aws.py",
        "if usd > order.usd_per_hour:",
        "if False:",
        f"{AWS_OFFERS}::test_a_machine_dearer_than_agreed_is_never_asked_for",
    ),
    "a create whose answer was lost": Guard(
        "adapters/compute/runpod.py",
        "found = self._settled(attempt.key, self._patience.settle_s)",
        "found = None",
        f"{RUNPOD}::test_a_lost_answer_never_makes_a_second_pod",
    ),
    "a create of a program that died behind it": Guard(
        "adapters/compute/runpod.py",
        "0.0 if is_first else self._patience.settle_s",
        "0.0",
        f"{RUNPOD}::test_a_program_that_died_behind_the_create_finds_its_pod_in_a_lagging_list",
    ),
    "two pods of a name": Guard(
        "adapters/compute/runpod.py",
        "for pod in pods[1:]:",
        "for pod in pods[:0]:",
        f"{RUNPOD}::test_of_two_pods_of_a_name_the_oldest_stays",
    ),
    "a pod that costs more than was agreed": Guard(
        "adapters/compute/runpod.py",
        "if usd is None or usd <= agreed:",
        "if True:",
        f"{RUNPOD}::test_a_pod_that_costs_more_than_was_agreed_is_deleted_at_once",
    ),
    "a pod that has done its work before its program comes back": Guard(
        "adapters/compute/runpod.py",
        "if found is None and not is_first and self._files.has(attempt.key, BEGUN, ENDED, RESULT):",
        "if False:",
        f"{ODD}::test_a_program_that_comes_back_after_its_pod_is_gone_makes_no_second_one",
    ),
    "a pod beyond its limit behind a volume that is down": Guard(
        "adapters/compute/runpod.py",
        "if pod is not None and paid_seconds(handle, None, limit) >= limit:",
        "if False:",
        f"{ODD}::test_a_pod_beyond_its_limit_is_deleted_though_the_volume_cannot_be_reached",
    ),
    "a job that was said not to have started": Guard(
        "tools/jobs/following.py",
        "self._means.rows.request_cancel(job)",
        "pass",
        f"{RACES}::test_what_was_said_not_to_start_starts_at_no_later_look",
    ),
    "the timer beside a volume that hangs": Guard(
        "adapters/compute/pod_boot.py",
        "threading.Thread(target=watch, daemon=True).start()",
        "pass",
        f"{ODD}::test_a_volume_that_hangs_keeps_no_pod_beyond_its_time",
    ),
    "pods on later pages of the list": Guard(
        "adapters/compute/runpod_api.py",
        "if cursor is None:\n                return found",
        "if True:\n                return found",
        f"{ODD}::test_pods_on_later_pages_are_there_too",
    ),
    "a log's stream that never ends": Guard(
        "adapters/compute/runpod_api.py",
        "or time.monotonic() > deadline",
        "or False",
        f"{ODD}::test_a_log_that_only_says_that_it_is_alive_holds_nobody_up",
    ),
    "two programs that start one job": Guard(
        "tools/jobs/following.py",
        "if not is_mine:",
        "if False:",
        "tests/tools/test_job_races.py::test_one_of_two_programs_starts_a_machine",
    ),
    "the timer of a pod": Guard(
        "adapters/compute/pod_boot.py",
        "while child.poll() is None and time.monotonic() < deadline:",
        "while child.poll() is None:",
        f"{RUNPOD}::test_the_pod_ends_at_its_limit_with_nobody_looking_and_the_bill_stops_at_the_cap",
    ),
    "a pod's own delete": Guard(
        "adapters/compute/pod_boot.py",
        "    finally:\n        delete_pod()",
        "    finally:\n        say('done')",
        f"{RUNPOD}::test_the_pod_ends_at_its_limit_with_nobody_looking_and_the_bill_stops_at_the_cap",
    ),
    "what a rented worker sees of keys": Guard(
        "adapters/compute/pod_boot.py",
        "environment = {name: os.environ[name] for name in KEPT if name in os.environ}",
        "environment = dict(os.environ)",
        f"{RUNPOD}::test_no_key_reaches_the_worker_the_log_or_a_repr",
    ),
    "a delete that failed": Guard(
        "adapters/compute/runpod_api.py",
        "return _or_again(answer, 500)",
        "return answer if method == 'GET' else httpx.Response(204)",
        f"{RUNPOD}::test_a_delete_that_fails_is_not_taken_for_gone",
    ),
    "a pod that nobody knows of": Guard(
        "tools/jobs/strays.py",
        "for key in set(running) - rows.open_keys():",
        "for key in set[str]():",
        "tests/runtime/test_cloud_training.py::test_a_pod_that_nobody_knows_of_is_ended_when_jobs_are_looked_after",
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
