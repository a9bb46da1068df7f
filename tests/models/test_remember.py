"""What is kept on disk is kept until the code behind it changes."""

import pytest

from emolib.models import remember

CALLS = []


def double(number):
    CALLS.append(number)
    return 2 * number


@pytest.fixture
def again(tmp_path):
    """Ask for 2 × 3; tell how often it was computed."""
    code = tmp_path / "called"
    code.mkdir()
    (code / "module.py").write_text("a = 1")

    def ask():
        CALLS.clear()
        assert remember.remembered(double, tmp_path / "cache", code)(3) == 6
        return len(CALLS)

    return code, ask


def test_an_answer_is_kept_until_a_called_module_changes(again):
    code, ask = again
    assert [ask(), ask()] == [1, 0]
    (code / "module.py").write_text("a = 2")
    assert [ask(), ask()] == [1, 0]


def test_another_backend_answers_for_itself(again, monkeypatch):
    _, ask = again
    assert ask() == 1
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert [ask(), ask()] == [1, 0]


def test_a_file_that_is_not_there_is_an_error():
    with pytest.raises(FileNotFoundError):
        remember.fingerprint("models/no_such_file.py")
