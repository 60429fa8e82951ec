"""The mutants of a module: its syntax tree with one small fault, compiled.

Not mutated: docstrings, annotations, decorators, ``__all__``, overloads, and prose (any string that is not
a code of letters, digits, "_", "-" and "."), because wording is for reviewers.
"""

import ast
import re
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Final, NamedTuple


class Mutant(NamedTuple):
    """One fault: where it is, what it is, and the compiled module that has it."""

    line: int
    what: str
    code: CodeType


class _Slot(NamedTuple):
    """A place in the tree and the node that stands there."""

    parent: ast.AST
    field: str
    place: int | None
    node: ast.expr | ast.stmt

    def put(self, node: ast.AST) -> None:
        if self.place is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.place] = node


_CODE: Final = re.compile(r"[a-zA-Z0-9_.-]+", re.ASCII)
_NOT_BEHAVIOUR: Final = frozenset({"annotation", "returns", "decorator_list", "type_params", "bases"})

#: Each comparison becomes its neighbour at the boundary and its opposite.
_COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: Final[dict[type[ast.operator], tuple[type[ast.operator], ...]]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult, ast.Div),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
_NAMED: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}

_Faults = Iterator[tuple[str, ast.AST]]


def mutants(source: str, *, file: str) -> list[Mutant]:
    """Every mutant of ``source``, in the order of the file; the same source gives the same list."""
    tree = ast.parse(source)
    found = []
    for slot in _slots(tree):
        for what, node in _faults(slot):
            slot.put(ast.fix_missing_locations(ast.copy_location(node, slot.node)))
            found.append(Mutant(slot.node.lineno, what, compile(tree, file, "exec", dont_inherit=True)))
            slot.put(slot.node)
    return sorted(found, key=lambda mutant: mutant.line)


def _slots(node: ast.AST) -> Iterator[_Slot]:
    for field, value in ast.iter_fields(node):
        if field in _NOT_BEHAVIOUR:
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or _is_no_behaviour(child, parent=node):
                continue
            if isinstance(child, (ast.expr, ast.stmt)):
                yield _Slot(node, field, index, child)
            yield from _slots(child)


def _is_no_behaviour(node: ast.AST, *, parent: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.FunctionDef(decorator_list=decorators):
            return any(ast.unparse(decorator) == "overload" for decorator in decorators)
        case ast.Assign(value=ast.BinOp(op=ast.BitOr(), right=ast.Constant(value=None))):
            return True  # the alias of a type
        case ast.Constant():
            return isinstance(parent, ast.JoinedStr)
    return False


def _faults(slot: _Slot) -> _Faults:
    for kind, mutate in _MUTATIONS.items():
        if isinstance(slot.node, kind):
            yield from mutate(slot.node)


def _compare(node: ast.Compare) -> _Faults:
    for place, old in enumerate(node.ops):
        for new in _COMPARED[type(old)]:
            ops = [*node.ops[:place], new(), *node.ops[place + 1 :]]
            yield _told(node, ast.Compare(node.left, ops, node.comparators))


def _compute(node: ast.BinOp) -> _Faults:
    for new in _COMPUTED.get(type(node.op), ()):
        yield _told(node, ast.BinOp(node.left, new(), node.right))


def _combine(node: ast.BoolOp) -> _Faults:
    yield _told(node, ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values))


def _drop_sign(node: ast.UnaryOp) -> _Faults:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield _told(node, node.operand)


def _change_constant(node: ast.Constant) -> _Faults:
    if isinstance(node.value, bool):
        yield _told(node, ast.Constant(not node.value))
    elif isinstance(node.value, int):
        yield _told(node, ast.Constant(node.value + 1))
        yield _told(node, ast.Constant(node.value - 1))
    elif isinstance(node.value, str) and _CODE.fullmatch(node.value):
        yield _told(node, ast.Constant(f"{node.value}x"))


def _change_name(node: ast.Name) -> _Faults:
    if node.id in _NAMED:
        yield _told(node, ast.Name(_NAMED[node.id], ast.Load()))


def _drop_member(node: ast.Set) -> _Faults:
    for place, member in enumerate(node.elts if len(node.elts) > 1 else []):
        yield f"{_brief(member)} -> left out of the set", ast.Set(node.elts[:place] + node.elts[place + 1 :])


def _negate(node: ast.If | ast.IfExp | ast.While) -> _Faults:
    # A comparison has its opposite already.
    if not isinstance(node.test, ast.Compare):
        new = type(node)(**{**dict(ast.iter_fields(node)), "test": ast.UnaryOp(ast.Not(), node.test)})
        yield f"if {ast.unparse(node.test)} -> if not", new


def _return_none(node: ast.Return) -> _Faults:
    if node.value is not None and not _is_none(node.value):
        yield f"{_brief(node)} -> return None", ast.Return(ast.Constant(None))


def _lambda_none(node: ast.Lambda) -> _Faults:
    if not _is_none(node.body):
        yield f"{_brief(node)} -> None", ast.Lambda(node.args, ast.Constant(None))


def _drop(node: ast.Expr | ast.Raise) -> _Faults:
    yield f"{_brief(node)} -> dropped", ast.Pass()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _told(old: ast.AST, new: ast.AST) -> tuple[str, ast.AST]:
    return f"{_brief(old)} -> {_brief(new)}", new


def _brief(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else f"{text[:67]}..."


_MUTATIONS: Final[dict[tuple[type[ast.AST], ...], Callable[..., _Faults]]] = {
    (ast.Compare,): _compare,
    (ast.BinOp,): _compute,
    (ast.BoolOp,): _combine,
    (ast.UnaryOp,): _drop_sign,
    (ast.Constant,): _change_constant,
    (ast.Name,): _change_name,
    (ast.Set,): _drop_member,
    (ast.If, ast.IfExp, ast.While): _negate,
    (ast.Return,): _return_none,
    (ast.Lambda,): _lambda_none,
    (ast.Expr, ast.Raise): _drop,
}
