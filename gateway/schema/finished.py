"""Finished values, which graphql-core's executor does not complete again."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor
from graphql.pyutils import Path
from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Finished:
    """The complete response value of a root field.

    Attributes:
        errors: Errors of fields in it, with their paths.
        is_nulled: Whether the last error's null propagated up to the root field.
    """

    value: Any
    errors: tuple[GraphQLError, ...] = ()
    is_nulled: bool = False


class FinishedExecutor(Executor[Any]):
    """Completes values as graphql-core does, except for finished ones."""

    @override
    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if type(result) is not Finished:
            return super().complete_value(
                return_type, field_details_list, info, path, result, position_context
            )
        errors = result.errors[:-1] if result.is_nulled else result.errors
        self.collected_errors.errors.extend(errors)
        if result.is_nulled:
            raise result.errors[-1]
        return result.value
