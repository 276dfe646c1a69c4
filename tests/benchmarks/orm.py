"""ORM classes over the gateway's tables, with the names the GraphQL fields have."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import and_
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    column_property,
    foreign,
    relationship,
)

from gateway.query.plan.node_ids import to_job_id, to_model_id, to_user_id
from gateway.store.tables import job_inputs, jobs, metadata, models, users


class Base(DeclarativeBase):
    metadata = metadata


@dataclass(frozen=True, slots=True)
class MoneyValue:
    """An amount of money, as the type `Money` takes it."""

    amount: Decimal
    currency: str


class ModelRow(Base):
    __table__ = models
    account = models.c.account
    model_id = models.c.model_id
    identifier = column_property(models.c.identifier)
    version = column_property(models.c.version)

    @property
    def id(self) -> str:
        """The global identifier."""
        return to_model_id(self.identifier, self.version)


class UserRow(Base):
    __table__ = users
    source = column_property(users.c.source)
    identifier = column_property(users.c.identifier)

    @property
    def id(self) -> str:
        """The global identifier."""
        return to_user_id(self.source, self.identifier)


class InputRow(Base):
    __table__ = job_inputs
    account = job_inputs.c.account
    job_id = job_inputs.c.job_id
    position = job_inputs.c.position
    elapsed_time = job_inputs.c.elapsed_ms
    byte_amount = job_inputs.c.input_bytes


class JobRow(Base):
    __table__ = jobs
    __mapper_args__ = {"exclude_properties": ["residue", "digest"]}  # noqa: RUF012 -- as SQLAlchemy has it
    account_identifier = jobs.c.account
    job_id = jobs.c.job_id
    job_identifier = column_property(jobs.c.job_identifier)
    source = column_property(jobs.c.source)
    created_at = jobs.c.created_at
    model_id = jobs.c.model_id
    cost_amount = column_property(jobs.c.cost_amount)
    cost_currency = column_property(jobs.c.cost_currency)
    elapsed_time = jobs.c.elapsed_ms
    queue_time = jobs.c.queue_ms
    timeout = jobs.c.timeout_ms
    input_byte_amount = jobs.c.input_bytes
    model: Mapped[ModelRow | None] = relationship(
        ModelRow,
        primaryjoin=and_(
            jobs.c.account == models.c.account,
            foreign(jobs.c.model_id) == models.c.model_id,
        ),
        viewonly=True,
        uselist=False,
    )
    user: Mapped[UserRow | None] = relationship(
        UserRow,
        primaryjoin=and_(
            jobs.c.account == users.c.account,
            foreign(jobs.c.user_id) == users.c.user_id,
        ),
        viewonly=True,
        uselist=False,
    )

    @property
    def id(self) -> str:
        """The global identifier."""
        return to_job_id(self.source, self.job_identifier)

    @property
    def cost(self) -> MoneyValue | None:
        """What the job cost."""
        if self.cost_amount is None:
            return None
        return MoneyValue(self.cost_amount, self.cost_currency)
