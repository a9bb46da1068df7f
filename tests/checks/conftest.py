"""What every oracle must say to a reader who has not answered, or whose code stops."""

import pytest


@pytest.fixture
def refuses(capsys):
    """Return a function that tries a check on a stub, on None and on code that raises."""

    def answer(check):
        capsys.readouterr()
        assert not check(lambda *_: ...)
        assert "not tried yet" in capsys.readouterr().out
        assert not check(lambda *_: None)
        assert "returns nothing" in capsys.readouterr().out
        assert not check(lambda *_: 1 / 0)
        assert "ZeroDivisionError" in capsys.readouterr().out

    return answer
