"""Shapes of statements: all but their values. Each is compiled to SQL once."""

from dataclasses import dataclass

from gateway.query.fields import Entity
from gateway.query.plan.filters import Predicate
from gateway.query.plan.plan import ColumnRef

# The bind parameter of the parents' keys in a nested page.
KEYS = "keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupShape:
    """The shape of a look-up of rows by what identifies them."""

    entity: Entity
    columns: tuple[ColumnRef, ...]
    in_project: bool
    predicates: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageShape:
    """The shape of a keyset page.

    Attributes:
        order: The ORDER BY column; the key of its table breaks ties.
        is_descending: The direction rows are read in.
        driver: The predicate whose index returns the rows of each value in order; see
            `choose_driver`.
        is_nested: Whether the driver's values are parents: the limit is for each of
            them, and the last column of a row is its parent.
        is_after: Whether it begins after a position, in the direction it is read in.
        is_before: Whether it ends before a position.
        is_from: Whether it begins at a position, inclusive.
        has_positions: Whether rows include their position, for cursors.
    """

    entity: Entity
    columns: tuple[ColumnRef, ...]
    in_project: bool
    predicates: tuple[Predicate, ...]
    driver: Predicate | None
    is_nested: bool
    order: str
    is_descending: bool
    is_after: bool = False
    is_before: bool = False
    is_from: bool = False
    has_positions: bool = True
