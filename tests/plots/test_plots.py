import base64
import io
import re

import av
import cv2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from emolib import corpora, plots
from emolib.plots import displays

RATE = 16_000


@pytest.fixture
def tone():
    return 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)


@pytest.fixture
def frames():
    """Thirty frames; each has its number as its brightness."""
    return np.repeat(np.arange(30, dtype=np.uint8) * 8, 48 * 64 * 3).reshape(30, 48, 64, 3)


@pytest.fixture
def shown(monkeypatch):
    """What would be displayed: a list of (bundle, metadata)."""
    published = []
    monkeypatch.setattr(
        displays, "publish_display_data", lambda data, meta: published.append((data, meta))
    )
    return published


@pytest.fixture(autouse=True)
def no_figure_is_left_open():
    yield
    plt.close("all")


def units(n=30):
    """Twelve moves most, four moves, one stands still."""
    ramp = np.linspace(0, 1, n)
    return pd.DataFrame({"AU01_r": 0 * ramp, "AU04_r": ramp, "AU12_r": 4 * ramp})


def test_axes_carry_units_and_the_clip_s_length(tone):
    table = corpora.clip_table(
        [{"clip": str(k), "corpus": "c", "emotion": "sad", "intensity": "strong"} for k in range(3)]
    )
    drawn = [plots.waveform(tone, RATE), plots.spectrogram(tone, RATE)]
    drawn.append(plots.action_units(units(), 30))
    for ax in drawn:
        assert ax.get_title() and ax.get_ylabel()
        assert "(s)" in ax.get_xlabel()
        assert np.isclose(ax.get_xlim()[1], 1.0)
    assert plots.emotion_counts(table).patches[0].get_height() == 3


def test_a_tone_of_one_kilohertz_stands_at_one_kilohertz(tone):
    image = plots.spectrogram(tone, RATE).images[0]
    level = image.get_array()
    low, high = image.get_extent()[2:]
    row = np.asarray(level)[:, level.shape[1] // 2].argmax()
    assert abs(low + row * (high - low) / (level.shape[0] - 1) - 1.0) < 0.04


def test_the_units_that_move_most_are_drawn():
    ax = plots.action_units(units(), 30, most=2)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["AU 4", "AU 12"]


def test_a_frame_strip_shows_first_and_last_frame_with_their_times(frames):
    ax = plots.frame_strip(frames, 30, n=4)
    picture = ax.images[0].get_array()
    assert picture.shape == (48, 4 * 64, 3)
    assert picture[0, 0, 0] == 0 and picture[0, -1, 0] == 29 * 8
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.00", "0.33", "0.63", "0.97"]
    assert plots.frame_strip(frames[:2], 30, n=8).images[0].get_array().shape == (48, 2 * 64, 3)


def test_the_player_s_cursor_moves_at_the_speed_of_time(frames, tone):
    player = plots.clip_player(frames, 30, tone, RATE, units())
    (mp4,) = player.mp4s
    with av.open(io.BytesIO(mp4)) as container:
        assert {s.codec_context.name for s in container.streams} == {"h264", "aac"}
        pictures = [f.to_ndarray(format="rgb24").astype(int) for f in container.decode(video=0)]
        assert len(pictures) == 30
        assert pictures[0].shape[0] % 2 == 0
    # The cursor is all that changes in the panels, right of the frames' 480 pixels.
    panels = np.array([picture[:, 480:] for picture in pictures])
    change = np.abs(panels - np.median(panels, axis=0)).sum(axis=(1, 3))
    columns = change.argmax(axis=1)
    speed, start = np.polyfit(np.arange(30), columns, 1)
    assert 15 < speed < 25
    assert np.allclose(columns, start + speed * np.arange(30), atol=2.5)
    assert cv2.imdecode(np.frombuffer(player.still, np.uint8), 1).shape == pictures[0].shape


def test_sound_and_picture_of_a_written_clip_are_as_long_as_given(tmp_path, frames, tone):
    from emolib.corpora.writing import write_video

    write_video(tmp_path / "clip.mp4", frames, 30, tone, RATE)
    row = {
        "audio": str(tmp_path / "clip.mp4"),
        "video": str(tmp_path / "clip.mp4"),
        "corpus": "own",
    }
    signal, rate = corpora.read_audio(row)
    seen, fps = corpora.read_video(row)
    assert rate == RATE and fps == 30 and len(seen) == 30
    assert abs(len(signal) / rate - 1) < 0.15  # AAC pads to whole blocks of 1,024 samples
    spectrum = np.abs(np.fft.rfft(signal[4000:12000]))
    assert abs(spectrum.argmax() * RATE / 8000 - 1000) <= 2
    assert np.abs(seen.mean(axis=(1, 2, 3)) - frames.mean(axis=(1, 2, 3))).max() < 4


@pytest.mark.parametrize("bad", [np.zeros((2, 8, 8)), np.zeros((0, 8, 8, 3), np.uint8)])
def test_what_is_no_clip_is_not_written(tmp_path, bad):
    from emolib.corpora.writing import write_video

    with pytest.raises(corpora.CorpusError, match="uint8"):
        write_video(tmp_path / "clip.mp4", bad, 30)


def test_every_display_carries_its_sentence(shown, frames, tone):
    sentence = "A tone of one kilohertz for a second."
    plots.show(plots.waveform(tone, RATE), sentence)
    plots.show(plots.video_player(frames, 30, tone, RATE), sentence)
    for bundle, metadata in shown:
        assert bundle["text/plain"] == sentence
        assert metadata["image/png"]["alt"] == sentence
        assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert f'aria-label="{sentence}"' in shown[1][0]["text/html"]
    assert not plt.get_fignums(), "show closes what it showed"
    with pytest.raises(ValueError, match="sentence"):
        plots.show(plots.waveform(tone, RATE), "waveform")


def test_exploring_redraws_and_keeps_a_still(shown, monkeypatch):
    boxes = []
    make = displays.ipywidgets.VBox
    monkeypatch.setattr(displays.ipywidgets, "VBox", lambda c: boxes.append(make(c)) or boxes[-1])

    def draw(height, colour):
        ax = plt.subplots(figsize=(2, 2))[1]
        ax.bar([0], [height], color=colour)
        return ax

    sentence = "A {colour} bar of height {height}."
    plots.explore(draw, sentence, height=(1, 5), colour=["red", "blue"])
    ((bundle, metadata),) = shown
    assert bundle["text/plain"] == "A red bar of height 3."
    assert metadata["image/png"]["alt"] == bundle["text/plain"]
    height, colour, picture = boxes[0].children
    assert bundle["image/png"] in picture.value
    height.value, colour.value = 5, "blue"
    assert "A blue bar of height 5." in picture.value
    assert bundle["image/png"] not in picture.value
    assert not plt.get_fignums()


def test_figures_stand_on_a_ground_of_their_own(shown, tone):
    """On a dark page a transparent figure with dark ink cannot be read."""
    with plt.rc_context({"figure.facecolor": "none", "savefig.transparent": True}):
        plots.show(plots.waveform(tone, RATE), "A waveform on a light ground.")
    png = np.frombuffer(base64.b64decode(shown[0][0]["image/png"]), np.uint8)
    picture = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)
    assert (picture[2, 2] == 255).all()


def test_emotions_are_told_apart_by_colour():
    assert len(set(plots.COLOURS.values())) == 8


def test_the_wheel_names_every_emotion_on_its_side():
    places = {t.get_text(): t.get_position()[1] for t in plots.polarity_wheel().texts}
    for emotion, polarity in corpora.POLARITY.items():
        height = next(y for text, y in places.items() if re.match(emotion, text))
        assert np.sign(round(height, 2)) == polarity


def test_shares_and_confusions_print_their_values():
    table = pd.DataFrame({"voice": [0.25, 0.75]}, index=["a", "b"])
    assert [t.get_text() for t in plots.shares(table, "t").texts] == ["25", "75"]
    matrix = np.array([[0.9, 0.1], [0.4, 0.6]])
    drawn = plots.confusion_matrix(matrix, ["a", "b"], "t")
    assert [t.get_text() for t in drawn.texts] == ["90", "10", "40", "60"]
    assert drawn.get_xlabel() and drawn.get_ylabel()
