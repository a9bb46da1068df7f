"""low-rank's network as a scikit-learn classifier: senses side by side in, decision values out."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from emolib import devices
from emolib.models.low_rank_network import low_rank_network

LENGTH = 32  # of each sense's vector before fusion


class FusionClassifier(ClassifierMixin, BaseEstimator):
    """Fuse vectors of several senses by ``low_rank_network`` and classify them.

    Parameters
    ----------
    widths : sequence of int, optional
        How many columns each sense has, in order; without it all columns are one sense.
    fusion : str
        ``low-rank``, ``tensor`` or ``concatenation``.
    rank, units : int
        Of the fusion.
    dropout : float
        Of the senses' vectors, and before the output.
    noise : float
        Standard deviation of what is added to every number, anew in each epoch; columns are taken
        to be standardised.
    epochs, batch_size : int
    learning_rate : float
        Adam's at the start; it falls to 0 along a cosine.
    random_state : int
        Decides first weights, batches, noise and dropout.

    Attributes
    ----------
    classes_ : ndarray
    network_ : keras.Model

    Raises
    ------
    ValueError
        At ``fit`` where the widths do not add up to the columns, a number is not finite, or there
        is one class only; as ``low_rank_network``.

    Source: low-rank, sections III and IV.
    Notebook: 19_leaderboard
    """

    def __init__(
        self,
        widths=None,
        fusion="low-rank",
        rank=4,
        units=64,
        dropout=0.4,
        noise=0.5,
        epochs=40,
        batch_size=32,
        learning_rate=2e-3,
        random_state=0,
    ):
        self.widths = widths
        self.fusion = fusion
        self.rank = rank
        self.units = units
        self.dropout = dropout
        self.noise = noise
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def fit(self, X, y):
        """Train on rows (rows, features) and their labels (rows,)."""
        X, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        self.classes_, answers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"one class only, {self.classes_[0]}: there is nothing to tell apart")
        keras = devices.import_keras()
        keras.utils.set_random_seed(self.random_state)
        rng = np.random.default_rng(self.random_state)
        # All epochs in one: an epoch of few batches takes longer to begin than to run.
        drawn = np.concatenate([rng.permutation(len(X)) for _ in range(self.epochs)])
        noisy = X[drawn] + self.noise * rng.standard_normal((len(drawn), X.shape[1]), np.float32)
        parts = self._parts(noisy)
        self.network_ = self._build({name: part.shape[1:] for name, part in parts.items()})
        steps = -(-len(drawn) // self.batch_size)
        rate = keras.optimizers.schedules.CosineDecay(self.learning_rate, steps)
        self.network_.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        self.network_.fit(parts, answers[drawn], self.batch_size, shuffle=False, verbose=0)
        return self

    def _build(self, shapes):
        """Return the network for senses of these shapes, not compiled."""
        return low_rank_network(
            shapes,
            len(self.classes_),
            fusion=self.fusion,
            lengths=LENGTH,
            units=self.units,
            rank=self.rank,
            dropout=self.dropout,
        )

    def predict_proba(self, X):
        """Return probabilities (rows, classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, reset=False)
        return self.network_.predict(self._parts(X), batch_size=256, verbose=0)

    def decision_function(self, X):
        """Return logarithms of the probabilities (rows, classes)."""
        return np.log(np.maximum(self.predict_proba(X), 1e-12))

    def predict(self, X):
        """Return the likeliest label of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _parts(self, values):
        """Cut the columns into senses."""
        widths = self.widths or [values.shape[1]]
        if sum(widths) != values.shape[1]:
            raise ValueError(
                f"widths {tuple(widths)} add up to {sum(widths)}, the rows have {values.shape[1]} "
                "columns"
            )
        cuts = np.cumsum(widths)[:-1]
        return {f"sense_{n}": part for n, part in enumerate(np.split(values, cuts, axis=1), 1)}
