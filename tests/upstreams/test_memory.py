from gateway.upstreams.memory import FORGET_S, JobFacts, Memory, to_document_digest
from tests.upstreams.making import at

FACTS = JobFacts(identifier="1", instant=at(0), is_pending=False, finished_at=at(9))


def test_the_same_document_is_known_and_another_of_the_job_is_not() -> None:
    memory = Memory()
    memory.add(to_document_digest({"id": 1}), FACTS)
    assert memory.find(1, to_document_digest({"id": 1})) == FACTS
    assert memory.find(1, to_document_digest({"id": 1, "a": 0})) is None
    assert memory.find(2, to_document_digest({"id": 1})) is None


def test_only_the_last_document_of_a_job_is_known() -> None:
    memory = Memory()
    memory.add(b"first", FACTS)
    memory.add(b"second", FACTS)
    assert memory.find("1", b"first") is None


def test_what_cannot_be_hashed_is_never_known() -> None:
    digest = to_document_digest({"id": 2**70})
    memory = Memory()
    memory.add(digest, FACTS)
    assert memory.find("1", digest) is None


def test_everything_is_forgotten_in_time() -> None:
    now_s = [0.0]
    memory = Memory(clock=lambda: now_s[0])
    memory.add(b"a", FACTS)
    memory.refresh()
    assert memory.find("1", b"a") == FACTS
    now_s[0] = FORGET_S
    memory.refresh()
    assert memory.find("1", b"a") is None


def test_a_job_that_ended_lately_may_change() -> None:
    assert FACTS.may_change(at(9))
    assert not FACTS.may_change(at(10))
