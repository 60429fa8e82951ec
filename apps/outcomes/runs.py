"""A recompute of every trial by any number of workers: asked for once, done block by block, each block once.

Whoever holds the lock of a block works on it. Its outcomes and the note that it has ended are one
transaction, so a worker that dies leaves a block as it was, and the next one takes it from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from apps.holding import alone
from apps.outcomes import selectors
from apps.outcomes.models import RecomputeBlock, RecomputeRun
from apps.outcomes.recomputing import recompute_block
from apps.trials.models import StimulationTrial

#: Begun so often without an end, a block is given up: what kills a worker would kill every worker.
MOST_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Progress:
    blocks: int
    blocks_ended: int
    trials: int
    trials_ended: int


@transaction.atomic
def ask_run(*, size: int, at: datetime) -> RecomputeRun:
    """The run that has not ended yet, or a new one over every trial there is; an earlier one is forgotten."""
    run, is_new = RecomputeRun.objects.get_or_create(ended_at=None, defaults={"asked_at": at})
    if is_new:
        RecomputeRun.objects.exclude(pk=run.pk).delete()
        RecomputeBlock.objects.bulk_create(_blocks(run, size=size))
        end_run(run.pk, at=at)
    return run


def _blocks(run: RecomputeRun, *, size: int) -> Iterator[RecomputeBlock]:
    trials = StimulationTrial.objects.values_list("pk", flat=True)
    for number, ids in enumerate(selectors.blocks_of(trials, size=size)):
        yield RecomputeBlock(run=run, number=number, first=ids[0], last=ids[-1], trials=len(ids))


def end_run(run_id: int, *, at: datetime) -> None:
    """Note that it has ended, once its last block has."""
    live = RecomputeRun.objects.filter(pk=run_id, ended_at=None)
    live.exclude(blocks__in=_unfinished(run_id)).update(ended_at=at)


def work_on_one(run_id: int, *, at: datetime) -> bool:
    """Do a block that nobody else works on; False where there is none."""
    for block_id in _unfinished(run_id).values_list("pk", flat=True):
        with alone(_lock(block_id)) as is_ours:
            if is_ours and _begin(block_id, at=at):
                _finish(block_id, at=at)
                end_run(run_id, at=at)
                return True
    end_run(run_id, at=at)
    return False


def is_worked_on(run_id: int) -> bool:
    for block_id in _unfinished(run_id).filter(tries__gt=0).values_list("pk", flat=True):
        with alone(_lock(block_id)) as is_free:
            if not is_free:
                return True
    return False


def _lock(block_id: int) -> str:
    return f"recompute:{block_id}"


def _unfinished(run_id: int) -> QuerySet[RecomputeBlock]:
    return RecomputeBlock.objects.filter(run=run_id, ended_at=None)


def _begin(block_id: int, *, at: datetime) -> bool:
    """Whether the block is still to be done. Counted before it is: who is killed counts nothing."""
    block = RecomputeBlock.objects.filter(pk=block_id, ended_at=None)
    if block.filter(tries__gte=MOST_TRIES).update(ended_at=at, is_given_up=True):
        return False
    return bool(block.update(tries=F("tries") + 1))


@transaction.atomic
def _finish(block_id: int, *, at: datetime) -> None:
    block = RecomputeBlock.objects.select_related("run").get(pk=block_id)
    ids = StimulationTrial.objects.filter(pk__range=(block.first, block.last)).order_by("pk")
    failed = recompute_block(list(ids.values_list("pk", flat=True)), at=block.run.asked_at)
    block.failed = {str(trial_id): reason for trial_id, reason in failed.items()}
    block.ended_at = at
    block.save(update_fields=["failed", "ended_at"])


def progress_of(run: RecomputeRun) -> Progress:
    blocks = list(run.blocks.values_list("trials", "ended_at"))
    ended = [trials for trials, ended_at in blocks if ended_at is not None]
    return Progress(len(blocks), len(ended), sum(trials for trials, _ in blocks), sum(ended))


def failures_of(run: RecomputeRun) -> dict[str, str]:
    """The kind of error of each trial that could not be judged, and of each block that was given up."""
    found: dict[str, str] = {}
    for block in run.blocks.filter(~Q(failed={}) | Q(is_given_up=True)):
        found |= block.failed
        if block.is_given_up:
            found[f"{block.first} to {block.last}"] = f"begun {MOST_TRIES} times and never ended"
    return found
