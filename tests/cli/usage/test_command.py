import asyncio
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from gateway.cli.usage.csv_text import COLUMNS
from gateway.records import (
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    UserRecord,
)
from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.factories import NOON, make_job, put
from tests.features.asking import to_asker

Run = Callable[..., Result]

HOUR_MS = 3_600_000
WINDOW = ("--from", "2026-01-14", "--to", "2026-01-18")
API = """query($groupBy: [UsageDimension!]!, $bucket: TimeBucket, $fill: Boolean!) {
  usageSummary(
    startDate: "2026-01-14T00:00:00Z", endDate: "2026-01-18T00:00:00Z"
    groupBy: $groupBy, bucket: $bucket, fillEmpty: $fill
  ) {
    startDate endDate asOf
    summary {
      bucketStart bucketEnd %s
      lengthMs runningMs jobCount cost { amount currency }
    }
    totals { lengthMs runningMs jobCount cost { amount currency } }
  }
}"""


@pytest.fixture
def run(database_url: str) -> Run:
    """Run `gateway usage` for acme on the test's database."""

    def invoke(*words: str, account: str = "acme", **environment: str) -> Result:
        found = {"GATEWAY_DATABASE_URL": database_url, "COLUMNS": "100"} | environment
        arguments = ["usage", "--account", account, *words]
        return CliRunner(env=found).invoke(app, arguments)

    return invoke


def make_run(at: datetime, elapsed_ms: int | None, **changes: Any) -> JobRecord:  # noqa: ANN401 -- as make_job
    """Make a job that ran from an instant on."""
    fields = {"status": JobStatus.COMPLETED, "created_at": at, "started_at": at}
    return make_job(**(fields | {"elapsed_ms": elapsed_ms} | changes))


def fill(url: str, account: str, *jobs: JobRecord) -> None:
    """Write jobs of an account."""

    async def write() -> None:
        database = open_database(read_settings(database_url=url))
        await put(database, account, *jobs)
        await database.close()

    asyncio.run(write())


async def ask(url: str, query: str, **variables: object) -> dict[str, Any]:
    """Ask the API for acme's usage."""
    settings = read_settings(database_url=url)
    database = open_database(settings)
    answer = await to_asker(settings, database).ask(query, **variables)
    await database.close()
    return answer


@pytest.fixture
def filled(database_url: str) -> None:
    """Give the database three runs of acme, on the 15th and the 17th of January."""
    fill(
        database_url,
        "acme",
        make_run(
            NOON,
            2 * HOUR_MS,
            category="Training",
            model=ModelRecord(identifier="ed54", version="1.0", name="Sentiment"),
            cost=MoneyRecord(amount=Decimal("1234.5"), currency="USD"),
            project_id=7,
        ),
        make_run(NOON, 1_345, user=UserRecord(identifier="ada")),
        make_run(NOON + timedelta(days=2), HOUR_MS, category="Training"),
    )


def lines_of(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def cells_of(result: Result) -> list[list[str]]:
    """Give the cells of the table's rows, the totals the last of them."""
    rows = [line for line in lines_of(result) if line.startswith("│")]
    return [[cell.strip() for cell in row.strip("│").split("│")] for row in rows]


def rows_of(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def bars_of(result: Result) -> list[str]:
    """Give what is below the table."""
    lines = lines_of(result)
    (end,) = (i for i, line in enumerate(lines) if line.startswith("└"))
    return lines[end + 1 :]


@pytest.mark.usefixtures("filled")
def test_the_table_has_a_row_for_each_group_and_the_totals(run: Run) -> None:
    result = run(*WINDOW)
    heading = "acme: compute used from 2026-01-14 00:00 to 2026-01-18 00:00 (UTC)"
    assert lines_of(result)[0] == heading
    assert cells_of(result) == [
        ["Training", "3h 00m", "2", "1,234.5 USD"],
        ["(none)", "1.345s", "1", ""],
        ["total", "3h 00m", "3", "1,234.5 USD"],
    ]


@pytest.mark.usefixtures("filled")
def test_parts_have_a_bar_each_also_where_nothing_ran(run: Run) -> None:
    legend, *bars = bars_of(run(*WINDOW, "--by", "day"))
    assert legend == "█ Training  ▓ (none)"
    assert [bar[:14] for bar in bars] == [
        "2026-01-14 Wed",
        "2026-01-15 Thu",
        "2026-01-16 Fri",
        "2026-01-17 Sat",
    ]
    lengths = [bar.count("█") + bar.count("▓") for bar in bars]
    assert lengths[0] == lengths[2] == 0
    assert lengths[1] > lengths[3] > 0


@pytest.mark.usefixtures("filled")
def test_without_groups_the_parts_stand_alone(run: Run) -> None:
    result = run(*WINDOW, "--by", "month", "--group", "none")
    assert cells_of(result) == [
        ["2026-01", "3h 00m", "3", "1,234.5 USD"],
        ["total", "3h 00m", "3", "1,234.5 USD"],
    ]
    assert bars_of(result) == []


@pytest.mark.usefixtures("filled")
def test_without_groups_and_parts_there_are_the_totals(run: Run) -> None:
    assert cells_of(run(*WINDOW, "--group", "none")) == [["3h 00m", "3", "1,234.5 USD"]]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("group", "labels"),
    [
        ("model", {"Sentiment 1.0 (ed54)", "(none)"}),
        ("user", {"ada (MODZY)", "(none)"}),
        ("status", {"COMPLETED"}),
        ("source", {"MODZY"}),
        ("project", {"7", "(none)"}),
        ("Submitted_By", {"(none)"}),
    ],
)
def test_groups_are_called_as_people_know_them(
    run: Run, group: str, labels: set[str]
) -> None:
    *rows, _ = cells_of(run(*WINDOW, "--group", group))
    assert {row[0] for row in rows} == labels


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("width", [20, 40, 60, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(
    run: Run, width: int
) -> None:
    words = (*WINDOW, "--by", "month", "--group", "status,source")
    lines = lines_of(run(*words, COLUMNS=str(width)))
    assert max(map(len, lines)) <= width
    assert to_characters(lines) == to_characters(lines_of(run(*words, COLUMNS="500")))


def to_characters(lines: list[str]) -> Counter[str]:
    """Count what is written, wherever lines were broken."""
    return Counter(c for c in "".join(lines) if c.isascii() and not c.isspace())


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("width", [20, 40, 60, 100, 200])
def test_bars_fit_the_terminal(run: Run, width: int) -> None:
    lines = lines_of(run(*WINDOW, "--by", "day", COLUMNS=str(width)))
    *_, longest, _, shorter = lines
    assert len(longest) == width
    assert longest.count("█") > shorter.count("█") > 0


@pytest.mark.usefixtures("filled")
def test_a_narrow_terminal_gets_whole_figures(run: Run) -> None:
    lines = lines_of(run(*WINDOW, "--by", "day", COLUMNS="50"))
    assert "total                   3h 00m    3 1,234.5 USD" in lines
    assert any(line.startswith("2026-01-15 Thu Training") for line in lines)


@pytest.mark.usefixtures("filled")
def test_output_that_is_no_terminal_has_no_colours(run: Run) -> None:
    assert "\x1b" not in run(*WINDOW, "--by", "day").stdout


@pytest.mark.usefixtures("filled")
def test_a_terminal_gets_colours(run: Run) -> None:
    assert "\x1b[36m" in run(*WINDOW, FORCE_COLOR="1", TERM="xterm").stdout


def test_names_cannot_steer_the_terminal(run: Run, database_url: str) -> None:
    fill(database_url, "acme", make_run(NOON, 1, category="[b]a\x1b[2J[/x]"))
    row, _ = cells_of(run(*WINDOW))
    assert row[0] == "[b]a\ufffd[2J[/x]"


def test_a_terminal_without_unicode_gets_what_it_can_show(database_url: str) -> None:
    fill(database_url, "acme", *(make_run(NOON, 9, category=c) for c in ("a☃", "b")))
    runner = CliRunner(charset="ascii", env={"GATEWAY_DATABASE_URL": database_url})
    words = ["usage", "--account", "acme", *WINDOW]
    shown = runner.invoke(app, words)
    assert re.search(r"^a\?  9ms  #+$", shown.stdout, re.MULTILINE)
    assert "a☃,".encode() in runner.invoke(app, [*words, "--csv"]).stdout_bytes


def test_more_groups_than_can_be_compared_are_summed(
    run: Run, database_url: str
) -> None:
    jobs = [make_run(NOON, 1_000 + n, category=f"c{n:02}") for n in range(40)]
    fill(database_url, "acme", *jobs)
    *bars, rest = bars_of(run(*WINDOW, "--order", "key"))
    assert [bar[:3] for bar in bars] == [f"c{n}" for n in range(10, 40)]
    assert rest == "and 10 more with 10.045s in all"
    others = bars_of(run(*WINDOW, "--by", "day"))[0]
    assert others == "█ c39  ▓ c38  ▒ c37  ░ c36  · 36 more"


def test_jobs_that_still_run_are_told_of(run: Run, database_url: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    at = now - timedelta(hours=2)
    job = make_run(at, None, status=JobStatus.RUNNING, category="Training")
    fill(database_url, "acme", job)
    start = f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    result = run("--from", start)
    assert cells_of(result)[0][:3] == ["Training", "1h 00m", "1h 00m"]
    assert "of which running" in result.stdout
    counted = "Jobs that still run are counted up to "
    assert lines_of(result)[-1].startswith(counted)


def test_an_account_whose_jobs_never_ran_used_nothing(
    run: Run, database_url: str
) -> None:
    fill(database_url, "acme", make_job())
    heading, text = lines_of(run(*WINDOW))
    assert "2026-01-14 00:00 to 2026-01-18 00:00" in heading
    assert text == "No job ran in this window."
    assert rows_of(run(*WINDOW, "--csv")) == []


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "fields", "variables"),
    [
        ((), "category", {"groupBy": ["CATEGORY"], "fill": False}),
        (
            ("--by", "day", "--group", "model,status", "--fill-empty"),
            "model { identifier version name } status",
            {"groupBy": ["MODEL", "STATUS"], "bucket": "DAY", "fill": True},
        ),
        (
            ("--by", "WEEK", "--group", "user"),
            "user { identifier source externalIdentifier }",
            {"groupBy": ["USER"], "bucket": "WEEK", "fill": False},
        ),
    ],
    ids=["default", "filled", "weeks"],
)
def test_json_is_the_answer_of_the_api(
    run: Run,
    database_url: str,
    words: tuple[str, ...],
    fields: str,
    variables: dict[str, Any],
) -> None:
    answer = asyncio.run(ask(database_url, API % fields, **variables))
    printed = json.loads(run(*WINDOW, *words, "--json").stdout)
    for each in (answer, printed):
        assert each["data"]["usageSummary"].pop("asOf")
    assert printed == answer
    assert printed["data"]["usageSummary"]["totals"]["jobCount"] == 3


@pytest.mark.usefixtures("filled")
def test_csv_says_what_json_does(run: Run) -> None:
    words = (*WINDOW, "--by", "day", "--group", "category,model,project")
    summary = json.loads(run(*words, "--json").stdout)["data"]["usageSummary"]
    rows = rows_of(run(*words, "--csv"))
    assert len(rows) == len(summary["summary"]) == 3
    for row, group in zip(rows, summary["summary"], strict=True):
        model = group["model"] or {"identifier": None, "version": None, "name": None}
        amounts = [money["amount"] for money in group["cost"]]
        expected = {
            "startDate": summary["startDate"],
            "bucketStart": group["bucketStart"],
            "category": group["category"] or "",
            "modelIdentifier": model["identifier"] or "",
            "projectId": str(group["projectId"] or ""),
            "lengthMs": str(group["lengthMs"]),
            "cost": ";".join(amounts),
        }
        assert {name: row[name] for name in expected} == expected


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("group", ["none", "category", "model,user,status"])
def test_csv_always_has_the_same_columns(run: Run, group: str) -> None:
    header = lines_of(run(*WINDOW, "--group", group, "--csv"))[0]
    assert header == ",".join(COLUMNS)


def test_csv_quotes_what_needs_it_and_keeps_all_currencies(
    run: Run, database_url: str
) -> None:
    category = 'a "b",\nc ☃'
    for currency in ("EUR", "USD"):
        cost = MoneyRecord(amount=Decimal("0.5"), currency=currency)
        job = make_run(NOON, 1, category=category, cost=cost)
        fill(database_url, "acme", job)
    (row,) = rows_of(run(*WINDOW, "--csv"))
    assert row["category"] == category
    assert (row["cost"], row["currency"]) == ("0.5;0.5", "EUR;USD")


@pytest.mark.usefixtures("filled")
def test_the_jobs_of_one_project_count_alone(run: Run, database_url: str) -> None:
    fill(database_url, "acme", make_run(NOON, 5, project_id=0))
    result = run(*WINDOW, "--project", "0")
    assert lines_of(result)[0].startswith("project 0 of acme: compute used")
    assert cells_of(result)[-1][1] == "5ms"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("order", "counts"),
    [
        ("length", [2, 1]),
        ("length:asc", [1, 2]),
        ("count:desc", [2, 1]),
        ("KEY", [2, 1]),
        ("key:desc", [1, 2]),
    ],
)
def test_groups_come_in_the_order_that_is_asked_for(
    run: Run, order: str, counts: list[int]
) -> None:
    rows = rows_of(run(*WINDOW, "--order", order, "--csv"))
    assert [int(row["jobCount"]) for row in rows] == counts


@pytest.mark.usefixtures("filled")
def test_hours_that_come_twice_have_different_names(run: Run) -> None:
    options = ("--time-zone", "Europe/Paris", "--by", "hour", "--group", "none")
    window = ("--from", "2025-10-26T02:00", "--to", "2025-10-26T04:00")
    names = [row[0] for row in cells_of(run(*window, *options, "--fill-empty"))]
    assert names == [
        "2025-10-26 02:00 CEST",
        "2025-10-26 02:00 CET",
        "2025-10-26 03:00 CET",
        "total",
    ]


@pytest.mark.usefixtures("filled")
def test_weeks_are_those_of_iso_8601(run: Run) -> None:
    result = run("--from", "2025-12-29", "--to", "2026-01-18", "--by", "week")
    assert [bar.split()[0] for bar in bars_of(result)[1:]] == [
        "2026-W01",
        "2026-W02",
        "2026-W03",
    ]


@pytest.mark.usefixtures("filled")
def test_the_question_of_somebody_else_is_not_answered_by_their_jobs(
    run: Run, database_url: str
) -> None:
    fill(database_url, "globex", make_run(NOON, 7, source=JobSource.SWF))
    assert cells_of(run(*WINDOW, account="globex"))[-1] == ["total", "7ms", "1"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "x"], "'x' is no date and no instant; give one such as"),
        (["--from", "2026-02-30"], "'2026-02-30' is no date and no instant"),
        (["--to", "0001-01-01"], "'0001-01-01' is no date and no instant"),
        (["--from", "2999-01-01"], "the window would end at"),
        (["--time-zone", "Mars"], "'Mars' is no time zone; give an IANA name"),
        (["--group", "colour"], "'colour' is nothing to group by; give category"),
        (["--group", "none,user"], "'none' is nothing to group by"),
        (["--group", "user,user"], "groupBy names a dimension twice"),
        (["--group", "user,model,status,source"], "groupBy has 4 dimensions"),
        (["--order", "up"], "'up' is no order; give length, count, key"),
        (["--order", "key:up"], "'key:up' is no order"),
        (["--from", "2000-01-01", "--by", "hour"], "the window has up to"),
        (["--project", "-1"], "the project must be a whole number"),
        (["--csv", "--json"], "--csv and --json exclude each other"),
    ],
)
def test_a_wrong_word_is_one_sentence(run: Run, words: list[str], message: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {message}")
    assert result.stderr.count("\n") == 1


def test_an_unknown_part_is_refused_with_those_there_are(run: Run) -> None:
    result = run("--by", "year")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'month'" in result.stderr


def test_an_unknown_account_is_told_from_an_idle_one(run: Run) -> None:
    result = run(*WINDOW, account="acne")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: there is no account 'acne'")


def test_a_database_without_tables_is_a_sentence(empty_database_url: str) -> None:
    environment = {"GATEWAY_DATABASE_URL": empty_database_url}
    result = CliRunner(env=environment).invoke(app, ["usage", "--account", "acme"])
    assert result.exit_code == 1
    assert "run `gateway db upgrade`" in result.stderr
