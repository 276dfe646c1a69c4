"""Plans the list that the parameters of Modzy's job history ask for."""

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
from gateway.web.rest.parameters import Parameters

MAX_WORDS = 50
# `endDate` is inclusive, and the end of a range is not.
MICROSECOND = timedelta(microseconds=1)


def plan_listing(query: Parameters, principal: Principal, now: datetime) -> JobList:
    """Plan the list; one job more than the page has shows whether another follows.

    Raises:
        InputError: A parameter is invalid.
    """
    per_page = query.one(given.PER_PAGE) or given.DEFAULT_PER_PAGE
    page = query.one(given.PAGE) or 1
    is_descending = query.one(given.DIRECTION) == "desc"
    terms = query.one(given.SORT_BY) or (given.ORDERS["createdAt"],)
    return JobList(
        source=JobSource.MODZY,
        has_inputs=True,
        restriction=combine([*plan_statuses(query), *plan_dates(query, now)]),
        words=tuple(plan_word_filters(query, principal)),
        order=tuple(replace(term, is_descending=is_descending) for term in terms),
        limit=per_page + 1,
        offset=(page - 1) * per_page,
    )


def plan_statuses(query: Parameters) -> list[Filter]:
    """Plan the filter by status: any of the groups, and of a group all the words.

    Raises:
        InputError: A word is unknown.
    """
    groups = parse_words(query.all(given.STATUS))
    if not groups:
        return []
    statuses = frozenset[JobStatus]().union(
        *(frozenset.intersection(*map(parse_status, group)) for group in groups)
    )
    return [] if len(statuses) == len(JobStatus) else [any_of("status", statuses)]


def parse_status(word: str) -> frozenset[JobStatus]:
    """Parse a word to the statuses that it stands for."""
    if word.upper() not in given.STATUSES:
        raise InputError(f"status is {word[:80]!r}; give {', '.join(given.STATUSES)}")
    return given.STATUSES[word.upper()]


def plan_dates(query: Parameters, now: datetime) -> list[Filter]:
    """Plan the filters by creation and end of jobs.

    Raises:
        InputError: The dates are ones that Modzy refuses, too.
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


def plan_word_filters(query: Parameters, principal: Principal) -> Iterator[WordFilter]:
    """Plan the filters by words in texts, of users only in those the caller may see."""
    if models := parse_words(query.all(given.MODEL)):
        yield WordFilter(
            table="models",
            columns=("name", "identifier"),
            whole=("version",),
            words=models,
        )
    if users := parse_words(query.all(given.USER)):
        yield WordFilter(table="users", columns=user_columns_of(principal), words=users)
    keys = query.all(given.ACCESS_KEY)
    # Of a whole key, given by mistake, only the public prefix is used.
    if prefixes := parse_words(key.partition(".")[0] for key in keys):
        yield WordFilter(table="jobs", columns=("submitted_by",), words=prefixes)


def user_columns_of(principal: Principal) -> tuple[str, ...]:
    """Give the columns of users that the caller's scopes allow."""
    names = ("first_name", "last_name") if principal.has("profile") else ()
    address = ("email",) if principal.has("email") else ()
    return ("identifier", "external_identifier", *names, *address)


def parse_words(values: Iterable[str]) -> Words:
    """Parse values to groups of words: commas mean "or", semicolons "and".

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
