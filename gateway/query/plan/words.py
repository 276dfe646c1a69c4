"""Words that a text must contain: what is searched for, apart from the values."""

from dataclasses import dataclass

from gateway.query.plan.filters import Values

# Any of the groups, and of a group all words.
Words = tuple[tuple[str, ...], ...]


CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Words that a job's own columns, or those of what it names, must contain.

    Attributes:
        table: `jobs`, or a table of what they name.
        columns: Each word is in one of them, whatever the case of its ASCII letters.
        whole: Or it is all that one of these has.
        parameter: What the names of the words' parameters begin with.
        sizes: How many words each group has; none match nothing.
    """

    table: str
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ()
    parameter: str
    sizes: tuple[int, ...]


def to_possible(words: Words) -> Words:
    """Leave out groups with a NUL: no text has one, and PostgreSQL takes none."""
    return tuple(group for group in words if "\0" not in "".join(group))


def to_word_values(parameter: str, words: Words) -> Values:
    """Give the values of the parameters of words."""
    return {
        to_name(parameter, at, inner): word.translate(CAPITALS)
        for at, group in enumerate(words)
        for inner, word in enumerate(group)
    }


def to_name(parameter: str, at: int, inner: int) -> str:
    """Name the parameter of a word."""
    return f"{parameter}_{at}_{inner}"
