from gateway.upstreams.comparing import to_difference


def test_sums_that_agree_are_no_difference() -> None:
    assert to_difference({"A": 5_000, "B": 0}, {"A": (5_000, 2)}) is None


def test_a_millisecond_for_each_job_is_rounding() -> None:
    assert to_difference({"A": 5_002}, {"A": (5_000, 2)}) is None
    assert to_difference({"A": 5_003}, {"A": (5_000, 2)}) == (
        "its own summary differs: A: 5,003 ms there, 5,000 ms here"
    )


def test_a_category_that_one_side_lacks_is_a_difference() -> None:
    assert to_difference({"A": 5}, {"B": (7, 1)}) == (
        "its own summary differs: A: 5 ms there, 0 ms here; B: 0 ms there, 7 ms here"
    )


def test_many_categories_are_counted() -> None:
    text = to_difference(dict.fromkeys("ABCDE", 9), {})
    assert text is not None
    assert text.endswith("C: 9 ms there, 0 ms here, and 2 more categories")
