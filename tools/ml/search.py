"""The best of many settings: each is raced against the best so far over the same folds of the training rows.

A setting is scored fold by fold, and dropped as soon as it is behind the best on the same folds by more than the mean
of so many folds varies. The test rows are never looked at.

References
----------
Maron, Moore (1994). Hoeffding races: accelerating model selection search for classification and function approximation.
NIPS 6, 59-66. Kuhn (2014). Futility analysis in the cross-validation of machine learning models. arXiv:1405.6974.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, r2_score
from threadpoolctl import threadpool_limits

from tools.ml.checkpoint import KeptSearch, nothing_kept
from tools.ml.counting import weights_of
from tools.ml.fit_times import Settings
from tools.ml.fitting import fit_pipeline
from tools.ml.folds import Folds, make_folds
from tools.ml.kept_together import Places, Sides, groups_of, ranks_of
from tools.ml.model_types import AUTO, types_of
from tools.ml.reporting import Report, nobody
from tools.ml.search_bounds import (
    Bounds,
    bounds_of,
    compared_types,
    fit_seconds,
    fold_seconds,
    n_folds_of,
    searches,
    settled,
    why_not,
)
from tools.ml.search_space import Best, Candidate, Candidates
from tools.ml.searched import Ended, NotCompared, Ranked, Searched, StoppedBy, Trial
from tools.ml.spec import ParameterValue, TrainingSpec
from tools.ml.spreading import each_fold, is_joined
from tools.ml.time_limit import TimeIsOver, at_most
from tools.ml.trial_scores import behind, is_behind, rank_of, ranked_by, score_of, told_of
from tools.ml.validation import Vector, baseline_value

Clock = Callable[[], float]
PROBED_S = 0.5
"""A fold's fit that should take longer is first done with a tenth of its rows, to see how long it takes here."""
MANY_CELLS = 500_000
"""Of fewer, threads wait for each other longer than they work: 28 s for 0.2 s of boosting on a machine with others."""
MOST_PASSED = 30
"""Settings one after the other for which there is no time: then the search ends."""


def settle(
    spec: TrainingSpec,
    train: pd.DataFrame,
    y: Vector,
    say: Report,
    clock: Clock = time.monotonic,
    kept: KeptSearch | None = None,
) -> tuple[TrainingSpec, Searched | None]:
    """The job with every parameter settled, and how; the job itself where it leaves nothing to be searched for.

    What is `kept` of the same search is not tried again, and what is tried is kept.

    Raises
    ------
    ValueError
        If none of the settings can be fitted to these rows.
    """
    if not searches(spec):
        return spec, None
    kept = kept or nothing_kept()
    with threadpool_limits(1 if train.size < MANY_CELLS else None):
        try:
            found = _Search(spec, train, y, clock, kept).run(say)
        except _OtherSearch:
            kept.forget()
            say("the search begins anew: what an earlier machine left are other settings", 0.0)
            found = _Search(spec, train, y, clock, kept).run(say)
    return settled(spec, found.trials[0]), found


class _OtherSearch(Exception):
    """What was kept was not drawn by this search."""


class _Search:
    """One search over the training rows."""

    def __init__(self, spec: TrainingSpec, train: pd.DataFrame, y: Vector, clock: Clock, kept: KeptSearch) -> None:
        self._spec, self._train, self._y, self._clock, self._kept = spec, train, y, clock, kept
        self._bounds: Bounds = bounds_of(spec)
        self._types = compared_types(spec, len(y))
        self._folds = _folds(spec, train, y)
        self._score: Ranked = ranked_by(spec, y)
        self._paces: dict[str, float] = {}
        self._trials: list[Trial] = []
        self._too_slow: set[str] = set()
        self._start = clock() - kept.seconds

    def run(self, say: Report) -> Searched:
        """Try settings until a bound is met."""
        draws = Candidates(self._spec, self._types, len(self._y), np.random.default_rng(self._spec.seed))
        n_passed, earlier = 0, list(self._kept.drawn)
        while len(self._trials) < self._bounds.trials:
            candidate = draws.next(self._best_of_types())
            if candidate is None:
                return self._found("nothing_left")
            is_kept = bool(earlier)
            trial = self._as_kept(candidate, earlier.pop(0)) if is_kept else self._tried(candidate)
            if trial is None:
                n_passed += 1
                if n_passed > MOST_PASSED or self._left() <= 0:
                    return self._found("seconds")
                continue
            self._trials.append(trial)
            if not is_kept:
                say(f"setting {len(self._trials)}: {told_of(trial, self._score)}", self._done())
        return self._found("trials")

    def _tried(self, candidate: Candidate) -> Trial | None:
        """Its scores, kept for whoever goes on; None where there is no time for it."""
        trial = self._race(candidate) if not self._trials or self._has_time_for(candidate) else None
        self._kept.keep(trial, self._clock() - self._start)
        return trial

    def _as_kept(self, candidate: Candidate, trial: Trial | None) -> Trial | None:
        """What an earlier machine has found of it."""
        if trial is None:
            self._too_slow.add(candidate.model.name)
        elif (trial.model, trial.params) != (candidate.model.name, self._job(candidate).params):
            raise _OtherSearch
        return trial

    def _has_time_for(self, candidate: Candidate) -> bool:
        """Whether a fold of it should end in time; a long one is first tried on a tenth of its rows."""
        name, n_rows = candidate.model.name, len(self._y)
        if self._bounds.seconds is not None and name not in self._paces and self._expected(candidate) > PROBED_S:
            with suppress(ValueError, TimeIsOver):
                train, test = (rows[: n_rows // 10] for rows in self._folds.parts[0])
                self._next(self._scores(candidate, [(train, test)]), candidate, len(train))
        has_time = self._left() > 0 and self._expected(candidate) <= self._left()
        if not has_time:
            self._too_slow.add(name)
        return has_time

    def _found(self, stopped_by: StoppedBy) -> Searched:
        ranked = sorted(self._trials, key=rank_of)
        if not ranked or not ranked[0].folds:
            failed = next((trial.reason for trial in ranked if trial.reason), None)
            if failed is None:
                raise ValueError(f"tune: in {self._bounds.seconds} s not one setting could be scored; give it more")
            raise ValueError(f"none of the {len(ranked)} settings could be fitted: {failed}")
        return Searched(
            asked=self._spec.model_validate(self._spec.model_dump()),
            score=self._score,
            n_folds=len(self._folds.parts),
            n_rows=len(self._y),
            trials=tuple(ranked),
            baseline=self._baseline(),
            not_compared=self._not_compared(),
            stopped_by=stopped_by,
            seconds=round(self._clock() - self._start, 3),
        )

    def _race(self, candidate: Candidate) -> Trial:
        """The candidate's score on each fold, until it is dropped."""
        start, best, reason = self._clock(), self._best(), None
        scores: list[float] = []
        ended: Ended = "scored"
        doing = self._scores(candidate, self._folds.parts)
        for train, _ in self._folds.parts:
            if scores and self._expected(candidate) > self._left():
                ended = "out_of_time"
                break
            try:
                score = self._next(doing, candidate, len(train))
            except TimeIsOver:
                self._too_slow.add(candidate.model.name)
                ended = "out_of_time"
                break
            except ValueError as error:
                ended, reason = "failed", str(error).split("\n")[0][:200]
                break
            if score is None:
                continue
            # A forest's threads add up in any order: the last digits must not decide.
            scores.append(round(score, 12))
            if best is not None and is_behind(scores, best.folds) and len(scores) < len(self._folds.parts):
                ended = "dropped"
                break
        doing.close()
        return Trial(
            model=candidate.model.name,
            params=self._job(candidate).params,
            folds=tuple(scores),
            mean=float(np.mean(scores)) if scores else None,
            sd=float(np.std(scores, ddof=1)) if len(scores) > 1 else None,
            seconds=round(self._clock() - start, 3),
            ended=ended,
            reason=reason,
        )

    def _scores(self, candidate: Candidate, parts: Sequence[Sides]) -> Generator[float | None]:
        """The score of each of these folds, each as it is asked for: on a cluster side by side."""
        shared = self._job(candidate), self._score, self._train, self._y
        return each_fold(_score_fold, shared, parts, here=candidate.model.spreads)

    def _next(self, doing: Generator[float | None], candidate: Candidate, n_rows: int) -> float | None:
        """The next fold's score, and how long its type takes here; raises TimeIsOver at half of what is left."""
        start, name = self._clock(), candidate.model.name
        try:
            # Half of what is left: a fit that never ends must not be all that was tried.
            with at_most(self._left() / 2):
                return next(doing)
        finally:
            pace = (self._clock() - start) / fit_seconds(candidate.model, self._job(candidate), n_rows)
            # Of folds that are done side by side only the first is waited for.
            self._paces[name] = max(pace, self._paces.get(name, 0.0)) if is_joined() else pace

    def _job(self, candidate: Candidate) -> TrainingSpec:
        params = tuple(ParameterValue(name=name, value=value) for name, value in candidate.settings.items())
        return self._spec.model_copy(update={"model": candidate.model.name, "params": params, "tune": None})

    def _expected(self, candidate: Candidate) -> float:
        """Seconds of a fold of it, by how long its type took here so far; none where no time is set."""
        if self._bounds.seconds is None:
            return 0.0
        pace = self._paces.get(candidate.model.name, 1.0)
        return pace * fold_seconds(candidate.model, self._job(candidate), len(self._y))

    def _left(self) -> float:
        if self._bounds.seconds is None:
            return math.inf
        return self._bounds.seconds - (self._clock() - self._start)

    def _done(self) -> float:
        shares = [len(self._trials) / self._bounds.trials]
        if self._bounds.seconds is not None:
            shares.append((self._clock() - self._start) / self._bounds.seconds)
        return min(max(shares), 1.0)

    def _best(self) -> Trial | None:
        whole = [trial for trial in self._trials if trial.ended == "scored"]
        return min(whole, key=rank_of) if whole else None

    def _best_of_types(self) -> Best:
        """By how far each is behind on the folds that it came to: a dropped setting may be better than a whole one."""
        best, found = self._best(), dict[str, Settings]()
        begun = [trial for trial in self._trials if trial.folds]
        if best is not None:
            begun.sort(key=lambda trial: behind(trial.folds, best.folds))
        for trial in begun:
            found.setdefault(trial.model, {one.name: one.value for one in trial.params})
        return found

    def _baseline(self) -> float:
        """The mean score, on the same folds, of what knows nothing."""
        if self._score == "roc_auc":
            return 0.5
        scores = []
        for train, test in self._folds.parts:
            always = np.full(len(test), baseline_value(self._spec.task, self._y[train]))
            measure = r2_score if self._score == "r2" else accuracy_score
            scores.append(float(measure(self._y[test], always)))
        return float(np.mean(scores))

    def _not_compared(self) -> dict[str, NotCompared]:
        if self._spec.model != AUTO.name:
            return {}
        starts = [model for model in types_of(self._spec.task) if model.starts]
        why = {model.name: why_not(model, self._spec, len(self._y)) for model in starts}
        tried = {trial.model for trial in self._trials}
        slow: dict[str, NotCompared] = dict.fromkeys(self._too_slow - tried, "too_slow")
        return {name: reason for name, reason in why.items() if reason is not None} | slow


def _score_fold(
    job: TrainingSpec, ranked: Ranked, train: pd.DataFrame, y: Vector, rows: Places, tested: Places
) -> float | None:
    """The score of one fold; None where it has none, as of one class."""
    pipeline, *_ = fit_pipeline(job, train.iloc[rows], y[rows], nobody)
    later = train.iloc[tested]
    return score_of(ranked, pipeline, later, y[tested], weights_of(job, later))


def _folds(spec: TrainingSpec, train: pd.DataFrame, y: Vector) -> Folds:
    """The folds of the training rows, kept apart by groups or times as the job says; as many as there can be."""
    groups, ranks, n_folds = groups_of(spec, train), ranks_of(spec, train), n_folds_of(len(y))
    if groups is not None:
        n_folds = min(n_folds, len(np.unique(groups)))
    if ranks is not None:
        n_folds = min(n_folds, int(ranks.max()))
    if n_folds < 2:
        raise ValueError("the training rows cannot be parted into folds: there is nothing to compare settings by")
    # Strata are asked for in the parts of the whole table; a class may be too rare for these folds.
    return make_folds(spec.model_copy(update={"stratify": None if spec.stratify else spec.stratify}), train, y, n_folds)
