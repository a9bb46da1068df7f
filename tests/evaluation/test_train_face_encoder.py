"""The training of the encoder of faces: what it may see, and that a stopped run goes on."""

import numpy as np
import pandas as pd

from emolib.evaluation import read_records
from emolib.evaluation import train_face_encoder as training
from emolib.models.face_encoder import face_encoder, load_weights


def drawn(n, seed=0):
    """Noise whose class can be told: a bright stripe at the class's height."""
    rng = np.random.default_rng(seed)
    classes = np.arange(n) % 7
    faces = rng.integers(0, 120, (n, 48, 48), dtype=np.uint8)
    for face, k in zip(faces, classes, strict=True):
        face[6 * k + 2 : 6 * k + 6] = 255
    return faces, classes


def test_a_run_that_was_stopped_goes_on_with_its_weights_and_its_optimizer(tmp_path):
    faces, classes = drawn(84)
    parts = np.arange(70), np.arange(70, 84)
    training.train(faces, classes, *parts, 1, tmp_path, 0)
    model, history = training._start(tmp_path, 0)
    assert [row["epoch"] for row in history] == ["1"]
    assert int(model.optimizer.iterations) == 1
    moments = [float(np.abs(v).sum()) for v in model.optimizer.variables if v.ndim == 4]
    assert max(moments) > 0
    best = face_encoder(weights=None, classes=True)
    load_weights(best, tmp_path / "best.npz")
    for kept, state in zip(best.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(kept, state, rtol=1e-3, atol=1e-6)  # float16
    again = training.train(faces, classes, *parts, 1, tmp_path, 0)  # nothing is left to do
    assert again == history
    # Stopped between its two files: the history holds an epoch that the state does not.
    ahead = [*history, history[0] | {"epoch": "2", "steps": "2"}]
    pd.DataFrame(ahead).to_csv(tmp_path / "history.csv", index=False)
    assert training._start(tmp_path, 0)[1] == history


def test_each_seed_has_a_folder_and_its_command(tmp_path, monkeypatch):
    """Another seed draws another validation part: its state must not be gone on with."""
    faces, classes = drawn(210)
    parts, folders = np.where(np.arange(210) < 160, "train", "test"), []

    def noted(*given):
        folders.append(given[5])
        return [{"val_accuracy": 0.5, "seconds": 1}]

    monkeypatch.setattr(training, "read_faces", lambda root: (faces, classes, parts))
    monkeypatch.setattr(training, "train", noted)
    monkeypatch.setattr(training, "score", lambda *_: ({"accuracy": 0.5}, (0.4, 0.6)))
    for seed in (0, 1):
        training.main(f"--data-dir x --seed {seed} --folder x --results {tmp_path}".split())
        (written,) = read_records(tmp_path, names=f"*-seed-{seed}")
        assert written["command"].endswith(f"--epochs 30 --seed {seed}")
    assert len(set(folders)) == 2


def test_twins_stand_on_one_side_only():
    faces, classes = drawn(200)
    faces[1], faces[2] = faces[180], faces[3]  # in training as in test; twice in training
    parts = np.where(np.arange(200) < 160, "train", "test")
    train, validation, test = training.divide(faces, classes, parts, 0)
    assert set(test) == set(range(160, 200))
    used = [*train, *validation]
    assert len(used) == len(set(used)) == 158 and not set(used) & set(test)
    assert 1 not in used and len({2, 3} & set(used)) == 1


def test_distorted_faces_are_flipped_half_of_the_time_and_moved_little():
    rng = np.random.default_rng(0)
    face = np.zeros((48, 48), np.uint8)
    face[22:26, 8:12] = 255  # left of the middle
    columns = []
    for _ in range(400):
        made = training.distort(face, rng).astype(float)
        columns.append((made.sum(axis=0) @ np.arange(48)) / made.sum())
    columns = np.array(columns)
    assert 0.4 < (columns > 23.5).mean() < 0.6
    places = np.where(columns > 23.5, 47 - columns, columns)
    assert abs(places.mean() - 9.5) < 0.6 and np.abs(places - 9.5).max() < 9


def test_the_rate_warms_up_and_falls_to_nearly_nothing():
    rates = [training.learning_rate(epoch, 20) for epoch in range(20)]
    assert rates[0] < rates[1] and rates[1:] == sorted(rates[1:], reverse=True)
    assert 0 < rates[-1] < 0.01 * training.LEARNING_RATE
