"""Pictures are kept small only where nobody can see it."""

import io

import cv2
import numpy as np
from PIL import Image

from emolib import corpora, plots
from emolib.plots.displays import small_png
from emolib.video import flow_to_color


def kept(pixels):
    """How far each channel of each pixel is from what it was, and the picture's mode."""
    image = Image.open(io.BytesIO(small_png(Image.fromarray(pixels))))
    return np.abs(np.asarray(image.convert("RGB")).astype(int) - pixels), image.mode


def test_a_face_gets_fewer_colours_and_keeps_its_look():
    frame = corpora.read_video(corpora.load("puppets").iloc[0])[0][0]
    lost, mode = kept(frame)
    assert mode == "P"
    assert np.percentile(lost, 99) < 16


def test_a_colour_wheel_in_a_corner_keeps_its_colours():
    frame = corpora.read_video(corpora.load("puppets").iloc[0])[0][0]
    pixels = cv2.resize(frame, (600, 600), interpolation=cv2.INTER_CUBIC)
    hues = np.zeros((60, 60, 2), np.float32)
    hues[...] = np.mgrid[-1:1:60j, -1:1:60j].transpose(1, 2, 0)
    pixels[:60, :60] = flow_to_color(hues, 1.0)
    lost, mode = kept(pixels)
    fewer = Image.fromarray(pixels).quantize(256).convert("RGB")
    assert np.abs(np.asarray(fewer).astype(int) - pixels)[:60, :60].max() > 60
    assert mode == "RGB"
    assert not lost.any()


def test_a_title_stands_above_a_picture_of_flow():
    frame = np.zeros((30, 40, 3), np.uint8)
    figure = plots.flow_picture(frame, np.zeros((30, 40, 2)), title="nothing moves")
    assert figure.get_suptitle() == "nothing moves"
