"""What a statement is apart from its values: its text is made once for each shape."""

from dataclasses import dataclass

from gateway.query.fields import Entity
from gateway.query.plan.filters import Predicate
from gateway.query.plan.plan import ColumnRef

# The parameter that holds the values rows are looked up by, key by key.
KEYS = "keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupShape:
    """Rows by what identifies them."""

    entity: Entity
    columns: tuple[ColumnRef, ...]
    in_project: bool
    predicates: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageShape:
    """A page of an order.

    Attributes:
        order: The column rows are ordered by; its table's key breaks ties.
        is_descending: The direction rows are read in.
        driver: The predicate whose index brings the rows in order, value by value.
        is_nested: The values of the driver are parents: the limit is for each of them,
            and each row ends with its own.
        is_after: Whether it begins behind a position in the direction it is read in.
        is_before: Whether it ends ahead of a position.
        is_from: Whether it begins at a position, and with it.
        has_positions: Whether its rows tell where they stand, for cursors.
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
