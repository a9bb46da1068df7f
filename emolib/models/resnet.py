"""Residual networks for pictures and for videos: one code in two dimensions and in three."""

import numpy as np

from emolib import devices

keras = devices.import_keras()
layers, ops = keras.layers, keras.ops

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
DEEP = 50  # from here on, blocks are bottlenecks of 1, 3, 1 whose last layer is four times as wide


@keras.saving.register_keras_serializable("emolib")
class PadVideo(layers.Layer):
    """Pad height and width with zeros, and time by one more of the first and the last frame.

    Black frames before and after would be motion: a video in which nothing moves would not give
    what its picture gives.

    Parameters
    ----------
    pixels : int
        Rows and columns of zeros on each side.

    Call arguments
    --------------
    x : tensor, (batch, time, height, width, channels)

    Returns
    -------
    tensor, (batch, time + 2, height + 2 pixels, width + 2 pixels, channels)

    Notebook: 14_space_channel_time
    """

    def __init__(self, pixels, **options):
        super().__init__(**options)
        self.pixels = int(pixels)

    def call(self, x):
        """Pad."""
        x = ops.concatenate([x[:, :1], x, x[:, -1:]], axis=1)
        space = (self.pixels, self.pixels)
        return ops.pad(x, ((0, 0), (0, 0), space, space, (0, 0)))

    def get_config(self):
        """Return what makes this layer again."""
        return super().get_config() | {"pixels": self.pixels}


def resnet2d(depth=18, width=64, shape=(224, 224, 3), last_stride=2):
    """Build a residual network for pictures, without its last pooling.

    Parameters
    ----------
    depth : int
        18, 34, 50 or 101 layers.
    width : int
        Maps of the first layer; the last has 8 times as many, 32 times from depth 50 on.
    shape : (int, int, int)
        Height, width and channels of a picture.
    last_stride : int
        2, or 1: conv5 stays as large as conv4, twice as fine for half-size pictures.

    Returns
    -------
    keras.Model
        Takes (batch, height, width, channels); gives conv5's maps, (batch, height / 32,
        width / 32, maps), rounded up: 7 × 7 of 224 × 224.

    Raises
    ------
    ValueError
        Where there is no such depth.

    Notes
    -----
    Where the size is halved: conv1, the max-pooling that begins conv2, and the first block of
    conv3, conv4 and conv5 (in a bottleneck its 3 × 3 layer). The paper names conv2-1 to conv5-1
    and does not mention conv1, whose stride of 2 is He et al.'s; with it 224 becomes 7, and no
    choice of strides of 2 makes the printed 16.

    Source: av-attention, section 3.2; He et al. 2016, Deep residual learning (its reference 44).
    Notebook: 14_space_channel_time
    """
    return _resnet(depth, width, shape, 2, last_stride)


def resnet3d(depth=101, width=64, shape=(16, 224, 224, 3), time_stride=2, last_stride=2):
    """Build a residual network for videos, without its last pooling.

    The layers are those of ``resnet2d``; each kernel of 3 × 3 and more is 3 frames long.

    Parameters
    ----------
    depth, width, last_stride
        As in ``resnet2d``.
    shape : (int, int, int, int)
        Frames, height, width and channels of a snippet.
    time_stride : int
        2: time is halved where the picture is, but in conv1, as in the network that the paper
        cites: 16 frames become one, which is what its h × w maps need. 1, the printed "temporal
        stride is 1", which the cited text says of conv1: all frames stay, at some 8 times the work.

    Returns
    -------
    keras.Model
        Takes (batch, frames, height, width, channels); gives conv5's maps, (batch, frames / 16,
        height / 32, width / 32, maps), rounded up.

    Raises
    ------
    ValueError
        Where there is no such depth.

    Source: av-attention, section 3.1; Hara et al. 2018 (its reference 43).
    Notebook: 14_space_channel_time
    """
    return _resnet(depth, width, shape, time_stride, last_stride)


def inflate(weights, time=3):
    """Make a video network's weights of a picture network's.

    Each kernel is repeated along time and divided by the number of repeats, so that a video in
    which nothing moves gets the picture network's answer. A kernel of 1 × 1 stays one frame long.

    Parameters
    ----------
    weights : list of ndarray
        What ``get_weights()`` of the picture network returns.
    time : int
        Frames of the video network's kernels; 3 for ``resnet3d``.

    Returns
    -------
    list of ndarray
        For ``set_weights()`` of the video network of the same depth and width.

    Source: Carreira & Zisserman 2017, Quo vadis (av-attention's reference 53); low-rank, section
    III (I3D).
    Notebook: 14_space_channel_time
    """
    inflated = []
    for w in weights:
        if w.ndim == 4:  # a kernel; what normalises has one dimension
            frames = time if w.shape[0] > 1 else 1
            w = np.repeat(w[None], frames, axis=0) / frames
        inflated.append(w)
    return inflated


def _resnet(depth, width, shape, time_stride, last_stride):
    if depth not in BLOCKS:
        raise ValueError(f"a depth of {depth} is none of {', '.join(map(str, BLOCKS))}")
    halve = (time_stride, 2, 2)
    inputs = keras.Input(shape)
    x = _convolution(inputs, width, 7, (1, 2, 2), "conv1")
    x = _pool(layers.ReLU()(x), halve)
    for stage, blocks in enumerate(BLOCKS[depth]):
        # conv2's halving is the pooling above it.
        first = {0: (1, 1, 1), 3: halve if last_stride == 2 else (1, 1, 1)}.get(stage, halve)
        for k in range(blocks):
            stride = (1, 1, 1) if k else first
            name = f"conv{stage + 2}_{k + 1}"
            x = _block(x, width * 2**stage, stride, depth >= DEEP, name)
    return keras.Model(inputs, x, name=f"resnet{depth}_{len(shape) - 1}d")


def _block(x, filters, stride, bottleneck, name):
    """Two or three convolutions beside a shortcut."""
    widths = (filters, filters, 4 * filters) if bottleneck else (filters, filters)
    kernels = (1, 3, 1) if bottleneck else (3, 3)
    strided, y = kernels.index(3), x
    for k, (width, kernel) in enumerate(zip(widths, kernels, strict=True)):
        y = layers.ReLU()(y) if k else y
        y = _convolution(y, width, kernel, stride if k == strided else (1, 1, 1), f"{name}_{k}")
    if max(stride) > 1 or x.shape[-1] != widths[-1]:
        x = _convolution(x, widths[-1], 1, stride, f"{name}_shortcut")
    return layers.ReLU(name=name)(layers.Add()([x, y]))


def _convolution(x, filters, kernel, stride, name):
    """Convolve without bias and normalise; a video where x has time."""
    video = len(x.shape) == 5
    kind = layers.Conv3D if video else layers.Conv2D
    size = (min(kernel, 3), kernel, kernel)[-2 - video :]
    x = kind(
        filters, size, stride[-2 - video :], use_bias=False, kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(_pad(x, kernel // 2))  # fmt: skip
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)


def _pool(x, stride):
    # What comes from a ReLU is 0 or more, so that padding with zeros never wins.
    video = len(x.shape) == 5
    kind = layers.MaxPooling3D if video else layers.MaxPooling2D
    return kind(3, stride[-2 - video :])(_pad(x, 1))


def _pad(x, pixels):
    """Pad both sides alike, as trained weights expect; Keras's "same" does not where it strides."""
    if pixels == 0:
        return x
    return (PadVideo if len(x.shape) == 5 else layers.ZeroPadding2D)(pixels)(x)
