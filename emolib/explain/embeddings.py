"""Lay embeddings alike, so that what moves between two of them is not the whole picture."""

import numpy as np
from scipy.linalg import orthogonal_procrustes


def align(points, reference):
    """Move, turn and mirror points so that they lie as near to their counterparts as they can.

    A network's embedding, t-SNE and PCA have no up and no left: two runs that agree on every
    distance may be each other's mirror image. Distances between the points stay as they are.

    Parameters
    ----------
    points, reference : ndarray of float, (points, dimensions)
        The same clips in the same order.

    Returns
    -------
    ndarray of float64, (points, dimensions)

    Raises
    ------
    ValueError
        Where the two have different shapes.

    Source: Schönemann 1966 (orthogonal Procrustes), by SciPy.
    Notebook: 16_polarity_triplet_loss
    """
    points, reference = np.asarray(points, float), np.asarray(reference, float)
    if points.shape != reference.shape or points.ndim != 2:
        raise ValueError(
            f"both embeddings hold the same clips: {points.shape} is not {reference.shape}"
        )
    middle, target = points.mean(axis=0), reference.mean(axis=0)
    rotation, _ = orthogonal_procrustes(points - middle, reference - target)
    return (points - middle) @ rotation + target
