"""A convolution over steps that sees nothing beyond a clip's end."""

from emolib import devices

keras = devices.import_keras()
ops = keras.ops


@keras.saving.register_keras_serializable("emolib")
class TemporalConvolution(keras.layers.Conv1D):
    """Keras's ``Conv1D``, which forgets masks, with padded steps set to 0 first.

    Call arguments
    --------------
    x : tensor, (batch, steps, features)
    mask : tensor of bool, (batch, steps), optional
        Steps that are there; handed on.

    Returns
    -------
    tensor, (batch, steps, filters)
        With ``padding="same"``, what stands at a clip's last step is the same however many padded
        steps follow.

    Source: low-rank, section IV (temporal convolutions after fusion).
    Notebook: 18_tensor_and_low_rank_fusion
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.supports_masking = True

    def call(self, x, mask=None):
        """Convolve."""
        return super().call(x if mask is None else x * ops.cast(mask, x.dtype)[..., None])
