"""How far raters agree beyond chance."""

import numpy as np


def krippendorff_alpha(counts):
    """Compute Krippendorff's alpha for nominal categories from counts of ratings.

    With n_uc ratings of unit u as category c, n_u of unit u and n in all (over units with two or
    more ratings; the others have no pair and are left out), observed disagreement is
    D_o = 1/n Σ_u Σ_c n_uc (n_u − n_uc) / (n_u − 1), expected disagreement
    D_e = 1/(n (n − 1)) Σ_c n_c (n − n_c), and alpha = 1 − D_o / D_e.

    Parameters
    ----------
    counts : array-like of int, shape (units, categories)
        How many raters put each unit into each category; raters may differ from unit to unit.

    Returns
    -------
    float
        1 where all agree, about 0 where they agree as if by chance, below 0 where less.

    Raises
    ------
    ValueError
        Where counts are no table of whole numbers from 0 on, no unit has two ratings, or all
        ratings are of one category (then alpha is not defined).

    Source: Krippendorff 2011, Computing Krippendorff's alpha-reliability, section C
    Notebook: 01_corpora_and_labels
    """
    counts = np.asarray(counts, dtype=float)
    if counts.ndim != 2 or (counts < 0).any() or not (counts == np.round(counts)).all():
        raise ValueError("counts must be a table (units, categories) of whole numbers from 0 on")
    counts = counts[counts.sum(axis=1) >= 2]
    unit, category, n = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    if n == 0:
        raise ValueError("no unit has two ratings or more, so there is no pair to compare")
    if np.count_nonzero(category) == 1:
        raise ValueError("all ratings are of one category: alpha is not defined")
    observed = (counts * (unit[:, None] - counts) / (unit[:, None] - 1)).sum() / n
    expected = (category * (n - category)).sum() / (n * (n - 1))
    return float(1 - observed / expected)
