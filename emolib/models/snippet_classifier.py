"""A clip as snippets of two senses, with or without cross-modal attention, for scikit-learn."""

from emolib import devices
from emolib.models.fusion_classifier import LENGTH, FusionClassifier


class SnippetClassifier(FusionClassifier):
    """Classify clips that are cut into snippets of sound and of face.

    A dense layer encodes each snippet of each sense. With attention ``CrossModalAttention`` adds to
    each snippet what it picks from its own sense by the other's snippets; without, each stays as it
    is. Both end in tanh, side by side; their mean over the snippets goes through a dense layer to
    the softmax. W is all that the two networks differ in.

    Parameters
    ----------
    widths : two int
        How many columns the sound has, then the face; each a multiple of ``snippets``: the first
        snippet's numbers, then the second's, and so on.
    snippets : int
    attention : bool
    units, dropout, noise, epochs, batch_size, learning_rate, random_state
        As in ``FusionClassifier``.

    Raises
    ------
    ValueError
        At ``fit`` as ``FusionClassifier``, and where the columns are no whole number of snippets or
        the senses are not two.

    Source: av-attention, eqs 7-11.
    Notebook: 19_leaderboard
    """

    def __init__(
        self,
        widths=None,
        snippets=6,
        attention=True,
        units=64,
        dropout=0.4,
        noise=0.5,
        epochs=40,
        batch_size=32,
        learning_rate=2e-3,
        random_state=0,
    ):
        super().__init__(
            widths,
            units=units,
            dropout=dropout,
            noise=noise,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            random_state=random_state,
        )
        self.snippets = snippets
        self.attention = attention

    def _parts(self, values):
        """Cut the columns into senses, and each into its snippets."""
        widths = self.widths or ()
        if len(widths) != 2 or any(width % self.snippets for width in widths):
            raise ValueError(
                f"widths {tuple(widths)}: two senses of {self.snippets} snippets each are due"
            )
        return {
            name: part.reshape(len(part), self.snippets, -1)
            for name, part in super()._parts(values).items()
        }

    def _build(self, shapes):
        """Return the network for two senses of these shapes, not compiled."""
        from emolib.fusion import CrossModalAttention

        keras = devices.import_keras()
        layers = keras.layers
        inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
        ends = [layers.Dropout(self.dropout)(layers.Dense(LENGTH)(x)) for x in inputs.values()]
        if self.attention:
            x = CrossModalAttention(name="attention")(ends)
        else:
            x = layers.Activation("tanh")(layers.Concatenate()(ends[::-1]))
        x = layers.GlobalAveragePooling1D()(x)
        x = layers.Dropout(self.dropout)(layers.Dense(self.units, activation="relu")(x))
        answer = layers.Dense(len(self.classes_), activation="softmax")(x)
        return keras.Model(inputs, answer)
