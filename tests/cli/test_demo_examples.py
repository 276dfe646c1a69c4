from gateway.cli.demo_examples import read_examples
from gateway.records import JobSource, JobStatus, ModelRecord
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.web.graphiql import GraphiqlDefaults
from tests.factories import make_job, put


async def test_examples_are_a_job_that_ended_and_a_model_whose_jobs_went_wrong(
    database: Database, settings: Settings
) -> None:
    shared = {"source": JobSource.SHAREDCLOUD, "model": ModelRecord(identifier="mnist")}
    ended = make_job(**shared, status=JobStatus.COMPLETED)
    runs = make_job(**shared, status=JobStatus.RUNNING)
    wrong = make_job(status=JobStatus.FAILED, model=ModelRecord(identifier="ed54"))
    await put(database, "acme", ended, runs, wrong)
    assert await read_examples(database, settings, "acme") == GraphiqlDefaults(
        job_identifier=ended.job_identifier, model_identifier="ed54"
    )


async def test_an_account_without_jobs_has_no_examples(
    database: Database, settings: Settings
) -> None:
    await put(database, "acme", make_job())
    assert await read_examples(database, settings, "acme") == GraphiqlDefaults()


async def test_limits_that_refuse_the_question_leave_no_examples(
    database: Database, settings: Settings
) -> None:
    tight = settings.replace(max_depth=1)
    assert await read_examples(database, tight, "acme") == GraphiqlDefaults()
