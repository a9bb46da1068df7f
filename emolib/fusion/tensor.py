"""Tensor fusion: every product of one number from each sense, and its low-rank form."""

from functools import reduce
from string import ascii_lowercase

from emolib import devices

keras = devices.import_keras()
ops = keras.ops
MOST = 10  # modalities that one einsum's letters serve; the tensor bursts memory long before


def with_one(x):
    """Append a 1 to each vector, so that products of some senses alone are among the products."""
    return ops.concatenate([x, ops.ones_like(x[..., :1])], axis=-1)


def outer_product(vectors):
    """Multiply vectors with 1 appended, each number of one with each of all others.

    Parameters
    ----------
    vectors : list of tensors, (batch, d_m)

    Returns
    -------
    tensor, (batch, product of d_m + 1)
        The last vector's index runs fastest; the last entry is 1.

    Source: low-rank, eq. 1.
    Notebook: 18_tensor_and_low_rank_fusion
    """
    letters = ascii_lowercase[: len(vectors)]
    terms = ",".join(f"z{letter}" for letter in letters)
    product = ops.einsum(f"{terms}->z{letters}", *[with_one(x) for x in vectors])
    size = 1
    for x in vectors:
        size *= x.shape[-1] + 1
    return ops.reshape(product, (-1, size))


class _Fusion(keras.layers.Layer):
    """What both forms share: a list of vectors in, one vector out."""

    kinds, taken = ({2},), "(batch, features)"

    def __init__(self, units, **options):
        super().__init__(**options)
        if units < 1:
            raise ValueError(f"fusion makes one number or more, not {units}")
        self.units = int(units)
        self.supports_masking = True

    def check(self, shapes):
        """Return the lengths of the vectors, or say what is wrong with them."""
        if not isinstance(shapes, list | tuple) or not isinstance(shapes[0], list | tuple):
            raise ValueError("fusion takes a list of vectors, one a modality")
        kinds = {len(shape) for shape in shapes}
        if not 1 <= len(shapes) <= MOST or kinds not in self.kinds:
            raise ValueError(
                f"fusion takes 1 to {MOST} vectors {self.taken}, not {[*map(tuple, shapes)]}: "
                "encode sequences first"
            )
        if len({shape[1] for shape in shapes if len(shape) == 3}) > 1:
            raise ValueError(
                f"sequences of {', '.join(str(shape[1]) for shape in shapes)} steps cannot be "
                "fused step by step: bring them to the same steps, or encode each into a vector"
            )
        if min(shape[-1] for shape in shapes) < 1:
            raise ValueError("a modality of width 0 says nothing: leave it out of the list")
        return [shape[-1] for shape in shapes]

    def check_rows(self, vectors):
        """Say where modalities bring different numbers of clips; one clip would fit them all."""
        rows = {x.shape[0] for x in vectors} - {None}
        if len(rows) > 1:
            counts = ", ".join(map(str, sorted(rows)))
            raise ValueError(
                f"modalities of {counts} clips cannot be fused: a row is a clip, so give every "
                "modality of the same clips"
            )

    def compute_mask(self, inputs, previous_mask=None):
        """A step is there where all modalities have it."""
        given = [mask for mask in previous_mask or [] if mask is not None]
        return reduce(ops.logical_and, given) if given else None

    def compute_output_shape(self, shapes):
        return (*shapes[0][:-1], self.units)

    def get_config(self):
        """Return what makes this layer again."""
        return super().get_config() | {"units": self.units}


@keras.saving.register_keras_serializable("emolib")
class TensorFusion(_Fusion):
    """Fuse vectors through all products of their numbers: h = W · ([z_1; 1] ⊗ … ⊗ [z_M; 1]) + b.

    W has units x product of (d_m + 1) numbers: each modality more multiplies it.

    Parameters
    ----------
    units : int
        Length of h.

    Call arguments
    --------------
    vectors : list of tensors, (batch, d_m), any number of modalities

    Returns
    -------
    tensor, (batch, units)

    Raises
    ------
    ValueError
        Where the input is no list of vectors, modalities differ in their clips, or ``units`` is
        below 1.

    Source: low-rank, eq. 1.
    Notebook: 18_tensor_and_low_rank_fusion
    """

    def build(self, shapes):
        """Make W and b for vectors of these lengths."""
        size = 1
        for length in self.check(shapes):
            size *= length + 1
        self.kernel = self.add_weight(shape=(size, self.units), name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, vectors):
        """Build the tensor of products and map it."""
        self.check_rows(vectors)
        return ops.matmul(outer_product(vectors), self.kernel) + self.bias


@keras.saving.register_keras_serializable("emolib")
class LowRankFusion(_Fusion):
    """Fuse vectors as ``TensorFusion`` does with a W of low rank, without building the tensor.

    h = sum over i = 1 … rank of the product over m of (W_m^(i) [z_m; 1]), plus b. The product is
    element by element over the modalities, and the sum over ranks stands *outside* it; with the sum
    inside, h would be one product of full matrices, another function, whatever the rank.

    The factors have units x rank x sum of (d_m + 1) numbers: each modality more adds to them.

    Parameters
    ----------
    units : int
        Length of h.
    rank : int
        1 or more; min of (d_m + 1) to the power of M - 1 is enough for any W.

    Call arguments
    --------------
    vectors : list of tensors, (batch, d_m), any number of modalities
        Or sequences (batch, steps, d_m), all of the same steps, which are fused step by step.

    Returns
    -------
    tensor, (batch, units), or (batch, steps, units)

    Raises
    ------
    ValueError
        As ``TensorFusion``; where the rank is below 1, or sequences differ in their steps.

    Source: low-rank, eqs 2-4, (3) restored after Liu et al. 2018.
    Notebook: 18_tensor_and_low_rank_fusion
    """

    kinds, taken = ({2}, {3}), "(batch, features) or (batch, steps, features)"

    def __init__(self, units, rank=4, **options):
        super().__init__(units, **options)
        if rank < 1:
            raise ValueError(f"the rank is 1 or more, not {rank}")
        self.rank = int(rank)

    def build(self, shapes):
        """Make a factor a modality, and b."""
        self.factors = [
            self.add_weight(shape=(length + 1, self.rank * self.units), name=f"factor_{m + 1}")
            for m, length in enumerate(self.check(shapes))
        ]
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, vectors):
        """Map each vector, multiply, add up over ranks."""
        self.check_rows(vectors)
        product = None
        for x, factor in zip(vectors, self.factors, strict=True):
            mapped = ops.matmul(with_one(x), factor)
            product = mapped if product is None else product * mapped
        by_rank = ops.reshape(product, (*ops.shape(product)[:-1], self.rank, self.units))
        return ops.sum(by_rank, axis=-2) + self.bias

    def full_kernel(self):
        """Return the W that the factors span, in the shape of ``TensorFusion``'s kernel."""
        parts = [ops.reshape(f, (f.shape[0], self.rank, self.units)) for f in self.factors]
        letters = ascii_lowercase[: len(parts)]
        terms = ",".join(f"{letter}yz" for letter in letters)
        return ops.reshape(ops.einsum(f"{terms}->{letters}z", *parts), (-1, self.units))

    def get_config(self):
        """Return what makes this layer again."""
        return super().get_config() | {"rank": self.rank}
