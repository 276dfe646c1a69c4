import gzip
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from gateway.errors import BodyTooLargeError, RequestError
from gateway.web.upload import PIECE_BYTES, decompress, limit

PACKED = gzip.compress(b"some text of some length")


async def stream(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def collect(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[i:j] for i, j in pairwise(edges) if i != j]


@given(
    parts=st.lists(st.binary(max_size=2_000), min_size=1, max_size=4),
    places=st.lists(st.integers(0, 10_000), max_size=8),
)
async def test_packed_data_is_unpacked_however_it_is_cut(
    parts: list[bytes], places: list[int]
) -> None:
    packed = b"".join(map(gzip.compress, parts))
    pieces = await collect(decompress(stream(cut(packed, places))))
    assert b"".join(pieces) == b"".join(parts)
    assert all(pieces)


async def test_little_that_unpacks_to_much_comes_in_small_pieces() -> None:
    packed = gzip.compress(bytes(5_000_000))
    pieces = await collect(decompress(stream([packed])))
    assert sum(map(len, pieces)) == 5_000_000
    assert max(map(len, pieces)) <= PIECE_BYTES


@given(st.integers(1, len(PACKED) - 1))
async def test_packed_data_that_ends_early_is_an_error(size: int) -> None:
    with pytest.raises(RequestError, match="the gzip data ends early"):
        await collect(decompress(stream([PACKED[:size]])))


@pytest.mark.parametrize(("size", "is_too_large"), [(10, False), (11, True)])
async def test_no_more_is_read_than_is_allowed(
    size: int, *, is_too_large: bool
) -> None:
    chunks = [b"x"] * size
    if not is_too_large:
        assert await collect(limit(stream(chunks), 10)) == chunks
        return
    with pytest.raises(BodyTooLargeError, match="more than 10 bytes"):
        await collect(limit(stream(chunks), 10))
