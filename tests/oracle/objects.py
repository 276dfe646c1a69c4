"""A data set to GraphQL objects: dicts, with functions where fields have arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from gateway.auth.principal import Principal
from gateway.query.plan.node_ids import to_job_id, to_model_id, to_user_id
from gateway.records import JobInputRecord, JobSource, ModelRecord, UserRecord
from tests.oracle.facets import to_facets
from tests.oracle.filters import is_meant, value_of
from tests.oracle.pages import Listing, to_connection
from tests.oracle.records import StoredJob, World

Object = Mapping[str, Any]
Numbered = tuple[int, Any]
ORDERS = {
    "CREATED_AT": "created_at",
    "SUBMITTED_AT": "submitted_at",
    "STARTED_AT": "started_at",
    "FINISHED_AT": "finished_at",
    "UPDATED_AT": "updated_at",
}
COLUMNS = {
    "jobIdentifier": "job_identifier",
    "source": "source",
    "projectId": "project_id",
    "category": "category",
    "categoryKey": "category_key",
    "label": "label",
    "status": "status",
    "rawStatus": "raw_status",
    "submittedBy": "submitted_by",
    "createdAt": "created_at",
    "submittedAt": "submitted_at",
    "assignedAt": "assigned_at",
    "startedAt": "started_at",
    "finishedAt": "finished_at",
    "updatedAt": "updated_at",
    "total": "total",
    "pending": "pending",
    "completed": "completed",
    "failed": "failed",
    "elapsedTime": "elapsed_ms",
    "queueTime": "queue_ms",
    "timeout": "timeout_ms",
    "explain": "explain",
    "imageClassificationModel": "image_classification_model",
    "inputByteAmount": "input_bytes",
    "arguments": "arguments",
    "result": "result",
    "instance": "instance",
    "run": "run",
    "incrementalId": "incremental_id",
    "processors": "processors",
    "requestedProcessors": "requested_processors",
}
LOGS = {"buildLogs": "build_logs", "stdout": "stdout", "stderr": "stderr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What a principal may see of a data set at an instant, as GraphQL objects."""

    world: World
    principal: Principal
    now: datetime

    def jobs(self) -> Sequence[StoredJob]:
        """Give the jobs that the principal may see."""
        project = self.principal.project_id
        return [
            stored
            for stored in self.world.jobs
            if project is None or stored.record.project_id == project
        ]

    def model_number(self, stored: StoredJob) -> int | None:
        """Give the number of a job's model: that of its first job among all models."""
        model = stored.record.model
        return None if model is None else self.models(self.world.jobs).index(model) + 1

    def models(self, jobs: Sequence[StoredJob]) -> Sequence[ModelRecord]:
        """Give the models of jobs, by their first arrival."""
        return list(dict.fromkeys(k.record.model for k in jobs if k.record.model))

    def users(
        self, jobs: Sequence[StoredJob]
    ) -> Sequence[tuple[JobSource, UserRecord]]:
        """Give the users of jobs with their sources, by their first arrival."""
        return list(
            dict.fromkeys(
                (k.record.source, k.record.user) for k in jobs if k.record.user
            )
        )

    def user_number(self, stored: StoredJob) -> int | None:
        """Give the number of a job's user."""
        job = stored.record
        if job.user is None:
            return None
        return self.users(self.world.jobs).index((job.source, job.user)) + 1

    def model_list(self) -> Listing[Numbered]:
        """List the models that the principal may see."""
        every = list(enumerate(self.models(self.world.jobs), start=1))
        seen = self.models(self.jobs())
        return Listing(
            type_name="Model",
            items=[item for item in every if item[1] in seen],
            rank=lambda item: (item[1].identifier, item[0]),
            number=lambda item: item[0],
            find=lambda number: every[number - 1],
            make=lambda item: self.to_model(item[1]),
        )

    def user_list(self) -> Listing[Numbered]:
        """List the users that the principal may see."""
        every = list(enumerate(self.users(self.world.jobs), start=1))
        seen = self.users(self.jobs())
        return Listing(
            type_name="User",
            items=[item for item in every if item[1] in seen],
            rank=lambda item: (item[1][1].identifier, item[0]),
            number=lambda item: item[0],
            find=lambda number: every[number - 1],
            make=lambda item: self.to_user(*item[1]),
        )

    def list_runs(self, lengths: Mapping[int, int], _: object, **given: Any) -> Object:  # noqa: ANN401 -- arguments of a field
        """Give a page of the jobs behind usage, with their parts of it by number."""
        jobs = [stored for stored in self.jobs() if stored.number in lengths]
        return self.list_jobs(jobs, _, lengths, **given)

    def list_jobs(
        self,
        jobs: Sequence[StoredJob],
        _: object,
        lengths: Mapping[int, int] = MappingProxyType({}),
        **given: Any,  # noqa: ANN401 -- arguments of a field
    ) -> Object:
        """Give a page of jobs."""
        order = given.get("orderBy") or {"field": "CREATED_AT", "direction": "DESC"}
        column = ORDERS[order["field"]]

        def rank(stored: StoredJob) -> tuple[bool, Any, int]:
            instant = getattr(stored.record, column)
            return instant is None, instant, stored.number

        listing = Listing(
            type_name="Job",
            items=[stored for stored in jobs if is_meant(stored, given.get("filter"))],
            rank=rank,
            number=lambda stored: stored.number,
            find=lambda number: self.world.jobs[number - 1],
            make=self.to_job,
            measure=lambda stored: lengths.get(stored.number),
            is_descending=order["direction"] == "DESC",
        )
        facets = to_facets(
            jobs,
            given.get("filter"),
            self.model_number,
            lambda stored: stored.record.model and self.to_model(stored.record.model),
        )
        return {**to_connection(listing, given), "facets": facets}

    def to_job(self, stored: StoredJob) -> Object:
        """Make a job."""
        job = stored.record
        values = {name: value_of(stored, column) for name, column in COLUMNS.items()}
        return {
            **values,
            "__typename": "Job",
            "id": to_job_id(values["source"], job.job_identifier),
            "accountIdentifier": self.world.account,
            "model": job.model and self.to_model(job.model),
            "user": job.user and self.to_user(job.source, job.user),
            "cost": job.cost,
            "jobInputs": partial(list_inputs, stored),
            **{name: getattr(job.logs, column, None) for name, column in LOGS.items()},
        }

    def to_model(self, model: ModelRecord) -> Object:
        """Make a model."""
        jobs = [stored for stored in self.jobs() if stored.record.model == model]
        return {
            "__typename": "Model",
            "id": to_model_id(model.identifier, model.version),
            "identifier": model.identifier,
            "version": model.version,
            "name": model.name,
            "jobs": partial(self.list_jobs, jobs),
        }

    def to_user(self, source: JobSource, user: UserRecord) -> Object:
        """Make a user."""
        jobs = [
            stored
            for stored in self.jobs()
            if stored.record.user == user and stored.record.source == source
        ]
        return {
            "__typename": "User",
            "id": to_user_id(source.value, user.identifier),
            "identifier": user.identifier,
            "source": source.value,
            "externalIdentifier": user.external_identifier,
            "firstName": user.first_name,
            "lastName": user.last_name,
            "email": user.email,
            "status": user.status,
            "title": user.title,
            "jobs": partial(self.list_jobs, jobs),
        }


def list_inputs(
    stored: StoredJob,
    _: object,
    **given: Any,  # noqa: ANN401 -- arguments of a field
) -> Object:
    """Give a page of a job's inputs."""
    listing: Listing[Numbered] = Listing(
        type_name="JobInputItem",
        items=list(enumerate(stored.record.inputs)),
        rank=lambda item: item[0],
        number=lambda item: item[0],
        find=lambda number: (number, None),
        make=lambda item: to_input(stored, *item),
    )
    return to_connection(listing, given)


def to_input(stored: StoredJob, at: int, item: JobInputRecord) -> Object:
    """Make an input of a job."""
    status = item.status if at else stored.broken.get("input_status", item.status)
    return {
        "identifier": item.identifier,
        "status": status,
        "startedAt": item.started_at,
        "finishedAt": item.finished_at,
        "elapsedTime": item.elapsed_ms,
        "byteAmount": item.input_bytes,
        "error": item.error,
    }
