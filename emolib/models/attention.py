"""Attention over the steps of a sequence: a weighted mean, or one step drawn by lot."""

from emolib import devices

keras = devices.import_keras()
ops = keras.ops


def masked_softmax(scores, mask=None):
    """Turn scores into weights over the steps that are there.

    Parameters
    ----------
    scores : tensor, (batch, ..., steps)
    mask : tensor of bool, the same shape or one that broadcasts to it, optional
        False at padding.

    Returns
    -------
    tensor, the shape of ``scores``
        From 0 to 1, with the sum 1; exactly 0 at padding, and 0 throughout where all is padding.

    Source: gru-attention, eq. 2.29; masks are ours.
    Notebook: 13_gru_attention
    """
    if mask is None:
        return ops.softmax(scores, axis=-1)
    there = ops.cast(mask, scores.dtype)
    # Shifted by the largest score that counts; padding is pushed to exp(-big) = 0 and then cut.
    scores = scores - 1e4 * (1 - there)
    powers = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True)) * there
    # The sum is 1 or more, as the largest power is 1; where all is padding, 0 / 1 = 0.
    return powers / ops.maximum(ops.sum(powers, axis=-1, keepdims=True), 1)


class _Attention(keras.layers.Layer):
    """Score each step of a sequence, (2.28); subclasses say what the weights are used for."""

    def __init__(self, temperature=1.0, return_weights=False, **options):
        super().__init__(**options)
        if not temperature > 0:
            raise ValueError(f"the temperature must be above 0, not {temperature}")
        self.temperature = float(temperature)
        self.return_weights = return_weights
        self.supports_masking = True

    def build(self, x_shape, state_shape=None):
        weight = {"initializer": "glorot_uniform"}
        self.w_x = self.add_weight(shape=(x_shape[-1], 1), name="w_x", **weight)
        if state_shape is not None:
            self.w_c = self.add_weight(shape=(state_shape[-1], 1), name="w_c", **weight)

    def weigh(self, x, state, mask, x_mask):
        """Return the weights of the steps, (batch, steps).

        Keras hands down the mask of the layer below as ``mask`` where x is the only tensor, and as
        ``x_mask`` beside a state.
        """
        score = ops.matmul(x, self.w_x)[..., 0]
        if state is not None:
            score = score + ops.matmul(state, self.w_c)
        scores = ops.tanh(score) / self.temperature
        return masked_softmax(scores, x_mask if mask is None else mask)

    def compute_mask(self, *_, **__):
        return None  # the steps are gone

    def compute_output_shape(self, x_shape, state_shape=None):
        summary = (x_shape[0], x_shape[-1])
        return (summary, tuple(x_shape[:2])) if self.return_weights else summary

    def get_config(self):
        """Return what makes this layer again."""
        own = {"temperature": self.temperature, "return_weights": self.return_weights}
        return super().get_config() | own


@keras.saving.register_keras_serializable("emolib")
class SoftAttention(_Attention):
    """Return the mean of a sequence's steps, weighted by scores that are learnt.

    s_i = tanh(w_c h + w_x x_i), a = softmax(s / temperature), z = sum of a_i x_i.

    A tanh lies between -1 and 1, so at temperature 1 no step can weigh more than e² = 7.4 times
    another: over 100 steps the largest weight is at most 0.07. A lower temperature lets it choose;
    near 0 it is hard attention's most likely step.

    Parameters
    ----------
    temperature : float
        Above 0; 1 as printed.
    return_weights : bool
        Return (z, a) instead of z.

    Call arguments
    --------------
    x : tensor, (batch, steps, features)
    state : tensor, (batch, units), optional
        h of (2.28). The paper's h_{t-1} is a decoder's state; a classifier has none, and our
        reading is the last state of the recurrent layer below. Without it, only x_i counts.
    mask : tensor of bool, (batch, steps), optional
        Padding (False) weighs 0. Taken over from the layer below where there is one.

    Returns
    -------
    z : tensor, (batch, features); 0 where all is padding
    a : tensor, (batch, steps), with ``return_weights``

    Raises
    ------
    ValueError
        Where the temperature is not above 0.

    Source: gru-attention, eqs 2.28-2.30.
    Notebook: 13_gru_attention
    """

    def call(self, x, state=None, mask=None, x_mask=None):
        """Weigh the steps and add them up."""
        weights = self.weigh(x, state, mask, x_mask)
        summary = ops.einsum("bt,btf->bf", weights, x)
        return (summary, weights) if self.return_weights else summary


@keras.saving.register_keras_serializable("emolib")
class HardAttention(_Attention):
    """Return one step of a sequence: drawn by its weight while training, else the likeliest.

    A draw has no gradient. The weights that it was drawn by stand in for it when the gradient is
    taken (straight-through estimation), which is biased and works; the paper states no rule.

    Parameters
    ----------
    temperature : float
        Above 0; of the weights by which is drawn.
    return_weights : bool
        Return (z, a) instead of z; a are the weights, not the draw.
    seed : int, optional

    Call arguments
    --------------
    x, state, mask
        As in ``SoftAttention``; padding is never drawn.
    training : bool

    Returns
    -------
    z : tensor, (batch, features); 0 where all is padding
    a : tensor, (batch, steps), with ``return_weights``

    Raises
    ------
    ValueError
        Where the temperature is not above 0.

    Source: gru-attention, the sampling rule after eq. 2.30.
    Notebook: 13_gru_attention
    """

    def __init__(self, temperature=1.0, return_weights=False, seed=None, **options):
        super().__init__(temperature, return_weights, **options)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x, state=None, mask=None, x_mask=None, training=False):
        """Choose a step and return it."""
        weights = self.weigh(x, state, mask, x_mask)
        steps = ops.shape(x)[1]
        if training:
            logits = ops.log(ops.maximum(weights, 1e-30))  # e^-69: never drawn
            choice = keras.random.categorical(logits, 1, seed=self.generator)[:, 0]
        else:
            choice = ops.argmax(weights, axis=-1)
        drawn = ops.one_hot(choice, steps, dtype=weights.dtype)
        drawn = drawn * ops.cast(ops.any(weights > 0, axis=-1, keepdims=True), weights.dtype)
        drawn = weights + ops.stop_gradient(drawn - weights)
        summary = ops.einsum("bt,btf->bf", drawn, x)
        return (summary, weights) if self.return_weights else summary

    def get_config(self):
        """Return what makes this layer again."""
        return super().get_config() | {"seed": self.seed}
