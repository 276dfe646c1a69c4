from gateway.addresses import is_loopback, to_origin


def test_only_addresses_of_this_machine_are_loopback() -> None:
    assert is_loopback("http://127.9.9.9/x")
    assert not is_loopback("https://id.example.com")


def test_an_origin_has_no_path() -> None:
    assert to_origin("https://ID.example.com:8443/a?b") == "https://id.example.com:8443"
