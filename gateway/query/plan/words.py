"""Word filters to predicates, and to the values of their bind parameters."""

from dataclasses import dataclass

from gateway.query.plan.filters import Values

# Groups joined by OR, each of words joined by AND.
Words = tuple[tuple[str, ...], ...]
CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFilter:
    """Words that columns of a job, or of a row it refers to, must contain.

    Attributes:
        table: `jobs`, or a table that it refers to.
        columns: One of them contains the word, ignoring the case of ASCII letters.
        whole: Or one of them equals it.
        words: No groups match nothing.
    """

    table: str
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ()
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPredicate:
    """A `WordFilter` with the names of bind parameters in place of its words."""

    table: str
    columns: tuple[str, ...]
    whole: tuple[str, ...]
    parameters: Words


def plan_word_filter(at: int, found: WordFilter) -> tuple[WordPredicate, Values]:
    """Plan the word filter at a place of a list.

    Groups with a NUL are dropped: no text has one, and PostgreSQL refuses it.
    """
    words = [group for group in found.words if "\0" not in "".join(group)]
    parameters = tuple(
        tuple(f"words_{at}_{outer}_{inner}" for inner in range(len(group)))
        for outer, group in enumerate(words)
    )
    predicate = WordPredicate(
        table=found.table,
        columns=found.columns,
        whole=found.whole,
        parameters=parameters,
    )
    names = (name for group in parameters for name in group)
    texts = (word.translate(CAPITALS) for group in words for word in group)
    return predicate, dict(zip(names, texts, strict=True))
