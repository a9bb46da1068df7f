"""Two streams, a deep belief network and a support vector machine, after Zhang et al. 2019."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted


class DeepBeliefNetwork(TransformerMixin, BaseEstimator):
    """Stacked restricted Boltzmann machines over a clip's segments, then the segments' mean.

    Each machine models, without labels, how the answers of the one before it are distributed. The
    last one's answers are averaged over the clip's segments: clips of any number of segments become
    vectors of one length.

    Parameters
    ----------
    units : sequence of int
        Hidden units of each machine, from the input on.
    epochs : int
        Passes over the segments, for each machine.
    learning_rate : float
    seed : int

    Notes
    -----
    The paper fine-tunes the stack by a softmax afterwards. scikit-learn's machines cannot be, so
    here they keep what they learnt without labels.

    Source: multi-input-cnn, section 6.1, which describes Zhang et al. 2019; sizes are ours.
    Notebook: 12_multi_input_cnn
    """

    def __init__(self, units=(128, 64), epochs=20, learning_rate=0.02, seed=0):
        self.units = units
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, clips, y=None):
        """Train the machines one after the other; labels are not looked at.

        Parameters
        ----------
        clips : ndarray of float, (clips, segments, features), or list of (segments, features)
            Both streams' vectors side by side; of any size, each feature is brought to 0 to 1.
        y : ignored

        Returns
        -------
        DeepBeliefNetwork

        Raises
        ------
        ValueError
            Where there is no clip, a clip has no segment, lengths differ or a number is not finite.
        """
        x, _ = _segments(clips)
        # A machine takes probabilities; a test clip may lie outside what the training showed.
        self.scaler_ = MinMaxScaler(clip=True).fit(x)
        self.machines_ = []
        x = self.scaler_.transform(x)
        for k, units in enumerate(self.units):
            machine = BernoulliRBM(
                units, learning_rate=self.learning_rate, n_iter=self.epochs,
                random_state=self.seed + k,
            )  # fmt: skip
            x = machine.fit_transform(x)
            self.machines_.append(machine)
        return self

    def transform(self, clips):
        """Return a clip's mean answer of the last machine.

        Parameters
        ----------
        clips
            As in ``fit``, with the same features.

        Returns
        -------
        ndarray of float, (clips, units[-1]), range [0, 1]

        Raises
        ------
        ValueError
            As ``fit``; where the features are others.
        """
        check_is_fitted(self)
        x, lengths = _segments(clips)
        x = self.scaler_.transform(x)
        for machine in self.machines_:
            x = machine.transform(x)
        ends = np.cumsum(lengths)[:-1]
        return np.stack([own.mean(axis=0) for own in np.split(x, ends)])


def _segments(clips):
    """Return all segments below each other, and how many each clip has."""
    clips = [np.asarray(clip, float) for clip in clips]
    if not clips:
        raise ValueError("there is no clip")
    for k, clip in enumerate(clips):
        if clip.ndim != 2 or 0 in clip.shape or clip.shape[1] != clips[0].shape[-1]:
            raise ValueError(
                f"clip {k} has the shape {clip.shape}: give each clip's segments as "
                "(segments, features), at least one, all with the same features"
            )
        if not np.isfinite(clip).all():
            raise ValueError(f"clip {k} holds NaN or infinite numbers: leave the segment out")
    return np.concatenate(clips), [len(clip) for clip in clips]


def two_stream_dbn(units=(128, 64), epochs=20, learning_rate=0.02, seed=0):
    """Make the two-stream system from its segments on: a deep belief network, a mean, a linear SVM.

    It takes what two networks say about each segment of a clip, one looking at faces and one at
    their flow, side by side: (clips, segments, features of both), or a list where clips have
    different numbers of segments.

    Parameters
    ----------
    units, epochs, learning_rate, seed
        As ``DeepBeliefNetwork`` takes them.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted.

    Source: multi-input-cnn, section 6.1 (there 16 frames a segment, two VGG16 with 4,096 numbers
    each, all sizes larger).
    Notebook: 12_multi_input_cnn
    """
    network = DeepBeliefNetwork(tuple(units), epochs, learning_rate, seed)
    return make_pipeline(network, StandardScaler(), LinearSVC(C=0.1, random_state=seed))
