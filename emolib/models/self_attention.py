"""Self-attention over places, channels and snippets: each asks, and is asked by, all others."""

from emolib import devices
from emolib.models.attention import masked_softmax

keras = devices.import_keras()
ops = keras.ops


class _SelfAttention(keras.layers.Layer):
    """Multi-head self-attention over the rows of a matrix; subclasses say what the rows are."""

    def __init__(self, heads=8, return_weights=False, **options):
        super().__init__(**options)
        if heads < 1:
            raise ValueError(f"attention has 1 head or more, not {heads}")
        self.heads = int(heads)
        self.return_weights = return_weights
        self.supports_masking = True

    def make_weights(self, features, units):
        """Make W^Q, W^K and W^V, the heads' matrices side by side, and W_0."""
        self.size = -(-features // self.heads)  # rounded up, so that any number of heads will do
        width = self.heads * self.size
        self.query, self.key, self.value = (
            self.add_weight(shape=(features, width), initializer="glorot_uniform", name=name)
            for name in ("query", "key", "value")
        )
        self.joined = self.add_weight(
            shape=(width, units), initializer="glorot_uniform", name="joined"
        )

    def by_head(self, x, kernel):
        """Project rows, (..., rows, features), for each head: (..., heads, rows, size)."""
        x = ops.matmul(x, kernel)
        x = ops.reshape(x, (*ops.shape(x)[:-1], self.heads, self.size))
        return ops.swapaxes(x, -3, -2)

    def attend(self, x, mask):
        """Return the weighted rows, (..., rows, units), and the weights."""
        query, key, value = (self.by_head(x, w) for w in (self.query, self.key, self.value))
        scores = ops.matmul(query, ops.swapaxes(key, -2, -1)) / self.size**0.5
        weights = masked_softmax(scores, None if mask is None else mask[..., None, None, :])
        found = ops.swapaxes(ops.matmul(weights, value), -3, -2)
        found = ops.reshape(found, (*ops.shape(x)[:-1], self.heads * self.size))
        found = ops.matmul(found, self.joined)
        if mask is not None:
            found = found * ops.cast(mask, found.dtype)[..., None]
        return found, weights

    def get_config(self):
        """Return what makes this layer again."""
        own = {"heads": self.heads, "return_weights": self.return_weights}
        return super().get_config() | own


@keras.saving.register_keras_serializable("emolib")
class SpatialAttention(_SelfAttention):
    """Let each place of a picture look at all places.

    For each head: softmax(Q Kᵀ / √(m / H)) V with Q = D W^Q, K = D W^K, V = D W^V; the heads'
    answers side by side, times W_0. No bias and no shortcut, as printed.

    Parameters
    ----------
    heads : int
        H. Where it does not divide m, each head gets m / H numbers rounded up, and W_0 brings the
        H of them back to m.
    return_weights : bool
        Return (result, weights) instead of the result.

    Call arguments
    --------------
    x : tensor, (batch, ..., s, m)
        m numbers for each of s = h · w places; of one picture, or of several snippets.
    mask : tensor of bool, (batch, ..., s), optional
        A place that is False weighs 0, and its own row is 0.

    Returns
    -------
    result : tensor, (batch, ..., s, m)
    weights : tensor, (batch, ..., H, s, s), with ``return_weights``
        Row: the place that asks; its weights have the sum 1, or 0 where all is masked.

    Raises
    ------
    ValueError
        Where there is no head.

    Source: av-attention, eqs 1-3.
    Notebook: 14_space_channel_time
    """

    def build(self, shape):
        """Make the projections of m numbers."""
        self.make_weights(shape[-1], shape[-1])

    def call(self, x, mask=None):
        """Attend to places."""
        found, weights = self.attend(x, mask)
        return (found, weights) if self.return_weights else found


@keras.saving.register_keras_serializable("emolib")
class ChannelAttention(_SelfAttention):
    """Let each channel look at all channels: the same attention on the transposed matrix.

    Parameters
    ----------
    heads : int
        H. The printed s / H is whole for none of the sizes that a network of 224 × 224 has and
        H = 8 (49 / 8, 196 / 8): each head gets it rounded up, 7 for s = 49, and W_0 has 56 rows.
    return_weights : bool
        As in ``SpatialAttention``.

    Call arguments
    --------------
    x : tensor, (batch, ..., s, m)
    mask : tensor of bool, (batch, ..., m), optional
        Of channels.

    Returns
    -------
    result : tensor, (batch, ..., s, m)
        Turned back after W_0, so that the attentions can be stacked; the paper leaves it m × s.
    weights : tensor, (batch, ..., H, m, m), with ``return_weights``

    Raises
    ------
    ValueError
        Where there is no head.

    Source: av-attention, eqs 4 and 5.
    Notebook: 14_space_channel_time
    """

    def build(self, shape):
        """Make the projections of s numbers."""
        self.make_weights(shape[-2], shape[-2])

    def call(self, x, mask=None):
        """Attend to channels."""
        found, weights = self.attend(ops.swapaxes(x, -2, -1), mask)
        found = ops.swapaxes(found, -2, -1)
        return (found, weights) if self.return_weights else found


@keras.saving.register_keras_serializable("emolib")
class TemporalAttention(_SelfAttention):
    """Let each snippet of a clip look at all its snippets.

    Parameters
    ----------
    heads : int
        H, as in ``SpatialAttention``.
    units : int, optional
        m', the numbers that W_0 makes of m; m where it is not given.
    return_weights : bool
        As in ``SpatialAttention``.

    Call arguments
    --------------
    x : tensor, (batch, N, m)
    mask : tensor of bool, (batch, N), optional
        Snippets that are there. Taken over from the layer below where there is one.

    Returns
    -------
    result : tensor, (batch, N, m')
    weights : tensor, (batch, H, N, N), with ``return_weights``

    Raises
    ------
    ValueError
        Where there is no head, or m' is below 1.

    Source: av-attention, eq. 6.
    Notebook: 14_space_channel_time
    """

    def __init__(self, heads=8, units=None, return_weights=False, **options):
        super().__init__(heads, return_weights, **options)
        if units is not None and units < 1:
            raise ValueError(f"attention makes one number or more of a snippet, not {units}")
        self.units = units

    def build(self, shape):
        """Make the projections of m numbers, and W_0 to m'."""
        self.make_weights(shape[-1], self.units or shape[-1])

    def call(self, x, mask=None):
        """Attend to snippets."""
        found, weights = self.attend(x, mask)
        return (found, weights) if self.return_weights else found

    def get_config(self):
        """Return what makes this layer again."""
        return super().get_config() | {"units": self.units}
