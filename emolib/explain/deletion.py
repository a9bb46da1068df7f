"""Is a map true to its network? Delete what it calls important and watch the probability."""

import cv2
import numpy as np
from scipy.integrate import trapezoid


def enlarge(maps, size):
    """Enlarge maps to a picture's size by cubic interpolation, cut at their own extremes.

    Parameters
    ----------
    maps : ndarray of float, (pictures, rows, columns)
    size : (int, int)
        Height and width, pixels.

    Returns
    -------
    ndarray of float32, (pictures, height, width)

    Notebook: 17_looking_inside
    """
    height, width = size
    large = [
        cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC).clip(one.min(), one.max())
        for one in np.asarray(maps, np.float32)
    ]
    return np.stack(large)


def deletion_curve(predict, pictures, maps, classes, steps=12, fill=None):
    """Delete the places of each picture in the order of a map, the most important first.

    Parameters
    ----------
    predict : callable
        Takes pictures, returns probabilities (pictures, classes).
    pictures : ndarray of float, (pictures, height, width, channels)
    maps : ndarray of float, (pictures, height, width)
        Large where a place is important; equal places go in reading order.
    classes : sequence of int, (pictures,)
        The class that is followed.
    steps : int
        After each, one more ``steps``-th of the places is gone.
    fill : ndarray, optional
        What stands where a place was deleted, as a blurred copy; broadcast to ``pictures``. None:
        each picture's own mean.

    Returns
    -------
    ndarray of float64, (pictures, steps + 1)
        The class's probability from the whole picture to none of it.

    Raises
    ------
    ValueError
        Where a picture and its map differ in size, a map is not finite, or ``steps`` is below 1.

    Source: Petsiuk, Das & Saenko 2018 (deletion); none of the five papers tests its maps.
    Notebook: 17_looking_inside
    """
    pictures, maps, classes = np.asarray(pictures), np.asarray(maps), np.asarray(classes)
    if pictures.ndim != 4 or maps.shape != pictures.shape[:3] or len(classes) != len(pictures):
        raise ValueError(
            f"each picture needs a map of its size and a class: pictures {pictures.shape}, maps "
            f"{maps.shape}, classes {classes.shape}; enlarge the maps first"
        )
    if not np.isfinite(maps).all() or steps < 1:
        raise ValueError("maps must be finite, and there must be one step or more")
    fill = pictures.mean(axis=(1, 2), keepdims=True) if fill is None else fill
    ranks = np.argsort(np.argsort(-maps.reshape(len(maps), -1), axis=1, kind="stable"), axis=1)
    ranks = ranks.reshape(*maps.shape, 1)
    curve = []
    for step in range(steps + 1):
        gone = ranks < round(step / steps * maps[0].size)
        answers = np.asarray(predict(np.where(gone, fill, pictures).astype(pictures.dtype)))
        curve.append(answers[np.arange(len(classes)), classes])
    return np.stack(curve, axis=1).astype(float)


def area(curves):
    """Return the area under each deletion curve, its width taken as 1: small for a true map.

    Notebook: 17_looking_inside
    """
    curves = np.asarray(curves)
    return trapezoid(curves, dx=1 / (curves.shape[1] - 1), axis=1)


def faithfulness(predict, pictures, maps, classes, draws=8, seed=0, **options):
    """Compare a map's deletion with that of random maps of the same grain.

    Single random pixels would be no fair baseline: they cover a picture with noise, and noise
    upsets a network before it has lost anything. So random maps are drawn on the map's own grid
    and enlarged as it is.

    Parameters
    ----------
    predict, pictures, classes, **options
        As ``deletion_curve`` takes them.
    maps : ndarray of float, (pictures, rows, columns)
        On the network's grid, as ``grad_cam`` gives them.
    draws : int
        Random maps a picture.
    seed : int

    Returns
    -------
    ndarray of float64, (pictures,)
        Area under the random maps' curves minus area under the map's: above 0 where the map knows
        more than chance.

    Raises
    ------
    ValueError
        As ``deletion_curve``.

    Notebook: 17_looking_inside
    """
    rng, size = np.random.default_rng(seed), np.shape(pictures)[1:3]

    def area_of(grid):
        curves = deletion_curve(predict, pictures, enlarge(grid, size), classes, **options)
        return area(curves)

    chance = [area_of(rng.random(np.shape(maps), dtype=np.float32)) for _ in range(draws)]
    return np.mean(chance, axis=0) - area_of(maps)
