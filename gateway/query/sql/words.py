"""Word predicates to SQL conditions."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, false, or_, select

from gateway.query.fields import JOIN_KEYS, TABLES
from gateway.query.plan.words import WordPredicate
from gateway.query.sql.conditions import of_tenant
from gateway.store.portable import ascii_lower, contains, unindexed
from gateway.store.tables import jobs


def has_words(words: WordPredicate) -> ColumnElement[bool]:
    """Restrict jobs to those that contain all words of a group."""
    table = TABLES[words.table]
    found = or_(
        false(),
        *(
            and_(*(has_word(words, name) for name in group))
            for group in words.parameters
        ),
    )
    if table is jobs:
        return found
    key = JOIN_KEYS[words.table]
    # Where the principal has a project, the jobs are restricted to it already.
    named = select(table.c[key]).where(of_tenant(table, in_project=False), found)
    return unindexed(jobs.c[key]).in_(named)


def has_word(words: WordPredicate, name: str) -> ColumnElement[bool]:
    """Restrict rows to those with a word in one of the columns."""
    columns = TABLES[words.table].c
    word: ColumnElement[Any] = bindparam(name, type_=Text)
    return or_(
        *(contains(ascii_lower(columns[c]), word) for c in words.columns),
        *(ascii_lower(columns[c]) == word for c in words.whole),
    )
