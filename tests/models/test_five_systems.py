"""One clip through five systems: clips that go wrong get a sentence, and the others an answer."""

import av
import numpy as np
import pandas as pd
import pytest
import soundfile
from scipy.signal import correlate

from emolib import corpora
from emolib.corpora.writing import write_video
from emolib.models import FiveSystems, Sense, pose_puppet, read_clip, read_clips
from emolib.models.five_systems import RATE, SYSTEMS

ROW = 100


@pytest.fixture(scope="module")
def puppet():
    """A puppet's row, its frames, their rate, its sound."""
    row = corpora.load("puppets").iloc[ROW]
    frames, fps = corpora.read_video(row)
    return row, frames, fps, corpora.read_audio(row)[0]


@pytest.fixture(scope="module")
def posed():
    """Sixteen posed puppets, angry and sad, and their labels."""
    labels = ["angry", "sad"] * 8
    clips = [pose_puppet(e, e, 1.5, actor, actor) for actor, e in enumerate(labels, start=1)]
    return clips, labels


@pytest.fixture(scope="module")
def systems(posed):
    return FiveSystems().fit(*posed, epochs=25)


def test_a_puppets_row_is_its_sound_and_twelve_faces(puppet):
    row, _, _, signal = puppet
    clip = read_clip(row)
    assert np.array_equal(clip["sound"].signal, signal)
    assert clip["face"].signal.shape == (12, 96, 96, 3) and clip["face"].signal.dtype == np.uint8


def alike(a, b):
    """Return how well two sounds correlate where they fit best: AAC begins with some silence."""
    a, b = a - a.mean(), b - b.mean()
    return correlate(a, b).max() / np.linalg.norm(a) / np.linalg.norm(b)


def test_a_file_gives_nearly_what_the_puppets_truth_gives(puppet, tmp_path):
    """The detector's five points cut the face where the drawing's own points do."""
    row, frames, fps, signal = puppet
    write_video(tmp_path / "puppet.mp4", frames, fps, signal, RATE)
    true, read = read_clip(row), read_clip(tmp_path / "puppet.mp4")
    apart = np.abs(true["face"].signal.astype(float) - read["face"].signal).mean()
    elsewhere = np.abs(np.roll(true["face"].signal, 12, axis=2) - 1.0 * read["face"].signal).mean()
    assert apart < 0.6 * elsewhere
    assert alike(true["sound"].signal, read["sound"].signal) > 0.9


def write_live(path, frames, signal):
    """Write what a browser's recorder writes: a webm that states no duration."""
    with av.open(str(path), "w", format="webm", options={"live": "1"}) as container:
        picture = container.add_stream("libvpx", rate=30)
        picture.height, picture.width, picture.pix_fmt = *frames.shape[1:3], "yuv420p"
        sound = container.add_stream("libopus", rate=48_000, layout="mono")
        for frame in frames:
            container.mux(picture.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(picture.encode())
        block = av.AudioFrame.from_ndarray(signal[None].repeat(3, axis=1), "fltp", "mono")
        block.sample_rate = 48_000
        container.mux(sound.encode(block))
        container.mux(sound.encode())


def test_a_browsers_recording_is_read(puppet, tmp_path):
    _, frames, _, signal = puppet
    write_live(tmp_path / "clip.webm", frames, signal)
    clip = read_clip(tmp_path / "clip.webm")
    assert clip["face"].signal.shape == (12, 96, 96, 3)
    assert len(clip["sound"].signal) / RATE == pytest.approx(len(signal) / RATE, abs=0.1)


def test_what_comes_after_ten_seconds_is_not_used(tmp_path):
    long = 0.2 * np.sin(np.arange(12 * RATE) * 0.1) * (1 + np.sin(np.arange(12 * RATE) * 1e-3))
    soundfile.write(tmp_path / "long.wav", long, RATE)
    assert len(read_clip(tmp_path / "long.wav")["sound"].signal) == 10 * RATE


def hopeless(folder, puppet):
    """Write clips that cannot be used; return what the sentences of sound and face must say."""
    _, frames, fps, signal = puppet
    few, short = frames[::4], fps / 4
    two = np.concatenate([few, few[:, :, ::-1]], axis=2)
    write_video(folder / "no_track.mp4", few, short)
    write_video(folder / "silence.mp4", few, short, np.zeros(RATE, np.float32), RATE)
    write_video(folder / "wall.mp4", np.full_like(few, 120), short, signal, RATE)
    write_video(folder / "two.mp4", two, short, signal, RATE)
    soundfile.write(folder / "voice.wav", signal, RATE)
    soundfile.write(folder / "click.wav", signal[:2000], RATE)
    (folder / "empty.mp4").touch()
    (folder / "text.txt").write_text("happy")
    (folder / "text.mp4").write_text("happy" * 99)
    return {
        "no_track.mp4": ("no sound in it", None),
        "silence.mp4": ("only silence", None),
        "wall.mp4": (None, "in 0 of 12 frames. Film it lit"),
        "two.mp4": (None, "Crop the picture to one person"),
        "voice.wav": (None, "nobody is seen. Film"),
        "click.wav": ("speak a sentence", "nobody is seen"),
        "empty.mp4": ("Record or upload it again",) * 2,
        "text.txt": ("Give an mp4, mov or webm",) * 2,
        "text.mp4": ("no clip that can be read",) * 2,
        "nowhere.mp4": ("no such file. Give the path",) * 2,
        "": ("no such file",) * 2,
    }


def test_clips_that_cannot_be_used_get_a_sentence_with_the_remedy(puppet, tmp_path):
    """No clip stops it, no sentence tells where a file lies, and what is there is read."""
    for name, sentences in hopeless(tmp_path, puppet).items():
        clip = read_clip(tmp_path / name if name else "")
        for (sense, content), wanted in zip(clip.items(), sentences, strict=True):
            if wanted is None:
                assert isinstance(content, Sense), (name, sense, content)
            else:
                assert wanted in content, (name, sense, content)
                assert str(tmp_path) not in content


def test_a_small_face_in_the_background_is_nobody(puppet, tmp_path):
    """A face on a poster, a third as high, does not make two people."""
    import cv2

    _, frames, fps, signal = puppet
    wide = np.full((len(frames[::4]), 112, 180, 3), 90, np.uint8)
    wide[:, :, :112] = frames[::4]
    for frame, own in zip(wide, frames[::4], strict=True):
        frame[:40, 130:170] = cv2.resize(own, (40, 40), interpolation=cv2.INTER_AREA)
    write_video(tmp_path / "poster.mp4", wide, fps / 4, signal, RATE)
    assert isinstance(read_clip(tmp_path / "poster.mp4")["face"], Sense)


def test_a_kept_clip_is_the_same_clip(tmp_path):
    table = corpora.load("puppets").iloc[[3]]
    for _ in range(2):
        (kept,) = read_clips(table, tmp_path)
        (fresh,) = read_clips(table)
        for sense in ("sound", "face"):
            assert np.array_equal(kept[sense].signal, fresh[sense].signal)
            for name, values in fresh[sense].numbers.items():
                assert np.allclose(kept[sense].numbers[name], values, atol=1e-5), name


def test_a_file_that_is_put_back_is_read_though_its_absence_was_seen(tmp_path):
    row = {"clip": "a", "corpus": "own", "audio": str(tmp_path / "a.wav"), "video": pd.NA}
    table = corpora.clip_table([row])
    (without,) = read_clips(table, tmp_path / "cache")
    assert isinstance(without["sound"], str)
    signal, rate = corpora.read_audio(corpora.load("puppets").iloc[3])
    soundfile.write(tmp_path / "a.wav", signal, rate)
    (with_it,) = read_clips(table, tmp_path / "cache")
    assert isinstance(with_it["sound"], Sense) and isinstance(with_it["face"], str)


def test_each_system_learns_its_own_clips(systems, posed):
    """Two emotions, sixteen clips: whoever mixed up classes or inputs would be near a half."""
    clips, labels = posed
    truth = [systems.classes.index(label) for label in labels]
    assert systems.classes == ("sad", "angry")
    for system, p in systems.probabilities(clips).items():
        assert p.shape == (16, 2) and np.allclose(p.sum(axis=1), 1, atol=1e-5)
        assert (p.argmax(axis=1) == truth).mean() > 0.8, system


def test_an_answer_does_not_depend_on_who_is_asked_with_it(systems, posed):
    """Clips of several lengths are padded, and padding is not heard."""
    clips, _ = posed
    assert len({len(clip["sound"].signal) for clip in clips}) > 1
    together, alone = systems.probabilities(clips[:3]), systems.probabilities(clips[:1])
    for system in SYSTEMS:
        assert np.allclose(together[system][0], alone[system][0], atol=1e-4), system


def test_who_lacks_a_sense_says_so_and_the_others_answer(systems, posed):
    clip = posed[0][0]
    blind, deaf = clip | {"face": "x.wav: nobody is seen"}, clip | {"sound": "x.mp4: no sound"}
    found = systems.probabilities([clip, blind, deaf])
    for system in SYSTEMS:
        listens = system == "dv-emotionnet"
        assert np.isnan(found[system]).all(axis=1).tolist() == [False, not listens, True]
        assert systems.why_not(system, clip) == ""
        assert ("nobody is seen" in systems.why_not(system, blind)) is not listens
        assert "It needs the sound. x.mp4: no sound." in systems.why_not(system, deaf)
    assert set(systems.attended(blind)) == {"dv-emotionnet"} and not systems.attended(deaf)


def test_what_is_attended_to_adds_up(systems, posed):
    clip = posed[0][0]
    found = systems.attended(clip)
    for system, sense in (("gru-attention", "audio"), ("gru-attention", "video"),
                          ("av-attention", "audio"), ("av-attention", "video")):  # fmt: skip
        assert found[system][sense].sum() == pytest.approx(1, abs=1e-4)
    assert np.allclose(found["av-attention"]["places"].sum(axis=(1, 2)), 1, atol=1e-4)
    assert found["av-attention"]["corr"].shape == (6, 6)
    for alone in found["low-rank"].values():
        assert alone.sum() == pytest.approx(1, abs=1e-4)


def test_a_block_at_its_mean_is_not_missed(systems, posed):
    """Covering what already is the training clips' mean changes nothing."""
    clips, _ = posed
    mean = np.mean([clip["sound"].numbers["statistics"] for clip in clips], axis=0)
    sound = Sense("sound", clips[0]["sound"].signal)
    sound.__dict__["numbers"] = clips[0]["sound"].numbers | {"statistics": mean}
    falls = systems.attended(clips[0] | {"sound": sound})["dv-emotionnet"]
    assert np.allclose(list(falls.values()), 0, atol=1e-6)
    found = [systems.attended(clip)["dv-emotionnet"].values() for clip in clips]
    assert max(abs(fall) for own in found for fall in own) > 1e-4


def test_clips_without_faces_make_systems_that_listen(posed):
    clips, labels = posed
    deaf_to_faces = [clip | {"face": "no camera"} for clip in clips]
    listening = FiveSystems().fit(deaf_to_faces, labels, epochs=1)
    assert listening.senses == ("sound",)
    for p in listening.probabilities([clips[0], deaf_to_faces[0]]).values():
        assert np.allclose(p[0], p[1], atol=1e-6), "a face must change nothing"
    assert set(listening.attended(clips[0])["low-rank"]) == {"sound"}


@pytest.mark.parametrize("labels", [["sad"], ["sad", "sad"]])
def test_labels_that_do_not_fit_are_refused(posed, labels):
    with pytest.raises(ValueError, match="two emotions or more"):
        FiveSystems().fit(posed[0][:2], labels)


def test_a_clip_without_sound_cannot_teach(posed):
    with pytest.raises(ValueError, match="1 clips without sound"):
        FiveSystems().fit([posed[0][0], posed[0][1] | {"sound": "mute"}], ["sad", "angry"])


def test_a_pose_out_of_range_is_refused():
    with pytest.raises(corpora.CorpusError, match="strength"):
        pose_puppet(strength=3)
    with pytest.raises(corpora.CorpusError, match="furious"):
        pose_puppet("furious")


def test_a_real_clip_is_read(shared_data):
    table = corpora.load("ravdess", shared_data / "ravdess")
    row = table[table["video"].str.contains("/01-", na=False)].iloc[0]
    clip = read_clip(row["video"])
    assert clip["face"].signal.shape == (12, 96, 96, 3)
    official = read_clip(row.to_dict() | {"video": pd.NA})
    assert "has no video" in official["face"]
    assert alike(clip["sound"].signal, official["sound"].signal) > 0.9


def test_a_real_clip_without_a_voice_says_so(shared_data):
    table = corpora.load("ravdess", shared_data / "ravdess")
    row = table[table["video"].str.contains("/02-", na=False)].iloc[0]
    clip = read_clip(row["video"])
    assert "take the file that has sound" in clip["sound"] and isinstance(clip["face"], Sense)
