"""``rules``: the rule sets listed, one laid out, two compared."""

import argparse
from collections.abc import Iterator

from sctrial.commands.outcome import Commands, Outcome, Refused, add_command
from sctrial.criteria import RuleSet, UnknownRuleSet, rule_set, rule_sets, shipped_rule_sets
from sctrial.decision import shipped_content
from sctrial.ruletext import compare_rules, describe_rule

_EXAMPLE = """\
example:
  python -m sctrial rules
  python -m sctrial rules list --all
  python -m sctrial rules show NORTH_PP
  python -m sctrial rules diff NORTH_PP@2007.1 MAC_NORIDIAN@2023.1
"""
_NAME_HELP = "ID or ID@VERSION; without a version the newest in force"


def add(commands: Commands) -> None:
    """Describe the command; without a further word it lists."""
    parser = add_command(commands, "rules", purpose="List, show and compare rule sets", epilog=_EXAMPLE)
    parser.set_defaults(command=_list, every=False)
    kinds = parser.add_subparsers(metavar="WHAT")
    listing = kinds.add_parser("list", help="one line a rule set", allow_abbrev=False)
    listing.add_argument(
        "--all", action="store_true", dest="every", help="every version, also those out of force"
    )
    showing = kinds.add_parser("show", help="one rule set in full", allow_abbrev=False)
    showing.add_argument("name", metavar="ID", help=_NAME_HELP)
    showing.set_defaults(command=_show)
    comparing = kinds.add_parser("diff", help="what changed from one to the other", allow_abbrev=False)
    comparing.add_argument("old", metavar="OLD", help=_NAME_HELP)
    comparing.add_argument("new", metavar="NEW", help=_NAME_HELP)
    comparing.set_defaults(command=_compare)


def _list(options: argparse.Namespace) -> Outcome:
    known = shipped_rule_sets() if options.every else rule_sets().values()
    return Outcome(f"{rules.id}  {rules.version}  {rules.title}" for rules in known)


def _show(options: argparse.Namespace) -> Outcome:
    rules = _find(options.name)
    return Outcome(describe_rule(shipped_content(rules), digest=rules.digest))


def _compare(options: argparse.Namespace) -> Outcome:
    old, new = _find(options.old), _find(options.new)
    return Outcome(_differences(old, new))


def _differences(old: RuleSet, new: RuleSet) -> Iterator[str]:
    lines = list(compare_rules(shipped_content(old), new=shipped_content(new)))
    yield from lines
    if len(lines) == 1:
        yield "no difference in criteria, thresholds, sources or cautions"


def _find(name: str) -> RuleSet:
    rule_id, _, version = name.partition("@")
    try:
        return rule_set(rule_id, version=version or None)
    except UnknownRuleSet as error:
        raise Refused(str(error)) from error
