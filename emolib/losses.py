"""Losses on distances between clips: the triplet loss, and the one that knows of polarity."""

from emolib import devices
from emolib.corpora.table import EMOTIONS, POLARITY

keras = devices.import_keras()
ops = keras.ops

MINING = ("all", "hard", "semi-hard")
FAR = 1e9  # stands for a distance that no pair has


def squared_distances(x):
    """Return |x_i - x_j|² of every pair of rows, (batch, batch), never below 0."""
    lengths = ops.sum(x * x, axis=1)
    products = ops.matmul(x, ops.transpose(x))
    return ops.maximum(lengths[:, None] + lengths[None, :] - 2 * products, 0.0)


def triplet_term(distances, near, far, margin, mining="all"):
    """Ask that who should be near an anchor is nearer than who should be far, by a margin.

    [d(a, near) - d(a, far) + margin]+, as a mean over the triplets that are mined:

    ``all``: every (a, near, far). ``hard``: for each anchor its farthest near one and its nearest
    far one. ``semi-hard``: for each (a, near) the nearest of the far ones that lie farther than it,
    where there is one.

    Parameters
    ----------
    distances : tensor, (batch, batch)
        Squared.
    near, far : tensor of bool, (batch, batch)
        Row a says who should be near the anchor a, and who far.
    margin : float
    mining : str

    Returns
    -------
    tensor, scalar
        0, with a gradient of 0, where there is no triplet.

    Source: av-attention, eqs 12 and 13 (the equality of (12) is a margin; the sum is our mean).
    Notebook: 16_polarity_triplet_loss
    """
    near, far = (ops.cast(mask, distances.dtype) for mask in (near, far))
    if mining == "all":
        loss = ops.relu(distances[:, :, None] - distances[:, None, :] + margin)
        counted = near[:, :, None] * far[:, None, :]
    elif mining == "hard":
        farthest = ops.max(distances * near - FAR * (1 - near), axis=1)
        nearest = ops.min(distances * far + FAR * (1 - far), axis=1)
        counted = ops.max(near, axis=1) * ops.max(far, axis=1)
        # Anchors that do not count get 0 before the difference, so that no FAR enters a gradient.
        loss = ops.relu((farthest - nearest) * counted + margin)
    else:
        beyond = ops.cast(distances[:, None, :] > distances[:, :, None], distances.dtype)
        beyond = beyond * far[:, None, :]
        nearest = ops.min(distances[:, None, :] * beyond + FAR * (1 - beyond), axis=2)
        counted = near * ops.max(beyond, axis=2)
        loss = ops.relu((distances - nearest) * counted + margin)
    return ops.sum(loss * counted) / ops.maximum(ops.sum(counted), 1.0)


def _check(margins, mining):
    for name, value in margins.items():
        if not value > 0:
            raise ValueError(f"{name} is a margin above 0, not {value}")
    if mining not in MINING:
        raise ValueError(f"mining is one of {', '.join(MINING)}, not {mining!r}")


def _same(labels):
    """Return who shares the anchor's label, and who is another clip, both (batch, batch)."""
    labels = ops.reshape(labels, (-1,))
    same = labels[:, None] == labels[None, :]
    return same, ops.logical_not(ops.eye(ops.shape(labels)[0], dtype="bool"))


@keras.saving.register_keras_serializable("emolib")
class TripletLoss(keras.losses.Loss):
    """Draw clips of one emotion together and push all others away.

    Parameters
    ----------
    margin : float
        Above 0, in squared units of the embedding.
    mining : str
        ``all``, ``hard`` or ``semi-hard``, see ``triplet_term``.

    Call arguments
    --------------
    y_true : tensor of int, (batch,) or (batch, 1)
        Classes.
    y_pred : tensor, (batch, features)
        The embedding of each clip; of length 1, or distances have no scale.

    Returns
    -------
    tensor, scalar

    Raises
    ------
    ValueError
        Where the margin is not above 0, or the mining is unknown.

    Source: av-attention, eqs 12 and 13.
    Notebook: 16_polarity_triplet_loss
    """

    def __init__(self, margin=0.2, mining="all", name="triplet_loss", **options):
        super().__init__(name=name, **options)
        _check({"margin": margin}, mining)
        self.margin, self.mining = margin, mining

    def call(self, y_true, y_pred):
        """Return the loss of a batch."""
        same, other = _same(y_true)
        distances = squared_distances(y_pred)
        near, far = ops.logical_and(same, other), ops.logical_not(same)
        return triplet_term(distances, near, far, self.margin, self.mining)

    def get_config(self):
        """Return what makes this loss again."""
        return super().get_config() | {"margin": self.margin, "mining": self.mining}


@keras.saving.register_keras_serializable("emolib")
class EmotionMetricLoss(keras.losses.Loss):
    """Keep the same emotion nearer than related ones, and these nearer than the other polarity.

    Two sums: [d(a, same) - d(a, related) + alpha]+ and [d(a, related) - d(a, opposite) + beta]+.
    Related emotions share the anchor's polarity; opposite ones have the other. A neutral clip is
    nobody's relative and nobody's opposite: an anchor that is neutral, or whose emotion has no
    relative among ``emotions`` (on CREMA-D *happy* is the only positive one), takes the plain
    triplet with the margin alpha, against all other emotions. What the paper leaves open and we
    decide: the case of *happy*, and that neutral clips are pushed away by their own anchors only.

    Parameters
    ----------
    alpha, beta : float
        Margins above 0; the paper does not state them.
    emotions : sequence of str
        The emotion that each integer label means.
    mining : str
        As in ``TripletLoss``.

    Call arguments
    --------------
    y_true, y_pred
        As in ``TripletLoss``.

    Returns
    -------
    tensor, scalar

    Raises
    ------
    ValueError
        Where a margin is not above 0, an emotion or the mining is unknown.

    Source: av-attention, section 3.4, eqs 14-16.
    Notebook: 16_polarity_triplet_loss
    """

    def __init__(
        self,
        alpha=0.2,
        beta=0.2,
        emotions=EMOTIONS,
        mining="all",
        name="emotion_metric_loss",
        **options,
    ):
        super().__init__(name=name, **options)
        _check({"alpha": alpha, "beta": beta}, mining)
        unknown = [e for e in emotions if e not in POLARITY]
        if unknown:
            raise ValueError(f"the emotion {unknown[0]!r} is none of {', '.join(POLARITY)}")
        self.alpha, self.beta, self.mining = alpha, beta, mining
        self.emotions = list(emotions)
        polarity = [POLARITY[e] for e in emotions]
        self.related = [
            [p == q != 0 and i != j for j, q in enumerate(polarity)] for i, p in enumerate(polarity)
        ]
        self.opposite = [[p * q < 0 for q in polarity] for p in polarity]
        self.plain = [not any(row) for row in self.related]

    def call(self, y_true, y_pred):
        """Return the loss of a batch."""
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        same, other = _same(labels)
        plain = ops.take(ops.convert_to_tensor(self.plain), labels)[:, None]
        related, opposite = (self._pairs(t, labels) for t in (self.related, self.opposite))
        far = ops.where(plain, ops.logical_not(same), related)
        distances = squared_distances(y_pred)
        near = ops.logical_and(same, other)
        return triplet_term(distances, near, far, self.alpha, self.mining) + triplet_term(
            distances, related, opposite, self.beta, self.mining
        )

    @staticmethod
    def _pairs(table, labels):
        """Look up each pair of labels in a table of emotions by emotions."""
        rows = ops.take(ops.convert_to_tensor(table), labels, axis=0)
        return ops.take(rows, labels, axis=1)

    def get_config(self):
        """Return what makes this loss again."""
        own = {"alpha": self.alpha, "beta": self.beta, "emotions": self.emotions}
        return super().get_config() | own | {"mining": self.mining}
