"""The rules that a clinic judges with: the shipped ones, and its own that a second person has approved."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date
from functools import lru_cache

from apps.trials.judged import Judged
from apps.trials.models import ClinicRuleSet
from sctrial.criteria import RuleSet, read_rule_set, rule_sets, version_order

logger = logging.getLogger(__name__)
# The longest shipped rule set has some 2,700.
MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One approved version of a clinic's own rule set."""

    rule: RuleSet
    approved_on: date


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The approved rules of some clinics, read by one statement.

    Whoever judges passes the same one on to who notes what was judged with: an approval in between
    would otherwise count as judged.
    """

    #: By clinic, each rule set's oldest version first.
    own: Mapping[int, tuple[OwnRule, ...]] = field(default_factory=dict)

    def rules_of(self, clinic_id: int | None, *, on: date | None = None) -> dict[str, RuleSet]:
        """Every rule set by id, of a clinic's own the newest version, or the newest that ``on`` has come to.

        A clinic's own stands if its id is shipped later.
        """
        own = (one.rule for one in self._own(clinic_id) if on is None or one.rule.in_force_from <= on)
        return rule_sets() | {rule.id: rule for rule in own}

    def rule_of(self, trial: Judged, *, on: date) -> RuleSet:
        """The rule set of a trial. Of a clinic's own, the version that held when the leads were placed.

        A version approved once scores under stimulation can be seen could be written to fit the wish.
        """
        versions = [one for one in self._own(trial.clinic_id) if one.rule.id == trial.rule_set_id]
        if not versions:
            return rule_sets()[trial.rule_set_id]
        day = trial.lead_placed_on or on
        in_time = (
            one.rule for one in reversed(versions) if max(one.approved_on, one.rule.in_force_from) <= day
        )
        return next(in_time, versions[0].rule)

    def digests_of(self, clinic_id: int) -> list[str]:
        """Every approved version: which of them judges a trial depends on the trial."""
        return sorted(one.rule.digest for one in self._own(clinic_id))

    def by_digest(self) -> dict[str, RuleSet]:
        return {one.rule.digest: one.rule for owned in self.own.values() for one in owned}

    def _own(self, clinic_id: int | None) -> tuple[OwnRule, ...]:
        return () if clinic_id is None else self.own.get(clinic_id, ())


def read_rulebook(clinics: Iterable[int] | None = None) -> Rulebook:
    """The approved rules of these clinics, or of all."""
    rows = ClinicRuleSet.objects.filter(approved_at__isnull=False)
    if clinics is not None:
        rows = rows.filter(clinic_id__in=list(clinics))
    found: dict[int, list[OwnRule]] = {}
    for row in rows:
        rule = _stored_rule(row)
        if rule is not None and row.approved_at is not None:
            approved_on = row.approved_at.astimezone(UTC).date()
            found.setdefault(row.clinic_id, []).append(OwnRule(rule, approved_on))
    return Rulebook({clinic: tuple(sorted(owned, key=_order)) for clinic, owned in found.items()})


def rules_of(clinic_id: int | None) -> dict[str, RuleSet]:
    """What a trial of this clinic may be judged under, by id."""
    return read_rulebook([] if clinic_id is None else [clinic_id]).rules_of(clinic_id)


@lru_cache(maxsize=256)
def read_own_rule(text: str) -> RuleSet:
    """The rule set in ``text``, by the loader of the shipped ones. Raises ValueError with the remedy."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the document has {len(text)} characters; shorten it to {MOST_CHARACTERS}")
    try:
        rule = read_rule_set(text, origin="own rule set")
    except RecursionError as error:
        raise ValueError("the document is nested too deeply; write fewer levels") from error
    longest = ClinicRuleSet._meta.get_field("rule_id").max_length or 0
    if len(rule.id) > longest:
        raise ValueError(f"own rule set: id: has {len(rule.id)} letters; shorten it to {longest}")
    return rule


def _stored_rule(row: ClinicRuleSet) -> RuleSet | None:
    """None when this release cannot read what an earlier one took: the other rules must stay in use."""
    try:
        rule = read_own_rule(row.content)
    except ValueError:
        logger.exception("own rule set %s of clinic %s cannot be read", row, row.clinic_id)
        return None
    if rule.digest != row.digest:
        logger.error("own rule set %s of clinic %s is not what was approved", row, row.clinic_id)
        return None
    return rule


def _order(owned: OwnRule) -> tuple[str, tuple[int, ...]]:
    return owned.rule.id, version_order(owned.rule)
