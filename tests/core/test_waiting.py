import pytest

from harness.core.waiting import newest_wait, waiting


def test_the_innermost_wait_is_known_while_it_lasts():
    assert newest_wait() is None
    with waiting("outer"):
        with waiting("inner"):
            assert newest_wait().what == "inner"
        assert newest_wait().what == "outer"
    assert newest_wait() is None


def test_a_wait_ends_with_an_error():
    with pytest.raises(OSError, match="full"), waiting("writing"):
        raise OSError("full")
    assert newest_wait() is None
