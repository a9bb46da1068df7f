"""A waveform becomes numbers, and one sound becomes several copies."""

from emolib.audio.augmentation import apply_recipe, augment, read_copy
from emolib.audio.features import audio_features_162, feature_table

__all__ = ["apply_recipe", "audio_features_162", "augment", "feature_table", "read_copy"]
