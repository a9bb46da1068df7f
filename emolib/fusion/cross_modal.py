"""Cross-modal attention: what is seen weighs what is heard, and the other way round."""

from emolib import devices

keras = devices.import_keras()
ops = keras.ops


def column_softmax(correlation, mask=None):
    """Turn each column of a matrix into weights over its rows.

    Parameters
    ----------
    correlation : tensor, (batch, rows, columns)
    mask : tensor of bool, (batch, rows), optional
        Rows that are there.

    Returns
    -------
    tensor, (batch, rows, columns)
        Each column has the sum 1; 0 in rows that are not there, and throughout where none is.

    Source: av-attention, after eq. 7; masks are ours.
    Notebook: 15_cross_attention
    """
    if mask is None:
        return ops.softmax(correlation, axis=1)
    there = ops.cast(mask, "bool")[:, :, None]
    weights = ops.softmax(ops.where(there, correlation, -3e4), axis=1)
    return weights * ops.cast(there, weights.dtype)


@keras.saving.register_keras_serializable("emolib")
class CrossModalAttention(keras.layers.Layer):
    """Mix the snippets of each sense by how well they go with the other's, and join both.

    Corr = D_AT W D_VTᵀ; W^Audio and W^Video are the column-wise softmax of Corr and of Corrᵀ;
    D̃_AT = (W^Audio)ᵀ D_AT, D̃_VT = (W^Video)ᵀ D_VT; tanh(D + D̃) of each; both side by side.

    Printed is W^Audio D_AT. Corr's rows are snippets of sound and its columns snippets of video, so
    a column of W^Audio holds weights over the *sound's* snippets, for one snippet of video, and to
    weigh D_AT's rows by them takes its transpose. Row j of D̃_AT is then what snippet j of the video
    picks from the sound; it is added to snippet j of the sound. W is the layer's only weight.

    Parameters
    ----------
    return_correlation : bool
        Return (joined, Corr) instead of joined.

    Call arguments
    --------------
    inputs : [audio, video], tensors (batch, N, features), of the same N
    mask : [mask, mask] of bool tensors (batch, N) or None, optional
        Snippets that are there. One that is missing gets the weight 0; its own row should be 0, as
        ``TemporalAttention`` leaves it, and then holds what the other sense picks.

    Returns
    -------
    joined : tensor, (batch, N, features of video + features of audio)
        From -1 to 1; the video's first, as printed in (11).
    correlation : tensor, (batch, N, N), with ``return_correlation``
        Rows are snippets of sound, columns snippets of video.

    Raises
    ------
    ValueError
        Where the input is no pair of sequences with the same number of snippets.

    Source: av-attention, eqs 7-11.
    Notebook: 15_cross_attention
    """

    def __init__(self, return_correlation=False, **options):
        super().__init__(**options)
        self.return_correlation = return_correlation
        self.supports_masking = True

    def build(self, shapes):
        """Make W for the two numbers of features, by Xavier's rule."""
        pair = isinstance(shapes, list | tuple) and isinstance(shapes[0], list | tuple)
        if not pair or len(shapes) != 2 or any(len(shape) != 3 for shape in shapes):
            raise ValueError(
                "cross-modal attention takes [audio, video], each (batch, N, features)"
            )
        (_, n_audio, audio), (_, n_video, video) = shapes
        if n_audio != n_video:
            raise ValueError(
                f"{n_audio} snippets of sound and {n_video} of video: eqs 9 and 10 add them one by "
                "one, so cut both senses into the same number"
            )
        self.w = self.add_weight(shape=(audio, video), initializer="glorot_uniform", name="w")

    def call(self, inputs, mask=None):
        """Correlate, weigh, add, join."""
        audio, video = inputs
        audio_mask, video_mask = (None, None) if mask is None else mask
        correlation = ops.matmul(ops.matmul(audio, self.w), ops.swapaxes(video, 1, 2))
        w_audio = column_softmax(correlation, audio_mask)
        w_video = column_softmax(ops.swapaxes(correlation, 1, 2), video_mask)
        heard = ops.tanh(audio + ops.matmul(ops.swapaxes(w_audio, 1, 2), audio))
        seen = ops.tanh(video + ops.matmul(ops.swapaxes(w_video, 1, 2), video))
        joined = ops.concatenate([seen, heard], axis=-1)
        return (joined, correlation) if self.return_correlation else joined

    def compute_mask(self, inputs, previous_mask=None):
        """A snippet is there where one sense has it."""
        if previous_mask is None or any(mask is None for mask in previous_mask):
            return None
        return ops.logical_or(*previous_mask)

    def get_config(self):
        """Return what makes this layer again."""
        return super().get_config() | {"return_correlation": self.return_correlation}
