"""Negative controls for rented machines: each is broken, and a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

RUNPOD = "tests/adapters/compute/test_runpod.py"
AWS = "tests/adapters/compute/test_aws.py"
AWS_ENDS = "tests/adapters/compute/test_aws_ends.py"
AWS_OFFERS = "tests/adapters/compute/test_aws_offers.py"
ODD = "tests/adapters/compute/test_runpod_odd.py"
LEFT = "tests/adapters/compute/test_runpod_left.py"
CHECKPOINT = "tests/tools/test_checkpoint.py"

GUARDS = {
    "files other than the result states": Guard(
        "adapters/compute/attempt_files.py",
        "if found == stated:",
        "if found:",
        f"{LEFT}::test_files_other_than_the_result_states_are_not_taken",
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
        "if self._files.is_over(attempt):",
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
        "found = self._pods.settled(attempt.key, self._patience.settle_s)",
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
        "adapters/compute/runpod_pods.py",
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
        f"{LEFT}::test_a_log_that_only_says_that_it_is_alive_holds_nobody_up",
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
        "tests/runtime/cloud/test_runpod_training.py::test_a_pod_that_nobody_knows_of_is_ended_when_jobs_are_looked_after",
    ),
    "a pod that works behind a list that lags for long": Guard(
        "adapters/compute/runpod.py",
        "            found = self._pods.begun(attempt)\n",
        "",
        f"{ODD}::test_a_pod_that_works_behind_a_list_that_lags_for_long_is_found_by_its_own_word",
    ),
    "a pod that nobody can name": Guard(
        "adapters/compute/runpod_pods.py",
        "if self.files.is_over(attempt):",
        "if True:",
        f"{ODD}::test_a_pod_that_nobody_can_name_is_not_taken_for_gone_before_its_time",
    ),
    "a pod's own word for another's": Guard(
        "adapters/compute/runpod_pods.py",
        'pod.get("name") != self.name(attempt.key)',
        "False",
        f"{ODD}::test_a_pod_that_nobody_can_name_is_not_taken_for_gone_before_its_time",
    ),
    "a pod that is not shown yet": Guard(
        "adapters/compute/runpod.py",
        "return is_new and not self._files.has(key, BEGUN, CLAIM)",
        "return False",
        f"{ODD}::test_a_pod_that_is_not_shown_a_moment_after_its_create_is_not_lost",
    ),
    "a checkpoint of another training": Guard(
        "tools/ml/checkpoint.py",
        "if found.of != of:",
        "if False:",
        f"{CHECKPOINT}::test_what_is_of_another_training_is_not_used_and_that_is_said",
    ),
    "a setting that this search did not draw": Guard(
        "tools/ml/search.py",
        "elif (trial.model, trial.params) != (candidate.model.name, self._job(candidate).params):",
        "elif False:",
        f"{CHECKPOINT}::test_what_is_of_another_training_is_not_used_and_that_is_said",
    ),
    "the time of the machine that was taken away": Guard(
        "tools/ml/search.py",
        "self._start = clock() - kept.seconds",
        "self._start = clock()",
        f"{CHECKPOINT}::test_a_search_by_time_counts_the_time_of_the_first_machine",
    ),
    "folds that were scored before": Guard(
        "tools/ml/cross_validation.py",
        "if kept is None or models is not None:",
        "if True:",
        f"{CHECKPOINT}::test_what_is_interrupted_twice_ends_as_what_is_not",
    ),
    "what a machine has found, for the next one": Guard(
        "tools/jobs/launching.py",
        ", **self._checkpoint(job, attempt)",
        "",
        "tests/tools/test_next_place.py::test_the_next_machine_gets_what_the_former_one_has_found",
    ),
    "what a machine at AWS has found, before it is taken away": Guard(
        "adapters/compute/aws_boot.py",
        'for name in (CHECKPOINT, "progress.json", "log.txt"):',
        'for name in ("progress.json", "log.txt"):',
        "tests/adapters/compute/test_contract.py::test_a_machine_goes_on_from_what_another_one_has_found[aws]",
    ),
    "a job that found no machine at its price": Guard(
        "tools/jobs/following.py",
        "ask_again=isinstance(error, NoCapacity)",
        "ask_again=False",
        "tests/tools/test_next_place.py::test_a_dearer_place_is_never_taken_without_a_new_yes",
    ),
    "what a second pod has cost": Guard(
        "adapters/compute/runpod_pods.py",
        "            self._keep_cost(key, pod)\n",
        "",
        f"{ODD}::test_what_a_second_pod_has_cost_stands_in_the_bill",
    ),
    "the time until a pod begins": Guard(
        "adapters/compute/pod_boot.py",
        "since = asked_at(time.time())",
        "since = time.time()",
        f"{ODD}::test_the_time_until_a_pod_begins_is_of_its_limit_with_nobody_looking",
    ),
    "a pod whose clock is another": Guard(
        "adapters/compute/pod_boot.py",
        "return written if 0 <= now - written <= LONGEST_START_S else now",
        "return written",
        f"{ODD}::test_clocks_that_differ_make_no_pod_leave_at_once",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
