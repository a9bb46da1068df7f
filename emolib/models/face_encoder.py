"""A small encoder of faces, trained on FER2013 and shipped with the project: no download."""

import cv2
import numpy as np

from emolib import devices
from emolib.corpora import fer2013
from emolib.corpora.folder import load_arrays
from emolib.corpora.shipped import shipped
from emolib.corpora.table import CorpusError
from emolib.video.inputs import grey

FACE_EMOTIONS = tuple(fer2013.EMOTIONS.values())
SIDE = 48  # pixels
WEIGHTS = "face_encoder.npz"  # in data/


def face_encoder(weights="shipped", classes=False):
    """Build the encoder: seven convolutions with three shortcuts, 620,199 parameters.

    It stands in for VGG16 with ImageNet's weights where there is no network to fetch them:
    gru-attention freezes ``keras.applications.VGG16(weights="imagenet")`` in this place.

    Parameters
    ----------
    weights : "shipped" or None
        Trained on FER2013 by ``emolib.evaluation.train_face_encoder``, or drawn by chance.
    classes : bool
        End with probabilities of ``FACE_EMOTIONS`` instead of the embedding.

    Returns
    -------
    keras.Model
        Takes float32 (batch, 48, 48, 1), grey faces in [0, 1] as ``grey_faces`` makes them; gives
        embeddings (batch, 128), 0 or above, or probabilities (batch, 7). Each picture is brought to
        mean 0 and deviation 1 first, so that brightness and contrast hardly matter.

    Raises
    ------
    ValueError
        Where ``weights`` is neither of the two.
    CorpusError
        Where the shipped weights are missing or damaged.

    Source: gru-attention, section 3.4.2 (a frozen encoder of 48 x 48 faces); the network is ours.
    Notebook: 09_faces
    """
    if weights not in ("shipped", None):
        raise ValueError(f'weights are "shipped" or None, not {weights!r}')
    keras = devices.import_keras()
    layers = keras.layers
    pixels = keras.Input((SIDE, SIDE, 1), name="face")
    x = layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(pixels)
    x = layers.ReLU()(_convolution(layers, x, 32, window=5, stride=2))
    for filters in (64, 128, 128):
        x = _residual_block(layers, x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    embedding = layers.Dense(128, activation="relu", name="embedding")(x)
    x = layers.Dropout(0.3)(embedding)
    output = layers.Dense(len(FACE_EMOTIONS), activation="softmax", name="emotion")(x)
    model = keras.Model(pixels, output, name="face_encoder")
    if weights == "shipped":
        load_weights(model, shipped(WEIGHTS))
    return model if classes else keras.Model(pixels, embedding, name="face_encoder")


def _convolution(layers, x, filters, window=3, stride=1):
    x = layers.Conv2D(
        filters, window, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def _residual_block(layers, x, filters):
    """Halve height and width by two convolutions, beside a shortcut."""
    y = layers.ReLU()(_convolution(layers, x, filters, stride=2))
    y = _convolution(layers, y, filters)
    return layers.ReLU()(layers.add([_convolution(layers, x, filters, window=1, stride=2), y]))


def save_weights(model, path):
    """Write a model's weights as npz of float16 arrays, in the model's own order."""
    arrays = {f"{i:02}": np.asarray(w, np.float16) for i, w in enumerate(model.get_weights())}
    np.savez_compressed(path, **arrays)


def load_weights(model, path):
    """Set a model's weights from an npz that ``save_weights`` wrote; nothing is unpickled.

    Raises
    ------
    CorpusError
        Where the file is no such npz, or its shapes are not the model's.
    """
    arrays = load_arrays(path)
    weights = [arrays[key].astype(np.float32) for key in sorted(arrays)]
    if [w.shape for w in weights] != [w.shape for w in model.get_weights()]:
        raise CorpusError(
            f"{path.name} does not fit the network: it comes from another version; install the "
            "project again"
        )
    model.set_weights(weights)


def grey_faces(faces):
    """Turn aligned faces into what the encoder takes.

    Parameters
    ----------
    faces : ndarray of uint8, (faces, height, width), or (faces, height, width, 3) in RGB
        Cut to the face, as ``video.align_face`` cuts them; square, at least 24 pixels.

    Returns
    -------
    ndarray of float32, shape (faces, 48, 48, 1), range [0, 1]

    Raises
    ------
    CorpusError
        Where they are of another type, range or shape.

    Notebook: 09_faces
    """
    faces = np.asarray(faces)
    shape = faces.shape
    if (
        faces.dtype != np.uint8
        or faces.ndim not in (3, 4)
        or (faces.ndim == 4 and shape[3] != 3)
        or len(faces) == 0
        or shape[1] != shape[2]
        or shape[1] < SIDE // 2
    ):
        raise CorpusError(
            "faces are uint8 pixels 0 to 255, (faces, side, side) or (faces, side, side, 3), of at "
            f"least {SIDE // 2} pixels; these are {faces.dtype} {shape}: cut them with align_face"
        )
    kind = cv2.INTER_AREA if shape[1] > SIDE else cv2.INTER_LINEAR
    small = [cv2.resize(grey(face), (SIDE, SIDE), interpolation=kind) for face in faces]
    return np.stack(small)[..., None].astype(np.float32) / 255
