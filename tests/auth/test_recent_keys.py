from gateway.auth.keys import to_key_digest
from gateway.auth.keys_in_use import RecentKeys
from tests.auth.records import make_key_record


def test_a_key_is_trusted_for_two_seconds_after_it_was_read() -> None:
    clock = iter([101.9, 102.0])
    recent = RecentKeys(clock=lambda: next(clock))
    key = make_key_record("a")
    recent.put(key, read_at_s=100.0)
    assert recent.get(key.digest) == key
    assert recent.get(key.digest) is None


def test_a_key_read_again_is_trusted_anew() -> None:
    recent = RecentKeys(clock=lambda: 103.0)
    key = make_key_record("a")
    recent.put(key, read_at_s=100.0)
    recent.put(key, read_at_s=102.0)
    assert recent.get(key.digest) == key


def test_the_oldest_key_goes_when_there_are_too_many() -> None:
    recent = RecentKeys(max_keys=2, clock=lambda: 0.0)
    keys = [make_key_record(prefix) for prefix in "abc"]
    for key in keys:
        recent.put(key, read_at_s=0.0)
    assert [recent.get(key.digest) for key in keys] == [None, *keys[1:]]
    assert len(recent.entries) == 2


def test_a_key_never_put_is_not_there() -> None:
    assert RecentKeys(clock=lambda: 0.0).get(to_key_digest("a.b")) is None
