"""What rounds bring from an upstream that changes, fails, lies, and comes to rest."""

import asyncio
from collections.abc import Callable, Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.settings import Settings
from gateway.store.database import Database
from gateway.upstreams.reader import Report
from tests.upstreams.making import to_iso, to_modzy, to_upstream
from tests.upstreams.sites import Asked, Reply, Site, serving, to_json
from tests.upstreams.syncs import (
    put_columns,
    read_jobs,
    read_logs,
    read_row,
    sync,
    to_syncing,
)

NOT_FOUND = to_json({"message": "no such job"}, status="404 Not Found")

Documents = dict[str, dict[str, Any]]


def to_documents(*documents: dict[str, Any], key: str = "jobIdentifier") -> Documents:
    """Put documents of an upstream where a test can change them."""
    return {str(each[key]): each for each in documents}


def modzy(found: Documents, cap: int = 100) -> Callable[[Asked], Reply]:
    """Answer as Modzy does, giving so many jobs at once."""

    def answer(asked: Asked) -> Reply:
        if asked.path != "/jobs/history":
            job = found.get(asked.path.removeprefix("/jobs/"))
            return NOT_FOUND if job is None else to_json(job)
        listed = sorted(found.values(), key=lambda job: job["updatedAt"], reverse=True)
        size = min(int(asked.params["per-page"]), cap)
        start = (int(asked.params["page"]) - 1) * size
        return to_json(listed[start : start + size])

    return answer


def edge_impulse(
    found: Documents, hidden: AbstractSet[int] = frozenset()
) -> Callable[[Asked], Reply]:
    """Answer as Edge Impulse does, with one line of output for each job.

    Args:
        hidden: Jobs that the list counts and does not give.
    """

    def answer(asked: Asked) -> Reply:
        *_, identifier, last = asked.path.split("/")
        if last == "stdout":
            lines = [{"created": to_iso(0), "data": f"of {identifier}\n"}]
            return to_json({"success": True, "stdout": lines, "totalCount": 1})
        if last == "status":
            return to_json({"success": True, "job": found[identifier]})
        if last == "summary":
            sums = [{"category": "Training", "lengthMs": 7_000}]
            return to_json({"success": True, "summary": sums})
        since = asked.params.get("startDate", "")
        jobs = [job for job in found.values() if job["created"] >= since]
        start, limit = int(asked.params["offset"]), int(asked.params["limit"])
        part = [job for job in jobs if job["id"] not in hidden][start : start + limit]
        return to_json({"success": True, "jobs": part, "totalJobCount": len(jobs)})

    return answer


def mix_up(
    honest: Callable[[Asked], Reply], place: str, asked_for: str, given: str
) -> Callable[[Asked], Reply]:
    """Answer with another page than is asked for, once.

    Args:
        place: The parameter that says where a page begins.
    """
    lies = [given]

    def answer(asked: Asked) -> Reply:
        if asked.params.get(place) != asked_for or not lies:
            return honest(asked)
        params = {**asked.params, place: lies.pop()}
        return honest(replace(asked, params=params))

    return answer


def to_training(number: int, ended_at: float | None = None) -> dict[str, Any]:
    """Make a job of Edge Impulse that began at once, and has ended or not."""
    job = {
        "id": number,
        "category": "Training",
        "categoryKey": "train",
        "key": "k",
        "created": to_iso(number),
        "started": to_iso(number),
    }
    if ended_at is None:
        return job
    return job | {"finished": to_iso(ended_at), "finishedSuccessful": True}


def count(site: Site, path: str) -> int:
    """Count how often a path was asked for."""
    return site.paths.count(path)


async def test_all_pages_arrive_and_a_second_round_brings_nothing(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_modzy(number) for number in range(25)))
    async with serving(modzy(found)) as site:
        upstream = to_upstream(base_url=site.address, page_size=10)
        [first] = await sync(settings, database, upstream)
        [second] = await sync(settings, database, upstream)
    assert (first.is_good, first.summary.counts.new) == (True, 25)
    assert (second.summary.counts.new, second.summary.counts.updated) == (0, 0)
    assert set(await read_jobs(database)) == set(found)


async def test_a_server_that_gives_fewer_than_asked_for_hides_nothing(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_modzy(number) for number in range(25)))
    async with serving(modzy(found, cap=4)) as site:
        await sync(settings, database, to_upstream(base_url=site.address))
    assert len(await read_jobs(database)) == 25


async def test_a_job_that_changes_arrives_again(
    settings: Settings, database: Database
) -> None:
    found = to_documents(to_modzy(1, status="IN_PROGRESS"), to_modzy(2))
    async with serving(modzy(found)) as site:
        upstream = to_upstream(base_url=site.address)
        await sync(settings, database, upstream)
        found["job-1"] = to_modzy(1, status="CANCELED", updatedAt=to_iso(9))
        [report] = await sync(settings, database, upstream)
    assert report.summary.counts.updated == 1
    assert (await read_jobs(database))["job-1"] == "CANCELED"


async def test_a_running_job_is_asked_for_until_it_ends(
    settings: Settings, database: Database
) -> None:
    old = to_modzy(-9_000, status="IN_PROGRESS")
    others = (to_modzy(number) for number in (*range(-5_030, -5_000), *range(9)))
    found = to_documents(old, *others)
    async with serving(modzy(found)) as site:
        upstream = to_upstream(base_url=site.address, page_size=10)
        await sync(settings, database, upstream)
        # It ends, and its list does not say so.
        found["job--9000"] = old | {"status": "ERROR"}
        await sync(settings, database, upstream)
        assert (await read_jobs(database))["job--9000"] == "FAILED"
        asked = count(site, "/jobs/job--9000")
        await sync(settings, database, upstream)
        assert (asked, count(site, "/jobs/job--9000")) == (1, 1)


async def test_a_running_job_that_is_gone_stops_nothing(
    settings: Settings, database: Database
) -> None:
    found = to_documents(to_modzy(1, status="IN_PROGRESS"))
    async with serving(modzy(found)) as site:
        upstream = to_upstream(base_url=site.address)
        await sync(settings, database, upstream)
        found.clear()
        [report] = await sync(settings, database, upstream)
    assert (report.is_good, report.summary.gone) == (True, 1)


async def test_a_page_that_comes_twice_hides_nothing(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_modzy(number) for number in range(30)))
    async with serving(mix_up(modzy(found), "page", "2", "1")) as site:
        upstream = to_upstream(base_url=site.address, page_size=10)
        await sync(settings, database, upstream)
    assert len(await read_jobs(database)) == 30
    assert [each.params["page"] for each in site.asked][:4] == ["1", "2", "2", "3"]


async def test_an_upstream_that_knows_no_pages_is_read_all_the_same(
    settings: Settings, database: Database
) -> None:
    listed = [to_modzy(1), {"total": "no job"}]
    async with serving(lambda _: to_json(listed)) as site:
        upstream = to_upstream(base_url=site.address, page_size=2)
        [report] = await sync(settings, database, upstream)
    assert report.is_good
    assert list(await read_jobs(database)) == ["job-1"]


async def test_what_one_walk_misses_the_next_one_brings(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_modzy(number) for number in range(30)))
    honest, lies = modzy(found), ["2"]

    def answer(asked: Asked) -> Reply:
        if asked.params.get("page") in lies:
            lies.clear()
            return to_json([])
        return honest(asked)

    async with serving(answer) as site:
        upstream = to_upstream(base_url=site.address, page_size=10)
        [report] = await sync(settings, database, upstream)
    assert (report.summary.counts.new, lies) == (30, [])


async def test_bad_documents_are_counted_and_the_others_arrive(
    settings: Settings, database: Database
) -> None:
    found = to_documents(to_modzy(1), to_modzy(2, total="many"), to_modzy(3))
    async with serving(modzy(found)) as site:
        [report] = await sync(settings, database, to_upstream(base_url=site.address))
    assert report.is_good
    assert report.summary.rejected >= 1
    assert set(await read_jobs(database)) == {"job-1", "job-3"}


async def test_a_walk_that_was_broken_off_is_taken_up_where_it_was(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_modzy(number) for number in range(40)))
    honest = modzy(found)

    def refuse_third(asked: Asked) -> Reply:
        is_third = asked.params.get("page") == "3"
        return to_json({}, status="403 No") if is_third else honest(asked)

    async with serving(refuse_third) as site:
        upstream = to_upstream(base_url=site.address, page_size=10)
        [failed] = await sync(settings, database, upstream)
    assert failed.error == "GET /jobs/history: it refuses the credential (403)"
    assert len(await read_jobs(database)) == 20
    async with serving(honest) as again:
        row = await read_row(database)
        row["checkpoint"]["target"] = f"modzy {again.address} None"
        await put_columns(database, checkpoint=row["checkpoint"])
        upstream = to_upstream(base_url=again.address, page_size=10)
        [report] = await sync(settings, database, upstream)
    assert report.is_good
    assert [each.params["page"] for each in again.asked][:2] == ["2", "3"]
    assert len(await read_jobs(database)) == 40


async def test_another_address_is_read_from_its_beginning(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_modzy(number) for number in range(40)))
    async with serving(modzy(to_documents(to_modzy(99_999)))) as site:
        await sync(settings, database, to_upstream(base_url=site.address))
    async with serving(modzy(found)) as site:
        await sync(settings, database, to_upstream(base_url=site.address, page_size=9))
    assert len(await read_jobs(database)) == 41


async def test_one_broken_upstream_harms_no_other(
    settings: Settings, database: Database
) -> None:
    found = to_documents(to_modzy(1))
    async with serving(modzy(found)) as site, serving(lambda _: NOT_FOUND) as broken:
        good, bad = await sync(
            settings,
            database,
            to_upstream(base_url=site.address),
            to_upstream(base_url=broken.address, name="broken"),
        )
    assert (good.is_good, bad.is_good) == (True, False)
    assert bad.error == "GET /jobs/history: it answers 404; right is 200"


async def test_output_of_a_training_comes_once_it_has_ended_and_not_again(
    settings: Settings, database: Database
) -> None:
    found = to_documents(to_training(1, 5), to_training(2), key="id")
    async with serving(edge_impulse(found)) as site:
        upstream = to_upstream("edge-impulse", base_url=site.address)
        await sync(settings, database, upstream)
        found["2"] = to_training(2, 8)
        await sync(settings, database, upstream)
        await sync(settings, database, upstream)
    assert await read_logs(database) == {"1": "of 1\n", "2": "of 2\n"}
    assert await read_jobs(database) == {"1": "COMPLETED", "2": "COMPLETED"}
    assert count(site, "/api/7/jobs/1/stdout") == 1
    assert count(site, "/api/7/jobs/2/stdout") == 2


async def test_a_training_that_ended_a_moment_ago_is_looked_at_again(
    settings: Settings, database: Database
) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    old = to_training(0) | {"created": to_iso(-9_000), "finished": now}
    old["finishedSuccessful"] = False
    found = to_documents(old, to_training(1, 5), key="id")
    async with serving(edge_impulse(found)) as site:
        upstream = to_upstream("edge-impulse", base_url=site.address)
        await sync(settings, database, upstream)
        found["0"] = old | {"finishedSuccessful": True}
        await sync(settings, database, upstream)
    assert (await read_jobs(database))["0"] == "COMPLETED"


async def test_a_list_that_gives_fewer_than_it_counts_is_walked_again(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_training(n, n + 1) for n in range(20)), key="id")
    async with serving(mix_up(edge_impulse(found), "offset", "10", "0")) as site:
        upstream = to_upstream("edge-impulse", base_url=site.address, page_size=5)
        await sync(settings, database, upstream)
    assert len(await read_jobs(database)) == 20
    assert count(site, "/api/7/jobs/all") > 5


async def test_a_page_that_came_too_early_ends_no_walk(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_training(n, n + 1) for n in range(20)), key="id")
    async with serving(mix_up(edge_impulse(found), "offset", "5", "10")) as site:
        upstream = to_upstream("edge-impulse", base_url=site.address, page_size=5)
        await sync(settings, database, upstream)
    assert len(await read_jobs(database)) == 20
    offsets = [each.params["offset"] for each in site.asked if "offset" in each.params]
    # After the page that was there already comes the next one, in the first walk.
    assert offsets[:7] == ["0", "5", "10", "10", "10", "10", "15"]


async def test_jobs_that_a_list_counts_and_hides_are_looked_for_in_one_more_round(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_training(n, n + 1) for n in range(20)), key="id")
    async with serving(edge_impulse(found, hidden={1, 2, 3})) as site:
        upstream = to_upstream("edge-impulse", base_url=site.address, overlap_s=0)
        notes, begins = [], []
        for _ in range(3):
            site.asked.clear()
            [report] = await sync(settings, database, upstream)
            notes.append(report.summary.notes[0])
            begins.append(site.asked[0].params.get("startDate"))
    assert notes[0] == notes[1] == "its list counts 3 jobs more than it gives"
    assert begins[:2] == [None, None]
    assert begins[2] is not None
    assert notes[2].startswith("its own summary differs")


async def test_a_list_that_gives_more_of_what_it_counts_is_walked_from_the_same_place(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_training(n, n + 1) for n in range(20)), key="id")
    hidden = {1, 2, 3}
    async with serving(edge_impulse(found, hidden)) as site:
        upstream = to_upstream("edge-impulse", base_url=site.address, overlap_s=0)
        for _ in range(4):
            await sync(settings, database, upstream)
            hidden -= {min(hidden, default=0)}
    assert len(await read_jobs(database)) == 20


async def test_sums_that_differ_are_told_and_are_no_failure(
    settings: Settings, database: Database
) -> None:
    found = to_documents(to_training(1, 5), to_training(9, 12), key="id")
    async with serving(edge_impulse(found)) as site:
        upstream = to_upstream("edge-impulse", base_url=site.address)
        [agreeing] = await sync(settings, database, upstream)
        found["20"] = to_training(20, 21)
        [differing] = await sync(settings, database, upstream)
    note = "its own summary differs: Training: 7,000 ms there, 8,000 ms here"
    assert (agreeing.is_good, agreeing.summary.notes) == (True, ())
    assert (differing.is_good, differing.summary.notes) == (True, (note,))
    assert (await read_row(database))["error"] == note


def to_run(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON values
    """Make what sharedcloud's list tells of a job."""
    return {
        "uuid": f"run-{number}",
        "current_server_time": "01-05-2026 13:00:00",
        "status": 3,
        "created_at": "01-05-2026 12:00:00",
        "finished_at": "01-05-2026 12:30:00",
    } | changes


async def test_details_are_asked_for_what_is_new_changed_or_not_ended(
    settings: Settings, database: Database
) -> None:
    listed = [to_run(1), to_run(2, status=2, finished_at=None)]
    logs = {"build_logs": "", "stdout": "out", "stderr": "", "result": "1"}

    def answer(asked: Asked) -> Reply:
        if asked.path == "/api/v1/jobs/":
            return to_json(listed)
        number = int(asked.path.strip("/").rpartition("-")[2])
        return to_json(listed[number - 1] | logs)

    async with serving(answer) as site:
        upstream = to_upstream("sharedcloud", base_url=site.address)
        await sync(settings, database, upstream)
        listed[1] = to_run(2, status=4)
        await sync(settings, database, upstream)
        listed[0] = to_run(1, current_server_time="01-05-2026 14:00:00")
        [last] = await sync(settings, database, upstream)
    assert (last.summary.counts.updated, last.summary.counts.unchanged) == (0, 2)
    assert await read_jobs(database) == {"run-1": "COMPLETED", "run-2": "FAILED"}
    assert await read_logs(database) == {"run-1": "out", "run-2": "out"}
    assert count(site, "/api/v1/jobs/run-1/") == 1
    assert count(site, "/api/v1/jobs/run-2/") == 2


async def test_a_round_that_is_stopped_ends_after_the_page_in_hand(
    settings: Settings, database: Database
) -> None:
    found = to_documents(*(to_modzy(number) for number in range(40)))
    honest = modzy(found)

    def answer(asked: Asked) -> Reply:
        if asked.params.get("page") == "2":
            syncing.stop.set()
        return honest(asked)

    async with serving(answer) as site:
        upstream = to_upstream(base_url=site.address, page_size=10)
        syncing = to_syncing(settings, database, [upstream])
        [report] = await syncing.run_once()
    assert (report.is_good, report.error) == (False, None)
    assert len(await read_jobs(database)) == 20
    row = await read_row(database)
    assert (row["lease_owner"], row["last_success_at"]) == (None, None)


async def test_rounds_follow_each_other_until_they_are_stopped(
    settings: Settings, database: Database
) -> None:
    found = to_documents(to_modzy(1))
    reports: list[Report] = []

    def tell(report: Report) -> None:
        found["job-2"] = to_modzy(2)
        reports.append(report)
        if len(reports) == 2:
            syncing.stop.set()

    async with serving(modzy(found)) as site:
        upstream = to_upstream(base_url=site.address, interval_s=0.05)
        syncing = to_syncing(settings, database, [upstream], tell)
        await asyncio.wait_for(syncing.run(), 30)
    assert [each.summary.counts.new for each in reports] == [1, 1]
    assert (await read_row(database))["lease_owner"] is None
