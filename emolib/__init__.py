"""The library under the course: one room a step from clips to honest figures.

corpora -> audio, video -> fusion -> models, losses -> evaluation -> explain, plots, batch.
Imports follow that arrow and never go back.
"""

__version__ = "0.1.0"
