"""The parameters of Modzy's job history to what is asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.auth.principal import Principal
from gateway.errors import InputError
from gateway.query.plan.filters import Filter, any_of, combine, plan_range
from gateway.query.plan.job_lists import JobList
from gateway.query.plan.words import WordFilter, Words
from gateway.records import JobSource, JobStatus
from gateway.web.rest.modzy import parameters as given
from gateway.web.rest.parameters import Query

MAX_WORDS = 50
# "At this instant or before" is before the next one.
MICROSECOND = timedelta(microseconds=1)


def to_listing(query: Query, principal: Principal, now: datetime) -> JobList:
    """Read what is asked for; one job more than the page has tells of a next one.

    Raises:
        InputError: A parameter is not right.
    """
    per_page = query.one(given.PER_PAGE) or given.DEFAULT_PER_PAGE
    page = query.one(given.PAGE) or 1
    is_descending = query.one(given.DIRECTION) == "desc"
    terms = query.one(given.SORT_BY) or (given.ORDERS["createdAt"],)
    return JobList(
        source=JobSource.MODZY,
        restriction=combine([*plan_statuses(query), *plan_dates(query, now)]),
        words=tuple(to_word_filters(query, principal)),
        order=tuple(replace(term, is_descending=is_descending) for term in terms),
        limit=per_page + 1,
        offset=(page - 1) * per_page,
    )


def plan_statuses(query: Query) -> list[Filter]:
    """Choose jobs by their status.

    Raises:
        InputError: There is no such status or group.
    """
    groups = to_words(query.all(given.STATUS))
    if not groups:
        return []
    statuses = frozenset[JobStatus]().union(
        *(frozenset.intersection(*map(to_statuses, group)) for group in groups)
    )
    return [] if len(statuses) == len(JobStatus) else [any_of("status", statuses)]


def to_statuses(word: str) -> frozenset[JobStatus]:
    """Give the statuses that a word stands for."""
    if word.upper() not in given.STATUSES:
        raise InputError(f"status is {word[:80]!r}; give {', '.join(given.STATUSES)}")
    return given.STATUSES[word.upper()]


def plan_dates(query: Query, now: datetime) -> list[Filter]:
    """Choose jobs by when they were created and when they ended.

    Raises:
        InputError: The dates cannot be answered, as with Modzy.
    """
    start, end = query.one(given.START), query.one(given.END)
    if start is None:
        if end is not None:
            raise InputError("endDate is given alone; give startDate, too")
        return []
    if start > now:
        raise InputError("startDate is in the future; give one that is not")
    if end is not None and end < start:
        raise InputError("endDate is before startDate; give a later one")
    ended_before = None if end is None else end + MICROSECOND
    return [
        *plan_range("created_at", {"from": start}),
        *plan_range("finished_at", {"to": ended_before}),
    ]


def to_word_filters(query: Query, principal: Principal) -> Iterator[WordFilter]:
    """Choose jobs by texts; of people's data only by what the caller may know."""
    if models := to_words(query.all(given.MODEL)):
        yield WordFilter(
            table="models",
            columns=("name", "identifier"),
            whole=("version",),
            words=models,
        )
    if users := to_words(query.all(given.USER)):
        yield WordFilter(table="users", columns=to_user_columns(principal), words=users)
    keys = query.all(given.ACCESS_KEY)
    # Whoever gives a whole key by mistake asks for its public half.
    if prefixes := to_words(key.partition(".")[0] for key in keys):
        yield WordFilter(table="jobs", columns=("submitted_by",), words=prefixes)


def to_user_columns(principal: Principal) -> tuple[str, ...]:
    """Name the columns of users that the caller may know."""
    names = ("first_name", "last_name") if principal.has("profile") else ()
    address = ("email",) if principal.has("email") else ()
    return ("identifier", "external_identifier", *names, *address)


def to_words(values: Iterable[str]) -> Words:
    """Split values: commas between what is enough, semicolons between what is needed.

    Raises:
        InputError: There are too many words.
    """
    groups = (
        tuple(word.strip() for word in group.split(";") if word.strip())
        for value in values
        for group in value.split(",")
    )
    found = tuple(group for group in groups if group)
    if sum(map(len, found)) > MAX_WORDS:
        raise InputError(f"a filter has more than {MAX_WORDS} values; give fewer")
    return found
