"""The sheet in the puppets' card shows the puppets as they are made today."""

import numpy as np
from PIL import Image

from emolib import corpora, plots
from emolib.plots.displays import png

ACTORS = ["01", "04", "05", "08", "10", "18"]


def test_the_committed_sheet_is_the_one_that_is_made(checkout, tmp_path):
    table = corpora.load("puppets", recipe="redundant")
    table = table[(table["intensity"] == "strong") | (table["emotion"] == "neutral")]
    (tmp_path / "puppets.png").write_bytes(png(plots.contact_sheet(table, ACTORS).figure))
    made, kept = (
        np.asarray(Image.open(path).convert("RGB"), float)
        for path in (tmp_path / "puppets.png", checkout / "data" / "puppets.png")
    )
    # Fonts and the last digits of a platform may differ, a face may not.
    assert abs(made.shape[0] - kept.shape[0]) < 12 and abs(made.shape[1] - kept.shape[1]) < 12
    height, width = np.minimum(made.shape, kept.shape)[:2]
    assert np.abs(made[:height, :width] - kept[:height, :width]).mean() < 6, (
        f"copy {tmp_path / 'puppets.png'} to data/"
    )
