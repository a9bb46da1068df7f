"""Train the shipped encoder of faces.

``python -m emolib.evaluation.train_face_encoder --data-dir DATA_DIR`` writes its record.

It saves its state after each epoch, and a stopped run goes on where it stood. With a larger
``--epochs`` a finished run goes on, too, at the learning rate that the longer plan has there.
"""

import argparse
import csv
import os
import time
from pathlib import Path

import cv2
import numpy as np
from sklearn.model_selection import train_test_split

from emolib import corpora, devices
from emolib.evaluation.record import record
from emolib.evaluation.uncertainty import confidence_interval
from emolib.models.face_encoder import (
    FACE_EMOTIONS,
    SIDE,
    face_encoder,
    grey_faces,
    load_weights,
    save_weights,
)

SYSTEM = "face-encoder"
BATCH = 128
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.05
SMOOTHING = 0.1
FLIPPED = 0.5  # share
TURN, ZOOM, SHIFT = 12, 0.12, 0.1  # degrees; share; share of the side


def read_faces(root):
    """Read FER2013: faces uint8 (n, 48, 48), classes (n,) and parts (n,), train or test."""
    table = corpora.load("fer2013", root)
    faces = np.stack([next(corpora.iter_video(row))[0][..., 0] for _, row in table.iterrows()])
    classes = table["emotion"].map(FACE_EMOTIONS.index).to_numpy(int)
    return faces, classes, table["part"].to_numpy(str)


def divide(faces, classes, parts, seed):
    """Return the positions of training, validation and test pictures.

    The corpus holds many pictures twice. Of those alike in every pixel the training folders keep
    one, and none that is also in the test folders; a tenth of the rest is the validation part.
    """
    pixels = faces.reshape(len(faces), -1).view(f"V{faces[0].size}")[:, 0]
    _, first, which = np.unique(pixels, return_index=True, return_inverse=True)
    test = np.flatnonzero(parts == "test")
    kept = np.setdiff1d(first, np.flatnonzero(np.isin(which, which[test])))
    training, validation = train_test_split(
        kept, test_size=0.1, random_state=seed, stratify=classes[kept]
    )
    return training, validation, test


def distort(face, rng):
    """Flip half of the faces; turn, zoom and shift each a little."""
    angle, zoom = rng.uniform(-TURN, TURN), rng.uniform(1 - ZOOM, 1 + ZOOM)
    middle = (SIDE - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), angle, zoom)
    matrix[:, 2] += rng.uniform(-SHIFT * SIDE, SHIFT * SIDE, 2)
    if rng.random() < FLIPPED:
        face = np.ascontiguousarray(face[:, ::-1])
    return cv2.warpAffine(face, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)


def learning_rate(epoch, epochs):
    """Give an epoch's rate: a fifth in the first, then half a cosine down to nearly 0."""
    return LEARNING_RATE * (0.2 if epoch == 0 else (1 + np.cos(np.pi * epoch / epochs)) / 2)


def _start(folder, seed):
    """Return the model, compiled, and the epochs done: from the folder's state, or from nothing."""
    keras = devices.import_keras()
    if (folder / "state.keras").is_file():
        with (folder / "history.csv").open() as file:
            model, rows = keras.saving.load_model(folder / "state.keras"), csv.DictReader(file)
            # A run that was stopped between the two files has written one row too many.
            done = int(model.optimizer.iterations)
            return model, [row for row in rows if int(row["steps"]) <= done]
    keras.utils.set_random_seed(seed)
    model = face_encoder(weights=None, classes=True)
    model.compile(
        keras.optimizers.AdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY),
        keras.losses.CategoricalCrossentropy(label_smoothing=SMOOTHING),
        metrics=["accuracy"],
    )
    return model, []


def train(faces, classes, training, validation, epochs, folder, seed):
    """Train up to so many epochs; return the history, one dictionary an epoch.

    In the folder stand the state of the last epoch and the weights of the best, by accuracy on the
    validation part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model, history = _start(folder, seed)
    targets = np.eye(len(FACE_EMOTIONS), dtype=np.float32)[classes]
    held_out = grey_faces(faces[validation]), targets[validation]
    for epoch in range(len(history), epochs):
        began = time.monotonic()
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(training)
        seen = grey_faces([distort(faces[i], rng) for i in order])
        model.optimizer.learning_rate.assign(learning_rate(epoch, epochs))
        fit = model.fit(
            seen, targets[order], batch_size=BATCH, shuffle=False, verbose=0,
            validation_data=held_out,
        ).history  # fmt: skip
        row = {"epoch": epoch + 1, "epochs": epochs, "seconds": round(time.monotonic() - began)}
        row |= {"steps": int(model.optimizer.iterations)}
        row |= {name: round(values[0], 4) for name, values in fit.items()}
        print(row, flush=True)
        if all(row["val_accuracy"] > float(past["val_accuracy"]) for past in history):
            save_weights(model, folder / "best.npz")
        history.append(row)
        _keep_state(model, history, folder)
    return history


def _keep_state(model, history, folder):
    """Write the state so that a run that is stopped meanwhile keeps the one before."""
    model.save(folder / "new.keras")
    with (folder / "new.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, history[0])
        writer.writeheader()
        writer.writerows(history)
    os.replace(folder / "new.csv", folder / "history.csv")
    os.replace(folder / "new.keras", folder / "state.keras")


def score(faces, classes, weights):
    """Return accuracy, mean recall and each class's, and the accuracy's interval over pictures."""
    model = face_encoder(weights=None, classes=True)
    load_weights(model, weights)
    hits = model.predict(grey_faces(faces), batch_size=256, verbose=0).argmax(axis=1) == classes
    recall = {name: hits[classes == k].mean() for k, name in enumerate(FACE_EMOTIONS)}
    values = {"accuracy": hits.mean(), "macro_recall": np.mean(list(recall.values()))}
    values |= {f"recall_{name}": value for name, value in recall.items()}
    return values, confidence_interval(hits, np.arange(len(hits)))


def main(arguments=None):
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Train the encoder of faces on FER2013.")
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", default="build/face_encoder", help="of states and weights")
    parser.add_argument("--results", default="build/results")
    options = parser.parse_args(arguments)
    folder = Path(options.folder) / f"seed-{options.seed}"  # another seed, other validation faces
    faces, classes, parts = read_faces(Path(options.data_dir) / "fer2013")
    training, validation, test = divide(faces, classes, parts, options.seed)
    print(f"{len(training)} to train, {len(validation)} to choose, {len(test)} to test", flush=True)
    history = train(faces, classes, training, validation, options.epochs, folder, options.seed)
    values, interval = score(faces[test], classes[test], folder / "best.npz")
    chosen = [float(row["val_accuracy"]) for row in history]
    record(
        SYSTEM,
        [values],
        corpus="fer2013",
        protocol="clips",
        seeds=[options.seed],
        n_actors=0,
        interval={"accuracy": interval},
        profile="full",
        parameters={
            "interval_over": "pictures: the corpus names no people",
            "pictures": {"training": len(training), "validation": len(validation)}
            | {"test": len(test)},
            "epochs": len(history),
            "chosen_epoch": int(np.argmax(chosen)) + 1,
            "validation_accuracy": max(chosen),
            "training_seconds": sum(int(row["seconds"]) for row in history),
        },
        command="python -m emolib.evaluation.train_face_encoder --data-dir DATA_DIR "
        f"--epochs {options.epochs} --seed {options.seed}",
        results=options.results,
    )
    print({name: round(value, 3) for name, value in values.items()}, interval)
    print(f"to ship these weights, copy {folder / 'best.npz'} to data/face_encoder.npz")


if __name__ == "__main__":
    main()
