"""Clip tables of the size and shape of RAVDESS speech, without the clips."""

from emolib.corpora import EMOTIONS, clip_table


def speech(actors=24, takes=4):
    """A neutral clip counts half, as in RAVDESS: 60 clips an actor with four takes."""
    return clip_table(
        {
            "clip": f"{emotion}-{take:02d}-{actor:02d}",
            "corpus": "drawn",
            "actor": f"{actor:02d}",
            "emotion": emotion,
            "label": emotion,
            "sex": "male" if actor % 2 else "female",
        }
        for actor in range(1, actors + 1)
        for emotion in EMOTIONS
        for take in range(takes if emotion == "neutral" else 2 * takes)
    )
