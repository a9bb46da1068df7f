# ---
# jupyter:
#   emolib:
#     needs: [audio, actors]
# ---

# %% [markdown]
# # MFCC: what thirteen numbers keep of a sound
#
# **You will** take a sound apart in six steps, each checked against librosa; draw the mel scale and
# write its filter bank; see why the logarithm and the cosines are there; measure what thirteen
# coefficients know about vowel and pitch; and find out how much two papers leave open.
#
# 75 minutes to read, under a minute to run. Papers: gru-attention, equations 2.24 to 2.27;
# dv-emotionnet, its five steps. Before: [notebook 03](03_sound_features.ipynb).

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
from functools import partial
from pathlib import Path

import librosa
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.fft
import scipy.signal
from IPython.display import Audio, display
from plotly.subplots import make_subplots
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emolib import audio, checks, corpora, evaluation, plots
from emolib.corpora import puppets

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
RATE, N, HOP, FILTERS = 16_000, 512, 160, 40  # Hz, samples, samples, filters

# %% [markdown]
# ## Why not the spectrum itself?
#
# Two puppets, a low voice and a high one, say *talking*. We cut 32 ms out of the middle of the
# first vowel. The puppets are **synthetic**, so we know where each vowel is. Everything in this
# section is the same on every corpus.


# %%
def vowels(row, wanted):
    """Yield each wanted vowel of a puppet's clip: symbol, N samples of its middle, F0 in Hz."""
    voice = puppets.speak(row)
    for symbol, begin, end in voice.phonemes:
        middle = (begin + end) / 2
        f0 = voice.f0[round(middle * 100)]
        if symbol in wanted and f0 > 0:
            first = round(middle * RATE) - N // 2
            yield symbol, voice.signal[first : first + N], f0


everyone = corpora.load("puppets")
kids = everyone[everyone["statement"].str.startswith("Kids") & (everyone["repetition"] == "01")]
neutral = kids[kids["emotion"] == "neutral"].set_index("actor", drop=False)
low, high = (next(vowels(neutral.loc[actor], "ɔ")) for actor in ("11", "18"))
other = next(vowels(neutral.loc["11"], "ɪ"))

# %%
BANK = audio.mel_filterbank(RATE, N, FILTERS, htk=True, norm=None)
COSINES = audio.dct_matrix(FILTERS, FILTERS)
HERTZ = np.arange(1 + N // 2) * RATE / N
MIDDLES = HERTZ[BANK.argmax(axis=1)]


def power_spectrum(samples):
    """Return the power at each frequency of one frame, pre-emphasised, under a Hamming window."""
    return np.abs(np.fft.rfft(audio.pre_emphasis(samples) * audio.hamming_window(N))) ** 2


def envelope(level, n):
    """Return mel energies in dB as n cosines draw them."""
    return COSINES[:n].T @ (COSINES[:n] @ level)


# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained", sharey=True)
sounds = ((low, "o", BLUE, "-"), (high, "s", ORANGE, "--"), (other, "^", GREEN, ":"))
for (symbol, samples, f0), marker, colour, line in sounds:
    power = power_spectrum(samples / np.abs(samples).max())
    name = f"/{symbol}/ at {f0:.0f} Hz"
    if symbol == "ɔ":
        left.plot(HERTZ / 1000, audio.decibels(power), color=colour, linestyle=line, label=name)
    smooth = envelope(audio.decibels(BANK @ power), 13)
    right.plot(MIDDLES / 1000, smooth, color=colour, linestyle=line, marker=marker, label=name)
left.set(title="257 numbers: one vowel, two voices", ylabel="level (dB)", xlim=(0, 4))
right.set(title="13 numbers, drawn as a curve: and another vowel", xlim=(0, 4))
for ax in (left, right):
    ax.set_xlabel("frequency (kHz)")
    ax.legend()
plots.show(
    figure,
    "Left, the spectra of one vowel in two voices are combs whose teeth seldom meet; right, their "
    "smooth outlines from 13 numbers nearly agree, and a second vowel has another shape.",
)

# %% [markdown]
# The teeth on the left are harmonics. They stand at multiples of the pitch, so those of two voices
# meet only here and there. Compared number by number, the two spectra disagree almost
# everywhere. The *outline* is what the throat and the mouth make: it tells the vowel, and much of
# how strained or relaxed a voice is. (These two puppets were picked because their throats are
# alike. How it is with all of them, we measure below.)
#
# **Mel-frequency cepstral coefficients** keep the outline in a dozen numbers. That is the plan:
#
# | step | keeps | throws away |
# |---|---|---|
# | 1, 2 pre-emphasis | the faint high frequencies | the slope that every voice has |
# | 3 frame and window | 32 ms | what came before and after |
# | 4 power spectrum | how strong each frequency is | its phase |
# | 5 mel filters, in dB | detail where the ear has detail | detail where it has none |
# | 6 cosines, the first 13 | the outline | the teeth |
#
# ## Six steps on one slider
#
# Now a clip of this notebook's corpus, and the frame in it that is loudest. Move the slider.
# **Predict first**: after which step is the signal shortest?

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
table = corpora.take(table.dropna(subset=["audio", "emotion"]), PROFILE, SEED)
row = table[table["emotion"] == "angry"].iloc[0]
signal, _ = corpora.read_audio(row, RATE)
print(f"{CORPUS}, clip {row['clip']}: actor {row['actor']}, {row['emotion']}")
display(Audio(signal, rate=RATE))

# %%
lifted = audio.pre_emphasis(signal)
frames = audio.frame(lifted, N, HOP)
loudest = (audio.frame(signal, N, HOP) ** 2).sum(axis=1).argmax()
windowed = frames[loudest] * audio.hamming_window(N)
power = np.abs(np.fft.rfft(windowed)) ** 2
mel_energies = BANK @ power
level = audio.decibels(mel_energies)
coefficients = COSINES[:13] @ level


# %%
def outline(samples, n=40):
    """Return the lowest and highest sample of every n: all that a small picture can show."""
    parts = samples[: len(samples) // n * n].reshape(-1, n)
    return np.stack([parts.min(axis=1), parts.max(axis=1)], axis=1).ravel()


seconds = np.arange(2 * (len(signal) // 40)) * 20 / RATE
STEPS = {
    "1 waveform": (seconds, outline(signal), "time (s)", "amplitude"),
    "2 pre-emphasised": (seconds, outline(lifted), "time (s)", "amplitude"),
    "3 a frame under its window": (np.arange(N) / 16, windowed, "time (ms)", "amplitude"),
    "4 power spectrum": (HERTZ / 1000, audio.decibels(power), "frequency (kHz)", "level (dB)"),
    "5 mel energies": (np.arange(1, FILTERS + 1), level, "filter", "level (dB)"),
    "6 MFCC": (np.arange(13), coefficients, "coefficient", "value (dB)"),
}
SHORT = {"5 mel energies": "lines+markers", "6 MFCC": "lines+markers"}


# %%
def reveal(step):
    """Return the six curves, those after this step still empty."""
    shown = list(STEPS).index(step)
    return [
        {"type": "scatter", "x": x if k <= shown else [], "y": y if k <= shown else [],
         "xaxis": f"x{k + 1}", "yaxis": f"y{k + 1}", "mode": SHORT.get(name, "lines"),
         "line": {"color": ORANGE if k == shown else BLUE}, "showlegend": False}
        for k, (name, (x, y, _, _)) in enumerate(STEPS.items())
    ]  # fmt: skip


axes = {}
for k, (x, y, across, up) in enumerate(STEPS.values(), 1):
    margin = 0.05 * (y.max() - y.min())
    axes[f"xaxis{k}"] = {"range": [min(x), max(x)], "title": across}
    axes[f"yaxis{k}"] = {"range": [y.min() - margin, y.max() + margin], "title": up}
spacing = {"vertical_spacing": 0.22, "horizontal_spacing": 0.1}
panels = make_subplots(2, 3, subplot_titles=list(STEPS), **spacing)
figure = plots.slider(
    reveal,
    list(STEPS),
    "step",
    panels,
    title="From a sound to thirteen numbers",
    height=560,
    **axes,
)

# %%
still, panels = plt.subplots(2, 3, figsize=(12, 5), layout="constrained")
for ax, (name, (x, y, across, up)) in zip(panels.ravel(), STEPS.items(), strict=True):
    ax.plot(x, y, "o-" if name in SHORT else "-", color=BLUE, markersize=3, linewidth=0.8)
    ax.set(title=name, xlabel=across, ylabel=up)
plots.show(
    figure,
    "Six panels: a waveform, its pre-emphasised form, one frame that fades in and out, a spectrum, "
    "forty mel energies, and thirteen coefficients.",
    still,
)
print(f"{len(signal)} samples -> {len(frames)} frames of {N} -> {len(power)} -> {FILTERS} -> 13")

# %% [markdown]
# Each step in turn: its equation, its code, and a check that librosa gives the same numbers.
#
# ## Step 1 and 2: pre-emphasis
#
# $$y[n] = x[n] - a\,x[n-1], \qquad H(z) = 1 - a z^{-1} \qquad (2.24)$$
#
# $H(z)$ says the same in the language of filters: $z^{-1}$ stands for one sample earlier.


# %%
def pre_emphasis(x, a=0.97):
    """Subtract from each sample a times the one before; before the first there is nothing."""
    return x - a * np.concatenate([[0], x[:-1]])


theirs = librosa.effects.preemphasis(signal, coef=0.97)
assert np.allclose(pre_emphasis(signal)[1:], theirs[1:], atol=1e-6)
print("equal to librosa from the second sample on; before the first one librosa assumes a line")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3), layout="constrained")
for a, colour, line in ((0.9, GREEN, ":"), (0.97, BLUE, "-")):
    gain = np.abs(1 - a * np.exp(-2j * np.pi * HERTZ / RATE)) ** 2
    left.plot(HERTZ / 1000, audio.decibels(gain), color=colour, linestyle=line, label=f"a = {a}")
left.axhline(0, color=GREY, linewidth=0.5)
left.set(title="What pre-emphasis does", xlabel="frequency (kHz)", ylabel="gain (dB)")
left.legend()
for sound, name, colour, line in ((signal, "before", ORANGE, "--"), (lifted, "after", BLUE, "-")):
    mean = audio.power_spectrogram(sound, N, HOP, "hamming").mean(axis=1)
    right.plot(HERTZ / 1000, audio.decibels(mean), color=colour, linestyle=line, label=name)
right.set(title="Mean spectrum of the clip", xlabel="frequency (kHz)", ylabel="level (dB)")
right.legend()
plots.show(
    figure,
    "Pre-emphasis lowers what lies below about 2.7 kilohertz and lifts what lies above by up to 6 "
    "decibels, so the clip's mean spectrum gets flatter.",
)

# %% [markdown]
# A voice falls by some 6 to 12 dB an octave. Pre-emphasis takes 6 of them away, so that the faint
# high frequencies weigh more.
#
# The paper of gru-attention, a thesis, adds that it "increases the Signal-to-Noise Ratio". Does it?
# We add white noise at 20 dB and filter both parts. **Predict first**: more than 20, or less?

# %%
noise = audio.augment(signal, RATE, "noise", seed=SEED, snr_db=20) - signal


def snr_db(speech, noise):
    return 10 * np.log10(np.mean(speech**2) / np.mean(noise**2))


print(f"before: {snr_db(signal, noise):.1f} dB")
print(f"after:  {snr_db(pre_emphasis(signal), pre_emphasis(noise)):.1f} dB")

# %% [markdown]
# Less, because white noise has most of its power where the filter lifts and speech has little
# there. At any *one* frequency the filter changes nothing: it treats speech and noise alike.
# What pre-emphasis evens out is the spectrum. The same sentence of the thesis also says "flatten the
# frequency spectrum", and that part stands.
#
# ## Step 3: a frame under a window
#
# 512 samples, 32 ms, every 10 ms: long enough for a few periods of a voice, short enough that the
# mouth hardly moves. A window makes the frame fade in and out:
#
# $$w(n) = 0.54 - 0.46 \cos\!\left(2\pi \frac nN\right), \qquad 0 \le n < N \qquad (2.25)$$
#
# In print the range is $0 \le n \le N$, which makes $N + 1$ samples.
#
# Why fade? The Fourier transform takes the frame for one turn of an endless loop. Where its ends do
# not meet there is a jump, and a jump has all frequencies. A tone shows it:

# %%
tone = np.sin(2 * np.pi * 1000 / RATE * 1.013 * np.arange(N))
hamming = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(N) / N)
assert np.allclose(hamming, scipy.signal.get_window("hamming", N))
figure, ax = plt.subplots(figsize=(8, 3), layout="constrained")
for w, name, colour, line in (
    (np.ones(N), "no window", ORANGE, "--"),
    (hamming, "Hamming", BLUE, "-"),
):
    found = np.abs(np.fft.rfft(tone * w)) ** 2
    ax.plot(
        HERTZ / 1000, audio.decibels(found / found.max()), color=colour, linestyle=line, label=name
    )
ax.set(title="A tone of 1,013 Hz", xlabel="frequency (kHz)", ylabel="level (dB)", xlim=(0, 4))
ax.legend()
plots.show(
    ax,
    "Without a window the spectrum of a tone has wide skirts; under a Hamming window it is a "
    "narrow peak some forty decibels above everything else.",
)

# %% [markdown]
# ## Step 4: the power spectrum
#
# $P[k] = |X[k]|^2$, where $X$ is the Fourier transform of the windowed frame. $N$ real samples give
# $1 + N/2$ numbers; number $k$ is the frequency $k \cdot \text{rate} / N$.

# %%
ours = np.abs(np.fft.rfft(frames * hamming)) ** 2
theirs = np.abs(librosa.stft(lifted, n_fft=N, hop_length=HOP, window="hamming", center=False)) ** 2
assert np.allclose(ours.T, theirs, rtol=1e-3, atol=1e-6 * ours.max())
print(f"equal to librosa: {theirs.shape[0]} frequencies, {theirs.shape[1]} frames")

# %% [markdown]
# ## Step 5: the mel scale
#
# To the ear the step from 200 to 300 Hz is wide, the one from 5,000 to 5,100 Hz is hardly there.
# The mel scale stretches frequency so that equal steps sound equally wide.
#
# $$\text{mel}(f) = 2595 \log_{10}\!\left(1 + \frac{f}{700}\right) \qquad (2.26)$$
#
# That formula is the one of the HTK toolkit. It is not the only one. librosa's default is Slaney's:
# a straight line up to 1 kHz, a logarithm above. We bring both to the same ends.

# %%
hertz = np.linspace(0, RATE / 2, 500)
figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
for htk, name, colour, line in ((True, "HTK, (2.26)", BLUE, "-"), (False, "Slaney", ORANGE, "--")):
    mel = audio.hz_to_mel(hertz, htk)
    assert np.allclose(mel, librosa.hz_to_mel(hertz, htk=htk))
    ax.plot(hertz / 1000, mel / mel[-1], color=colour, linestyle=line, label=name)
    half = audio.mel_to_hz(mel[-1] / 2, htk)
    ax.plot(half / 1000, 0.5, "o" if htk else "s", color=colour)
    print(f"{name}: half of the scale is spent below {half:.0f} Hz")
ax.plot([0, RATE / 2000], [0, 1], color=GREY, linewidth=0.8, label="Hz")
ax.set(title="Two mel scales", xlabel="frequency (kHz)", ylabel="share of the scale")
ax.legend()
plots.show(
    ax,
    "Both mel scales rise steeply at first and then flatten; they cross between 1 and 2 kilohertz and "
    "lie far above the straight line of hertz.",
)

# %% [markdown]
# The filters are triangles whose middles stand at equal steps of mel. Each begins at the middle of
# the one before and ends at the middle of the next. Two scales, and two ways to weigh the
# triangles: all of height 1 (left), or all of area 1, as librosa has them (right).

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 2.8), layout="constrained")
for ax, htk, norm, name in (
    (axes[0], True, None, "HTK, height 1"),
    (axes[1], False, "slaney", "Slaney, area 1"),
):
    bank = audio.mel_filterbank(RATE, N, 20, htk=htk, norm=norm)
    assert np.allclose(bank, librosa.filters.mel(sr=RATE, n_fft=N, n_mels=20, htk=htk, norm=norm))
    plots.filter_bank(bank, RATE, ax)
    ax.set_title(f"20 mel filters: {name}")
plots.show(
    figure,
    "Two banks of twenty overlapping triangles, narrow at low and wide at high frequencies; left "
    "all are one high, right the wide ones are lower.",
)

# %% [markdown]
# `mel_energies = BANK @ power`: each filter adds up what it hears. Below 1 kHz a filter is narrow,
# and single harmonics of a high voice still show. Higher up each filter hears several of them at
# once, and the teeth are gone. You will write this bank in exercise 1.
#
# ## Why the logarithm?
#
# Loudness is heard in ratios: twice the power is a step, wherever you start. The logarithm also
# turns *times* into *plus*. **Predict first**: you speak the same words at a quarter of the
# amplitude. Which of the thirteen coefficients change?

# %%
softer = COSINES[:13] @ audio.decibels(BANK @ (power / 16), top_db=None)
as_it_is = COSINES[:13] @ audio.decibels(BANK @ power, top_db=None)
figure, axes = plt.subplots(1, 2, figsize=(11, 3), layout="constrained")
every = BANK @ (np.abs(np.fft.rfft(frames * hamming)) ** 2).T
axes[0].hist(every.ravel(), 60, color=ORANGE, hatch="//", edgecolor="w")
axes[0].set(title="Mel energies of the clip", xlabel="power", ylabel="number", yscale="log")
axes[1].hist(audio.decibels(every, None).ravel(), 60, color=BLUE, edgecolor="w")
axes[1].set(title="The same in decibels", xlabel="level (dB)", ylabel="number")
plots.show(
    figure,
    "Histograms of mel energies: as powers nearly all are crowded at zero with a few large ones, "
    "in decibels they spread over a wide hill.",
)
print("change by a quarter of the amplitude:", (softer - as_it_is).round(2))

# %% [markdown]
# Only coefficient 0, the level: each filter falls by 12 dB, and step 6 multiplies that by √40. A
# microphone's or a room's colour, too, is a factor at each frequency, so in decibels it is a
# constant that a mean can take away.
#
# ## Step 6: the cosines
#
# $$c(n) = \sqrt{\tfrac2M} \sum_{m=1}^{M} s(m)\, \cos\!\left(\frac{\pi n (m - \frac12)}{M}\right)
# \qquad (2.27)\text{, mended}$$
#
# for $n = 0, 1, \ldots$; for $n = 0$ the factor is $\sqrt{1/M}$. $s(m)$ is the level of filter $m$.
# In print the sum runs from "m = 0" to "N = 1" over $s(x)$, $n$ starts at 1 and the factor is
# missing. (The factor makes the rows one long, so that the transform is a rotation.)


# %%
def cosines(n_mfcc, n_mels):
    """Return the first rows of the cosine transform."""
    n, m = np.arange(n_mfcc)[:, None], np.arange(1, n_mels + 1)
    rows = np.sqrt(2 / n_mels) * np.cos(np.pi * n * (m - 0.5) / n_mels)
    rows[0] = np.sqrt(1 / n_mels)
    return rows


assert np.allclose(cosines(13, FILTERS) @ level, scipy.fft.dct(level, norm="ortho")[:13], atol=1e-3)
assert np.allclose(cosines(FILTERS, FILTERS) @ cosines(FILTERS, FILTERS).T, np.eye(FILTERS))
figure, ax = plt.subplots(figsize=(8, 2.8), layout="constrained")
looks = zip(range(4), (GREY, BLUE, ORANGE, GREEN), ("-", "--", "-.", ":"), strict=True)
for n, colour, line in looks:
    ax.plot(
        np.arange(1, FILTERS + 1),
        COSINES[n],
        color=colour,
        linestyle=line,
        marker=".",
        label=f"n = {n}",
    )
ax.set(title="What each coefficient looks for", xlabel="filter", ylabel="weight")
ax.legend(ncols=4)
plots.show(
    ax,
    "Four rows of the cosine transform over forty filters: a constant, half a wave, a whole wave, "
    "and one and a half waves.",
)

# %% [markdown]
# Coefficient 0 is the level. Coefficient 1 weighs low filters against high ones: how dark a voice
# is. Each further one asks for finer ripples. Keep the first $n$, and go back:

# %%
KEPT = (1, 2, 3, 5, 8, 13, 20, 30, 40)
numbers = np.arange(1, FILTERS + 1)
losses = [np.sqrt(np.mean((level - envelope(level, n)) ** 2)) for n in KEPT]


def kept(n):
    """Return the traces: the energies, what n cosines draw, and the error so far."""
    shown = KEPT.index(n) + 1
    return [
        {"type": "scatter", "x": numbers, "y": level, "mode": "markers", "name": "mel energies",
         "marker": {"color": GREY}},
        {"type": "scatter", "x": numbers, "y": envelope(level, n), "mode": "lines",
         "line": {"color": ORANGE}, "name": "from n coefficients"},
        {"type": "scatter", "x": KEPT[:shown], "y": losses[:shown], "mode": "lines+markers",
         "line": {"color": BLUE}, "xaxis": "x2", "yaxis": "y2", "showlegend": False},
    ]  # fmt: skip


# %%
margin = 0.05 * np.ptp(level)
panels = make_subplots(1, 2, subplot_titles=("level of each filter", "what is lost"))
figure = plots.slider(
    kept,
    KEPT,
    "coefficients kept, n",
    panels,
    first=KEPT.index(13),
    xaxis={"title": "filter"},
    yaxis={"title": "level (dB)", "range": [level.min() - margin, level.max() + margin]},
    xaxis2={"title": "n", "range": [0, 42]},
    yaxis2={"title": "error (dB, RMS)", "range": [-0.5, losses[0] + 1]},
    height=430,
)
still, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained", sharey=True)
for ax, n in zip(axes, (3, 13, 40), strict=True):
    ax.plot(numbers, level, "o", color=GREY, markersize=3, label="mel energies")
    ax.plot(numbers, envelope(level, n), color=ORANGE, label=f"from {n} coefficients")
    ax.set(title=f"n = {n}, error {losses[KEPT.index(n)]:.1f} dB", xlabel="filter")
    ax.legend(fontsize=8)
axes[0].set_ylabel("level (dB)")
plots.show(
    figure,
    "Forty mel energies as dots and the curve that n coefficients draw through them: with 3 it is "
    "a slope, with 13 the outline, with 40 it meets every dot.",
    still,
)

# %% [markdown]
# Forty cosines draw forty numbers exactly: a rotation loses nothing. What is lost is lost by
# stopping early, and early cosines carry the most.
#
# The second reason: **neighbouring filters say the same thing.** They overlap, and an outline is
# smooth. Below are the correlations among filters and among coefficients, over the frames of 24
# clips. **Predict first**: what does the right matrix look like?

# %%
SETTINGS = {"n_fft": N, "hop_length": HOP, "window": "hamming", "n_mels": FILTERS}
SETTINGS |= {"htk": True, "norm": None, "emphasis": 0.97, "top_db": None}
sample = table.sample(24, random_state=SEED)
whole = partial(audio.mfcc, n_mfcc=FILTERS, **SETTINGS)
cepstra = np.concatenate(audio.feature_sequences(sample, whole, RATE), axis=1)
levels = COSINES.T @ cepstra  # a rotation can be turned back
figure, axes = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
for ax, values, name, row in (
    (axes[0], levels, "40 mel energies (dB)", "filter"),
    (axes[1], cepstra[:13], "13 coefficients", "coefficient"),
):
    related = np.corrcoef(values)
    image = ax.imshow(related, cmap="PuOr", vmin=-1, vmax=1, origin="lower")
    off = np.abs(related[~np.eye(len(related), dtype=bool)]).mean()
    ax.set(title=f"{name}: mean |r| {off:.2f}", xlabel=row, ylabel=row)
figure.colorbar(image, ax=axes, label="correlation r")
plots.show(
    figure,
    "Two correlation matrices: among mel energies nearly everything is strongly correlated, among "
    "coefficients much less is outside the diagonal.",
)

# %% [markdown]
# The cosines do most of what principal components would do, without looking at any data. Models
# that treat their inputs as unrelated (a Gaussian with a diagonal covariance, a distance) are
# better off with them. A convolution is not: it wants neighbours that are alike. So notebook 05
# stops before this step and gives a network the mel *picture*.
#
# ## All at once, and librosa
#
# `audio.mfcc` is these six steps for all frames. Its defaults are librosa's; the settings above are
# the thesis's, with our choice where it is silent.

# %%
theirs = librosa.feature.mfcc(y=signal, sr=RATE, n_mfcc=13)
print(f"librosa's defaults: {np.abs(audio.mfcc(signal, RATE, 13) - theirs).max():.4f} dB apart")
given = {"n_fft": N, "hop_length": HOP, "window": "hamming", "n_mels": FILTERS, "htk": True}
mel = librosa.feature.melspectrogram(y=lifted, sr=RATE, norm=None, **given)
theirs = librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=None), n_mfcc=13)
ours = audio.mfcc(signal, RATE, 13, **SETTINGS)
print(f"the thesis's steps: {np.abs(ours - theirs).max():.4f} dB apart")
assert np.abs(ours - theirs).max() < 0.005

# %% [markdown]
# ## Deltas
#
# A frame knows nothing of its neighbours, and emotion is in how a voice *moves*. A **delta** is the
# slope of a straight line through a few frames of one coefficient:
#
# $$d_t = \frac{\sum_{k=1}^{K} k\,(c_{t+k} - c_{t-k})}{2 \sum_{k=1}^{K} k^2}$$
#
# None of the five papers mentions it. It is common, and cheap.

# %%
slopes = audio.deltas(ours, width=9)
assert np.allclose(slopes, librosa.feature.delta(ours, width=9), atol=1e-3)
k = np.arange(1, 5)
t = ours.shape[1] // 2
by_hand = (k * (ours[:, t + k] - ours[:, t - k])).sum(axis=1) / (2 * (k**2).sum())
assert np.allclose(by_hand, slopes[:, t], atol=1e-3)
time = np.arange(ours.shape[1]) * HOP / RATE
figure, axes = plt.subplots(2, 1, figsize=(8, 3.6), layout="constrained", sharex=True)
axes[0].plot(time, ours[1], color=BLUE)
axes[0].set(title="Coefficient 1", ylabel="value (dB)")
axes[1].plot(time, slopes[1] * RATE / HOP, color=ORANGE)
axes[1].axhline(0, color=GREY, linewidth=0.5)
axes[1].set(title="Its delta", ylabel="slope (dB/s)", xlabel="time (s)")
plots.show(
    figure,
    "Coefficient 1 over time goes up and down with each sound; its delta is above zero where it "
    "rises and below where it falls.",
)

# %% [markdown]
# ## What thirteen numbers keep, and what they lose
#
# Textbooks say: MFCC keep the vowel and lose the pitch. We can test that, because the puppets'
# vowels and F0 are known. 24 puppets say one sentence in four emotions; we take the middle of
# each of its vowels, and ask three questions.
#
# 1. Which **vowel** is it? Answered by the nearest frame of a stranger (six puppets at a time are
#    left out).
# 2. **Who** speaks? Answered by the nearest frame of another emotion, 24 puppets to choose from.
# 3. How high is the **pitch** for this speaker? Each speaker's mean is taken away from features
#    and pitch, and a straight line (ridge regression), fitted to strangers, predicts the rest.
#
# **Predict first**: put spectrum (257 numbers), mel energies (40) and MFCC 1 to 12 in order, for
# each question.

# %%
spoken = kids[kids["intensity"] != "strong"]
spoken = spoken[spoken["emotion"].isin(["neutral", "sad", "angry", "surprised"])]
found = [
    (puppet["actor"], puppet["emotion"], symbol, f0, power_spectrum(samples))
    for _, puppet in spoken.iterrows()
    for symbol, samples, f0 in vowels(puppet, ("ɪ", "ɑɹ", "ɔ", "aɪ", "ə", "ɔɹ"))
]
speaker, mood, vowel, f0, powers = (np.array(column) for column in zip(*found, strict=True))
semitones = 12 * np.log2(f0)
cepstra_of = audio.decibels(powers @ BANK.T, None) @ COSINES.T
FEATURES = {
    "spectrum, 257": audio.decibels(powers, None),
    "mel energies, 40": cepstra_of @ COSINES,
    "MFCC 1 to 12": cepstra_of[:, 1:13],
    "MFCC 13 to 39": cepstra_of[:, 13:],
}


def around_own_mean(values):
    values = pd.DataFrame(values)
    return (values - values.groupby(speaker).transform("mean")).to_numpy()


# %%
strangers = {"groups": speaker, "cv": GroupKFold(4)}
own_pitch = around_own_mean(semitones)[:, 0]
rows = {}
for name, values in FEATURES.items():
    nearest = KNeighborsClassifier(1)
    said = cross_val_predict(nearest, values, vowel, **strangers)
    who = cross_val_predict(nearest, values, speaker, groups=mood, cv=GroupKFold(4))
    line = make_pipeline(StandardScaler(), Ridge(30))
    heard = cross_val_predict(line, around_own_mean(values), own_pitch, **strangers)
    r = np.corrcoef(heard, own_pitch)[0, 1]
    rows[name] = {"vowel": (said == vowel).mean(), "speaker": (who == speaker).mean(), "pitch": r}
knows = pd.DataFrame(rows).T

# %%
commonest_vowel = pd.Series(vowel).value_counts(normalize=True).iloc[0]
TESTS = {
    "vowel": (BLUE, "", commonest_vowel, "share right, on strangers"),
    "speaker": (GREEN, "xx", 1 / 24, "share right, of 24"),
    "pitch": (ORANGE, "//", 0, "correlation with true F0"),
}
figure, axes = plt.subplots(1, 3, figsize=(12, 2.8), layout="constrained", sharey=True)
for ax, (column, (colour, hatch, chance, unit)) in zip(axes, TESTS.items(), strict=True):
    ax.barh(knows.index, knows[column], color=colour, hatch=hatch, edgecolor="w")
    ax.axvline(chance, color="k", linestyle=":")
    ax.set(title=column, xlabel=unit, xlim=(0, 1))
axes[0].invert_yaxis()
plots.show(
    figure,
    "Bars on synthetic voices, dotted lines for chance: MFCC 1 to 12 tell the vowel better than the "
    "whole spectrum does, tell the speaker, and still predict pitch.",
)
print(f"puppets (synthetic): {len(vowel)} vowels, 24 actors")
knows.round(2)

# %% [markdown]
# The first half of the saying holds. Twelve numbers tell a stranger's vowel better than the 257
# they were made from: what was left out did not help with this question.
#
# The second half does not. The teeth are gone, but pitch can still be guessed, and well. Low
# filters are narrow and feel where the first harmonics lie. And a voice that rises also changes its
# outline: it gets louder, brighter, tenser. So say "MFCC do not *show* pitch", not "pitch is gone".
# If pitch itself is your question, measure it (notebook 03).
#
# And the outline knows its **owner**. That is notebook 02 again: features that tell people apart
# are what makes a split by rows or by clips look good.
#
# ## The corpus in thirteen numbers
#
# Now all clips. A clip becomes 26 numbers: mean and standard deviation of each coefficient over
# its frames. How do emotions differ *within* an actor? Each square is the mean difference to the
# actor's own mean, in standard deviations over all clips; a dot marks the intervals over actors
# (95 %) that leave out zero.


# %%
READINGS = {
    "ours": SETTINGS,
    "25 ms frames": SETTINGS | {"n_fft": 400},
    "26 filters": SETTINGS | {"n_mels": 26},
    "Slaney's mel": SETTINGS | {"htk": False},
    "filters of area 1": SETTINGS | {"norm": "slaney"},
    "no pre-emphasis": SETTINGS | {"emphasis": 0.0},
    "librosa's defaults": {"hop_length": HOP},
}


def summaries(signal, rate, readings):
    """Return mean and deviation over time of 13 coefficients, a row a reading of the recipe."""
    coefficients = [audio.mfcc(signal, rate, 13, **reading) for reading in readings.values()]
    return np.stack([np.concatenate([c.mean(axis=1), c.std(axis=1)]) for c in coefficients])


# %%
readings = audio.feature_table(
    table,
    partial(summaries, readings=READINGS),
    rate=RATE,
    span=None,
    cache=Path("build/cache/mfcc"),
)
features = readings[:, 0]
labels, actors = table["emotion"].to_numpy(), table["actor"].to_numpy()
scaled = pd.DataFrame(StandardScaler().fit_transform(features[:, :13]))
own = (scaled - scaled.groupby(actors).transform("mean")).to_numpy()

# %%
names = [emotion for emotion in corpora.EMOTIONS if emotion in set(labels)]
means = np.array([own[labels == emotion].mean(axis=0) for emotion in names])
figure, ax = plt.subplots(figsize=(9, 3.4), layout="constrained")
most = np.abs(means).max()
image = ax.imshow(means, cmap="PuOr", vmin=-most, vmax=most, aspect="auto")
for y, emotion in enumerate(names):
    rows = labels == emotion
    for x in range(13):
        ends = evaluation.confidence_interval(own[rows, x], actors[rows], draws=2000, seed=SEED)
        if ends[0] > 0 or ends[1] < 0:
            ax.plot(x, y, "o", color="k", markeredgecolor="w", markersize=5)
ax.set_yticks(range(len(names)), names)
ax.set_xticks(range(13))
ax.set(xlabel="coefficient", title=f"Mean MFCC by emotion, {CORPUS}, {len(table)} clips")
figure.colorbar(image, ax=ax, label="difference (sd)")
plots.show(
    ax,
    "A table of squares, emotion by coefficient: coefficient 0, the level, and the next few differ "
    "most between emotions.",
)
tests = 13 * len(names)
print(f"{tests} intervals at 95 %: some {tests / 20:.0f} dots would be there by chance")

# %% [markdown]
# Coefficient 0 says who is loud and who is quiet. The others say what the level does not: how steep
# the spectrum falls, how open the mouth is.
#
# How far does that carry with strangers? The plainest classifier there is keeps one mean a class
# and answers with the nearest. Five folds by actors, one setting tried.


# %%
def nearest_centroid(train_on, test_on, seed=SEED):
    """Cross-validate by actors a centroid a class: trained on some features, tested on others."""

    def fit_predict(train, validation, test, seed):
        rows = np.concatenate([train, validation])
        system = make_pipeline(StandardScaler(), NearestCentroid())
        return system.fit(train_on[rows], labels[rows]).predict(test_on[test])

    folds = evaluation.split(table, "actors", 5, seed)
    return evaluation.cross_validate(fit_predict, table, labels, folds, seed=seed, progress=False)[
        1
    ]


# %%
commonest = pd.Series(labels).value_counts(normalize=True).iloc[0]
summary = nearest_centroid(features, features)
parts = {"level alone (0)": [0], "means (0 to 12)": range(13), "means without level": range(1, 13)}
for name, columns in {**parts, "means and deviations": range(26)}.items():
    columns = list(columns)
    scored = nearest_centroid(features[:, columns], features[:, columns])
    accuracy = np.mean([fold["accuracy"] for fold in scored["folds"]])
    low, high = scored["interval"]["accuracy"]
    print(f"{name:22} {accuracy:.1%}  [{low:.1%}, {high:.1%}]")
print(f"commonest label        {commonest:.1%}")
print(f"{CORPUS}, nearest centroid, {len(table)} clips, 5 folds by actors, seed {SEED}")

# %% [markdown]
# Well above the commonest label, and far from good: an average over a whole clip has forgotten the
# order of its sounds. Notebook 13 reads the frames one after the other.

# %% [markdown]
# ## Exercise 1 (must): the mel filter bank
#
# Write the bank. `audio.hz_to_mel` and `audio.mel_to_hz` are yours to use; they are HTK's by
# default. **Predict first**: 20 filters, how many points on the mel scale do their begins,
# middles and ends make?

# %% tags=["prediction"]
my_prediction = None  # a number


# %% tags=["exercise"]
def mel_filters(rate, n_fft, n_mels):
    """Return triangles of height 1 from 0 Hz to half the rate, their middles at equal steps of mel.

    rate: Hz. n_fft: samples in a frame. Returns an array (n_mels, frequencies), a column for each
    number that np.fft.rfft gives for such a frame. The flanks are straight lines in Hz.
    """
    return ...


# %% tags=["solution"]
def mel_filters(rate, n_fft, n_mels):
    """Return triangles of height 1 from 0 Hz to half the rate, their middles at equal steps of mel."""
    points = audio.mel_to_hz(np.linspace(0, audio.hz_to_mel(rate / 2), n_mels + 2))
    low, middle, high = points[:-2, None], points[1:-1, None], points[2:, None]
    hertz = np.arange(1 + n_fft // 2) * rate / n_fft
    rising, falling = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling))


# %% tags=["check"]
passed = checks.mel_filters(mel_filters)
# %% [markdown]
# **To think about**: at 16 kHz and 512 samples, what happens with 128 filters? Try it, then try
# `audio.mel_filterbank(16_000, 512, 128)`.

# %% [markdown]
# ## Exercise 2 (may): the cosine transform
#
# Write (2.27), mended, for one frame. **Predict first**: all filters have the level 7. Which
# coefficients are not zero?

# %% tags=["prediction"]
my_prediction = None  # a list of numbers


# %% tags=["exercise"]
def cosine_transform(level, n_mfcc):
    """Return coefficients 0 to n_mfcc - 1 of the levels of M filters, scaled as a rotation."""
    return ...


# %% tags=["solution"]
def cosine_transform(level, n_mfcc):
    """Return coefficients 0 to n_mfcc - 1 of the levels of M filters, scaled as a rotation."""
    n, m = np.arange(n_mfcc)[:, None], np.arange(1, len(level) + 1)
    rows = np.sqrt(2 / len(level)) * np.cos(np.pi * n * (m - 0.5) / len(level))
    rows[0] /= np.sqrt(2)
    return rows @ level


# %% tags=["check"]
passed = checks.cosine_transform(cosine_transform)
# %% [markdown]
# ## Protocol audit
#
# Two of the five papers list the steps to MFCC. Enough to repeat them? What is stated:
#
# | | gru-attention | dv-emotionnet |
# |---|---|---|
# | pre-emphasis | $a$, no value | – |
# | frame length and step | – | "fixed", no value |
# | window | Hamming | – |
# | mel formula | (2.26), HTK's | – |
# | number and height of filters | M, no value | – |
# | logarithm | "log", no base | "logarithm", no base |
# | cosines | (2.27), garbled | named |
# | coefficients | 13 | – |
# | length of a clip | 4096, no unit | – |
#
# So there are many readings. Does it matter? We computed the same 26 numbers of each clip in seven
# readings. Left: how far the mean coefficients 1 to 12 move away from ours, against how far two
# clips of one actor in two emotions are apart. Right: the nearest centroid by actors, trained and
# tested in one reading, and trained in ours but tested in another.

# %%
shape = readings[:, :, 1:13]
moved = np.sqrt(((shape - shape[:, :1]) ** 2).mean(axis=2)).mean(axis=0)
pairs = [
    np.sqrt(np.mean((shape[a, 0] - shape[b, 0]) ** 2))
    for a in range(len(table))
    for b in range(a)
    if actors[a] == actors[b] and labels[a] != labels[b]
]
rows = []
for k, name in enumerate(READINGS):
    kinds = (
        nearest_centroid(readings[:, k], readings[:, k]),
        nearest_centroid(features, readings[:, k]),
    )
    same, mixed = (np.mean([fold["accuracy"] for fold in kind["folds"]]) for kind in kinds)
    rows.append({"reading": name, "moved (dB)": moved[k], "one reading": same, "mixed": mixed})
audited = pd.DataFrame(rows).set_index("reading")

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained", sharey=True)
y = np.arange(len(audited))
axes[0].barh(y, audited["moved (dB)"], color=GREY, edgecolor="w")
axes[0].axvline(np.mean(pairs), color=ORANGE, linestyle="--", label="two emotions of one actor")
axes[0].set(title="How far from ours", xlabel="distance (dB, RMS over coefficients 1 to 12)")
axes[0].set_yticks(y, audited.index)
axes[1].barh(y - 0.2, audited["one reading"], 0.38, color=BLUE, label="one reading throughout")
axes[1].barh(
    y + 0.2, audited["mixed"], 0.38, color=ORANGE, hatch="//", edgecolor="w", label="mixed"
)
axes[1].axvline(commonest, color="k", linestyle=":", label="commonest label")
axes[1].set(title=f"Nearest centroid, {CORPUS}, by actors", xlabel="accuracy")
axes[0].invert_yaxis()
axes[0].legend(fontsize=8)
axes[1].legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)
plots.show(
    figure,
    "Bars by reading: some readings move the coefficients further than two emotions of one actor "
    "are apart; accuracy depends little on the reading and is mostly lower where readings are mixed.",
)
audited.round(3)

# %% [markdown]
# **Proven**: both papers leave most settings open, and some settings move the numbers by more than
# an emotion does. The base of the logarithm is another: natural logarithms are 4.34 times smaller
# than decibels. And without its factor $\sqrt{2/M}$, (2.27) is 4.47 times larger for 40 filters.
# **What our measurement adds**: used throughout, the readings are about equally good here
# (differences of a few points lie within the intervals). Mixed, most lose some points, and no error
# message tells. Whoever feeds a trained model must compute MFCC as its maker did. So a record of a
# system states them all.
#
# The clip length of 4096 has no unit. If it means samples:

# %%
for rate in (48_000, 22_050, 16_000):
    print(f"4096 samples at {rate:6} Hz are {4096 / rate:.2f} s")

# %% [markdown]
# RAVDESS clips last 3 to 5 seconds. **Unknown**: whether 4096 counts samples, after which
# resampling, and from where in the clip. If you know, tell us.
#
# ## What we saw
#
# - Six steps: lift, cut, transform, hear as the ear does, take decibels, keep the outline. Each is
#   librosa's to within 0.005 dB.
# - Twelve numbers tell a stranger's vowel better than 257. Pitch is hidden, not gone.
# - "MFCC" names a family. A figure needs the settings beside it.
#
# **Next**: [notebook 05](05_pictures_of_sound.ipynb) stops one step earlier and makes pictures of
# sound.

# %%
evaluation.record(
    "nearest-centroid-mfcc",
    **summary,
    corpus=CORPUS,
    protocol="actors",
    seeds=[SEED],
    profile=PROFILE,
    parameters={"features": "mean and deviation of 13 MFCC", "rate": RATE, "folds": 5, **SETTINGS},
    command=f"python -m emolib.batch run --notebooks 04 --corpus {CORPUS}",
    results=RESULTS,
)["mean"]
