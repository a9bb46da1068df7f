# ---
# jupyter:
#   emolib:
#     needs: [audio, actors]
# ---

# %% [markdown]
# # Sound features: what does a voice do when it is angry?
#
# **You will** count zero crossings and measure energy; find the pitch of a voice by sliding it over
# itself; catch a pitch tracker at octave errors; find syllables and pauses; and test what two papers
# say about sad and happy voices on 1,440 real clips.
#
# 60 minutes to read, under a minute to run. Papers: dv-emotionnet, equations 9 to 15; low-rank, the
# section about Table 1. Primer: [sound](primer_sound.ipynb).

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
import inspect
from math import isqrt
from pathlib import Path

import librosa
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Audio, display
from plotly.subplots import make_subplots

from emolib import audio, checks, corpora, evaluation, plots
from emolib.evaluation import prosody_by_emotion

RATE = 16_000  # samples a second
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"

# %% [markdown]
# ## One sentence, three ways
#
# Here is one actor with one sentence, spoken as *neutral*, *angry* and *sad*.

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
table = table.dropna(subset=["audio", "emotion", "actor"])
# A puppet's emotion may show in its face alone; here we want what the voice shows.
table["spoken"] = table["voice_shows"] if "voice_shows" in table else table["emotion"]
THREE = ("neutral", "angry", "sad")
said = table[table["spoken"].isin(THREE)].sort_values("intensity", kind="stable")
by_sentence = said.groupby(["actor", "statement"], dropna=False)
one = next(part for _, part in by_sentence if set(part["spoken"]) == set(THREE))
clips = {emotion: one[one["spoken"] == emotion].iloc[0] for emotion in THREE}
sounds = {emotion: corpora.read_audio(row, RATE)[0] for emotion, row in clips.items()}
print(f"{CORPUS}, actor {one['actor'].iloc[0]}:", ", ".join(row["clip"] for row in clips.values()))

# %%
figure, axes = plt.subplots(3, 1, figsize=(9, 5), layout="constrained", sharex=True, sharey=True)
for ax, (emotion, sound) in zip(axes, sounds.items(), strict=True):
    plots.waveform(sound, RATE, ax)
    ax.set(title=emotion, xlabel="")
axes[0].set_xlim(0, max(map(len, sounds.values())) / RATE)
axes[-1].set_xlabel("time (s)")
plots.show(
    figure,
    "Three waveforms of one sentence by one actor, neutral, angry and sad, on the same scales.",
)

# %% [markdown]
# Hear them. All three are made louder by one and the same factor, so what is louder stays louder.

# %%
loudest = max(np.abs(sound).max() for sound in sounds.values())
for emotion, sound in sounds.items():
    print(emotion)
    display(Audio(sound / loudest, rate=RATE, normalize=False))

# %% [markdown]
# **Predict first**: put the three in order, by pitch, by loudness and by speed. At the end of this
# notebook six numbers say what you heard.

# %% tags=["prediction"]
my_prediction = None  # for example {"pitch": ["angry", "neutral", "sad"], "loudness": ..., ...}

# %% [markdown]
# ## Frames
#
# A sentence changes all the time. During a few hundredths of a second it hardly does. So a sound
# is cut into **frames** that overlap, and each frame is described by itself. Ours last 40 ms, and a
# new one begins every 10 ms. (A frame of a *video* is one picture. The field uses the word for
# both.)


# %%
def frame(signal, frame_length, hop_length):
    """Cut a sound into frames; what is left at the end is not used."""
    begins = range(0, len(signal) - frame_length + 1, hop_length)
    return np.stack([signal[begin : begin + frame_length] for begin in begins])


FRAME, HOP = 640, 160  # samples: 40 ms and 10 ms
signal = sounds["neutral"]
frames = frame(signal, FRAME, HOP)
assert np.array_equal(frames, audio.frame(signal, FRAME, HOP))
print(f"{len(signal)} samples become {frames.shape[0]} frames of {frames.shape[1]} samples")

# %% [markdown]
# (The library's `audio.frame` copies nothing: its frames share the memory of what they have in
# common.) Two of these frames go with us from here: the loudest **vowel** of the clip, and its
# sharpest **hiss**.

# %%
middles = np.arange(len(frames)) * HOP + FRAME // 2
f0, strength = audio.autocorrelation_pitch(signal, RATE)
levels = audio.level(signal, RATE)
at = np.minimum(middles // HOP, len(f0) - 1)  # those two have a frame at 0, 10, 20 ms ...
voiced, heard = ~np.isnan(f0[at]), audio.speaking(levels)[at]
vowel_at = np.where(voiced, levels[at], -np.inf).argmax()
hiss_at = np.where(heard, audio.zero_crossing_rate(frames), 0).argmax()
vowel, hiss = frames[vowel_at], frames[hiss_at]

# %%
figure, ax = plt.subplots(figsize=(9, 2.4), layout="constrained")
plots.waveform(signal, RATE, ax)
for k, name, colour, hatch in ((vowel_at, "vowel", ORANGE, "//"), (hiss_at, "hiss", GREEN, "xx")):
    ends = (k * HOP / RATE, (k * HOP + FRAME) / RATE)
    ax.axvspan(*ends, color=colour, alpha=0.4, hatch=hatch, label=name)
ax.legend(loc="upper right")
ax.set_title("Two frames of the neutral clip")
plots.show(ax, "The neutral waveform with two short frames marked, one in a vowel, one in a hiss.")

# %% [markdown]
# ## Zero crossings
#
# The same first 10 ms of both frames, close up. A dot stands where the sound crosses zero.

# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 2.8), layout="constrained")
for ax, name, one_frame in zip(axes, ("vowel", "hiss"), (vowel, hiss), strict=True):
    part = one_frame[:HOP] - one_frame.mean()
    crossed = np.flatnonzero(np.diff(part > 0))
    ax.plot(np.arange(HOP) / RATE * 1000, part, color=BLUE, linewidth=1)
    ax.plot((crossed + 0.5) / RATE * 1000, np.zeros(len(crossed)), "o", color=ORANGE, markersize=4)
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set(title=f"{name}: {len(crossed)} crossings in 10 ms", xlabel="time (ms)")
axes[0].set_ylabel("amplitude (full scale = 1)")
plots.show(figure, "Ten milliseconds of a vowel cross zero a few times, ten of a hiss many times.")

# %% [markdown]
# A vowel swings slowly, a hiss fast. The **zero-crossing rate** counts:
#
# $$Z = \frac{1}{2N} \sum_{n=1}^{N} |\operatorname{sign}(x(n)) - \operatorname{sign}(x(n-1))|
# \qquad (9)$$
#
# The usual sign is +1 or -1. Then each crossing adds 2 to the sum, the factor ½ takes that back, and
# $Z$ is the share of steps that cross. The paper prints a sign of 1 or **0** (10). **Predict
# first**: what does that change?


# %%
def zero_crossing_rate(x, signs=(-1, 1)):
    """Return the share of steps from sample to sample that cross zero, (9)."""
    sign = np.where(x > 0, signs[1], signs[0])
    return np.abs(np.diff(sign)).mean() / 2


for name, x in (("vowel", vowel), ("hiss", hiss)):
    usual, printed = zero_crossing_rate(x), zero_crossing_rate(x, signs=(0, 1))
    print(f"{name:6} with -1 and 1: {usual:.3f}   with 0 and 1: {printed:.3f}", end="   ")
    print(f"ratio {usual / printed:g}")
    assert np.isclose(usual, audio.zero_crossing_rate(x))

# %% [markdown]
# A factor of 2, in every frame. A network does not mind, since each feature is standardised.
# But whoever compares two papers' rates, or sets a threshold, must know which sign was meant.
#
# (A sum of $N$ steps needs $N + 1$ samples. Our frames have $N$ samples, and we divide by their
# $N - 1$ steps.)

# %% [markdown]
# ## Energy
#
# How loud is a frame? The paper prints
#
# $$E = \sqrt{\tfrac{1}{n} \textstyle\sum_{n=1}^{N} x(n^2)}, \qquad \text{meant is} \quad
# E = \sqrt{\tfrac{1}{N} \textstyle\sum_{n=1}^{N} x(n)^2} \qquad (15)$$
#
# The second is the **root mean square** (RMS). Where the square stands matters: $x(n^2)$ is sample
# number 1, 4, 9, 16 … Does the printed sum have a root at all? We try it on all frames.


# %%
def energy(x):
    """Return the root mean square, (15) mended."""
    return np.sqrt(np.mean(x**2, axis=-1))


sums = np.array([x[np.arange(1, isqrt(len(x))) ** 2].sum() for x in frames])
print(f"the printed sum is negative in {np.mean(sums < 0):.0%} of the {len(frames)} frames")
assert np.allclose(energy(frames), audio.energy(frames))

# %% [markdown]
# A negative sum has no real root. So the slip is in print: a program with it would have failed.
#
# Ears do not hear amplitudes but *ratios*. So loudness is written as a **level**, 20 log₁₀ of the
# RMS, in decibels (dB): 0 dB is full scale, each halving of the amplitude is 6 dB less. The
# [primer](primer_sound.ipynb) says more. Both measures along the whole clip:

# %%
figure, axes = plt.subplots(3, 1, figsize=(9, 5.6), layout="constrained", sharex=True)
plots.waveform(signal, RATE, axes[0])
axes[1].plot(middles / RATE, audio.zero_crossing_rate(frames), color=GREEN)
axes[1].set(title="Zero-crossing rate", ylabel="share of steps")
rms = np.maximum(energy(frames - frames.mean(axis=1, keepdims=True)), 1e-5)
axes[2].plot(middles / RATE, 20 * np.log10(rms), color=ORANGE)
axes[2].set(title="Level", ylabel="dB below\nfull scale", xlabel="time (s)")
for ax in axes:
    for k, style in ((vowel_at, "--"), (hiss_at, ":")):
        ax.axvline(middles[k] / RATE, color="k", linestyle=style, linewidth=0.8)
axes[0].set_xlabel("")
plots.show(
    figure,
    "Waveform, zero-crossing rate and level of the neutral clip over time; the vowel, dashed, is "
    "loud with a low rate, the hiss, dotted, has the highest rate.",
)

# %% [markdown]
# Dashed is the vowel, dotted the hiss. In vowels the level is high and the rate low; in hisses it
# is the other way round. Neither curve is enough alone: before and after speech there is faint
# noise, and its rate can be anything.

# %% [markdown]
# ## The lag
#
# Now the pitch. Vocal folds open and close, and each time they do the vowel's waveform begins anew.
# How long is one **period** $T$? Lay a ghost of the frame over the frame and slide it. Where the
# ghost fits, the shift, called **lag**, is a period. Move the slider.
#
# **Predict first**: after the first fit, where is the next one?

# %%
k_vowel = at[vowel_at]
T = round(RATE / f0[k_vowel])
x = vowel - vowel.mean()
R = audio.autocorrelation(x)
LAGS = sorted({*np.linspace(0, 2.5 * T, 46).round().astype(int), T // 2, T, 2 * T})
ms = 1000 / RATE


def moment(lag):
    """Return the traces at one lag: the frame, its ghost, how alike they are."""
    scatter = {"type": "scatter", "mode": "lines"}
    time, below = np.arange(FRAME) * ms, {"xaxis": "x2", "yaxis": "y2"}
    return [
        scatter | {"x": time, "y": x, "name": "frame", "line": {"color": GREY, "width": 3}},
        scatter | {"x": time[: FRAME - lag], "y": x[lag:], "name": "ghost",
                   "line": {"color": ORANGE, "dash": "dash"}},
        scatter | below | {"x": time[: LAGS[-1] + 1], "y": R[: LAGS[-1] + 1],
                           "name": "autocorrelation", "line": {"color": BLUE}},
        scatter | below | {"x": [lag * ms], "y": [R[lag]], "mode": "markers", "name": "this lag",
                           "marker": {"size": 13, "symbol": "diamond", "color": ORANGE}},
    ]  # fmt: skip


# %%
panels = make_subplots(2, 1, vertical_spacing=0.2)
for lag, name in ((T, "T"), (2 * T, "2T")):
    look = {"line_dash": "dot", "annotation_text": name, "exclude_empty_subplots": False}
    panels.add_vline(lag * ms, row=2, col=1, **look)
figure = plots.slider(
    moment,
    LAGS,
    "lag (samples)",
    panels,
    first=LAGS.index(T // 2),
    title="A ghost of the vowel slides over the vowel",
    xaxis={"title": "time (ms)"},
    yaxis={"title": "amplitude"},
    xaxis2={"title": "lag (ms)"},
    yaxis2={"title": "autocorrelation"},
    height=640,
)

# %%
still, axes = plt.subplot_mosaic("abc;ddd", figsize=(11, 5.4), layout="constrained")
time = np.arange(FRAME) * ms
for panel, lag, name in zip("abc", (T // 2, T, 2 * T), ("T / 2", "T", "2 T"), strict=True):
    axes[panel].plot(time, x, color=GREY, linewidth=2.5, label="frame")
    axes[panel].plot(time[: FRAME - lag], x[lag:], "--", color=ORANGE, label="ghost")
    axes[panel].set(title=f"lag {name} = {lag * ms:.1f} ms", xlabel="time (ms)")
    axes["d"].plot(lag * ms, R[lag], "D", color=ORANGE, markersize=9)
    axes["d"].annotate(name, (lag * ms, R[lag]), (8, 4), textcoords="offset points")
axes["a"].set_ylabel("amplitude")
axes["a"].legend(loc="upper right", fontsize=8)
axes["d"].plot(time[: LAGS[-1] + 1], R[: LAGS[-1] + 1], color=BLUE)
axes["d"].set(title="Autocorrelation", xlabel="lag (ms)", ylabel="mean product")
plots.show(
    figure,
    "A ghost slides over a vowel: it fits at a lag of one period T and again at 2T, where the "
    "autocorrelation below has its peaks.",
    still,
)
print(f"T = {T} samples = {T * ms:.2f} ms, so the pitch is {RATE} / {T} = {RATE / T:.0f} Hz")

# %% [markdown]
# At lag 0 the fit is perfect, as always. It fits again at $T$, and at $2T$, and would at $3T$: what
# repeats every period also repeats every two. The lower peaks between come from the vowel, whose
# resonances ring several times within a period. Keep this picture in mind; nearly all that can go
# wrong with pitch is in it.
#
# The lower curve is the **autocorrelation**: multiply frame and ghost sample by sample, and take the
# mean.
#
# $$R[t] = E\{x[n]\, x[n+t]\} \quad (11), \qquad
# \hat R[t] = \frac1S \sum_{s=0}^{S-1-|t|} x[s]\, x[s+|t|] \quad (13)\text{, mended}$$
#
# (11) is what we want to know; its $E\{\}$ is an expected value, not the energy of (15). (13)
# estimates it from $S$ samples (the $N$ of before). The paper's (13) also has a window $W$; ours is
# 1 everywhere, for now.


# %%
def autocorrelation(x, max_lag):
    """Return R[0] to R[max_lag], (13) mended, with no window."""
    return np.array([x[: len(x) - t] @ x[t:] for t in range(max_lag + 1)]) / len(x)


assert np.allclose(autocorrelation(x, 400), R[:401], atol=1e-6)

# %% [markdown]
# The library gets the same numbers from a Fourier transform, many frames at a time.
#
# ## What is printed, and what it would do
#
# | | printed | meant | what is amiss |
# |---|---|---|---|
# | (13) | $\frac1S \sum_{s=0}^{S-\lvert t\rvert} W[s]\, x\, W[s+\lvert t\rvert]$ | $\frac1S \sum_{s=0}^{S-1-\lvert t\rvert} W[s]\,x[s]\, W[s+\lvert t\rvert]\,x[s+\lvert t\rvert]$ | the second $x$; the last term, which is outside the window |
# | (14) | $(1-\frac{\lvert t\rvert}{S})\,\frac{\cos(w S)}{2}$ | $(1-\frac{\lvert t\rvert}{S})\,\frac{\cos(w_0 t)}{2}$ | $\cos(wS)$ is one constant; it holds for a window of ones |
#
# Without a second $x$, (13) adds up the sound instead of comparing it with itself. We compute both
# on the same vowel, beginning at 24 places within one period. **Predict first**: the voice's period
# is the same in all of them. Which of the two sums says so?

# %%
begin, near = vowel_at * HOP, slice(T // 2, 3 * T // 2)
lag_of_peak = {"(13) mended": [], "(13) as printed": []}
for shift in np.linspace(0, T, 24).astype(int):
    y = signal[begin + shift - T // 2 : begin + shift - T // 2 + FRAME]
    y = y - y.mean()
    mended = autocorrelation(y, 2 * T)
    as_printed = np.array([y[: FRAME - t].sum() for t in range(2 * T + 1)]) / FRAME
    lag_of_peak["(13) mended"].append(T // 2 + mended[near].argmax())
    lag_of_peak["(13) as printed"].append(T // 2 + as_printed[near].argmax())

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
left.plot(np.arange(2 * T + 1) * ms, mended / mended.max(), color=BLUE, label="mended")
ends = np.arange(2 * T + 1) * ms, as_printed / np.abs(as_printed).max()
left.plot(*ends, "--", color=ORANGE, label="as printed")
left.set(title="(13) on one frame", xlabel="lag (ms)", ylabel="over its largest value")
left.legend(loc="lower right")
for values, marker, colour in zip(lag_of_peak.values(), "ox", (BLUE, ORANGE), strict=True):
    right.plot(np.array(values) * ms, marker, color=colour)
right.axhline(T * ms, color=GREY, linestyle=":", label="T")
right.set(title="Where it peaks, 24 begins", xlabel="begin within a period", ylabel="lag (ms)")
right.legend()
plots.show(
    figure,
    "The mended sum peaks at the period wherever the frame begins, while the peak of the printed "
    "sum wanders with the begin.",
)
for name, values in lag_of_peak.items():
    print(f"{name:16} peaks between {min(values) * ms:.2f} and {max(values) * ms:.2f} ms")

# %% [markdown]
# The printed sum's peak tells where the frame began. The mended one's tells the period.
#
# (14) says what (13) gives **on average** for a sinusoid. Draw 300 sinusoids with random phases,
# and compare their mean with both forms.

# %%
rng = np.random.default_rng(SEED)
lag, omega = np.arange(FRAME), 2 * np.pi / T
phases = rng.uniform(0, 2 * np.pi, (300, 1))
mean = audio.autocorrelation(np.cos(omega * np.arange(FRAME) + phases)).mean(axis=0)
expected = (1 - lag / FRAME) * np.cos(omega * lag) / 2  # (14) mended
printed = (1 - lag / FRAME) * np.cos(omega * FRAME) / 2
assert np.allclose(expected, audio.expected_autocorrelation(lag, omega, FRAME))

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained", sharex=True)
left.plot(lag[::6] * ms, mean[::6], "o", color=BLUE, markersize=3, label="mean of 300 sinusoids")
left.plot(lag * ms, expected, color=ORANGE, label="(14) mended")
left.plot(lag * ms, printed, ":", color="k", label="(14) as printed")
left.set(title="Sinusoids of the vowel's period", xlabel="lag (ms)", ylabel="autocorrelation")
right.plot(lag * ms, R, color=BLUE, label="the vowel")
right.plot(lag * ms, R[0] * (1 - lag / FRAME), "--", color=ORANGE, label="R[0] (1 - t / S)")
right.set(title="The same slope in the vowel", xlabel="lag (ms)")
left.legend(fontsize=8)
right.legend(fontsize=8)
plots.show(
    figure,
    "The mean autocorrelation of sinusoids follows the mended equation, a cosine that shrinks to "
    "zero; the printed one is a straight line; the vowel's peaks shrink in the same way.",
)

# %% [markdown]
# The cosine shrinks with the lag, since the longer the lag, the fewer products are left, and the sum
# is still divided by $S$. The estimate is **biased**. For pitch that cuts both ways. It makes $2T$
# lower than $T$, which is welcome. But it also makes $T$ lower than any short lag, the more so the
# deeper the voice, so heights cannot be compared. Dividing by $1 - t/S$ takes the bias out.
#
# ## From lag to pitch
#
# "Maximum of the autocorrelation value is used", says the paper. At which lag? Not at 0. So we
# search from the shortest period that a voice can have (600 Hz) to the longest (65 Hz). We take all
# frames, once as they are and once with the bias divided out, and always the **highest** value.


# %%
def likeness(signal, rate, fmin=65, unbiased=True):
    """Return the autocorrelation of frames every 10 ms, over its value at lag 0.

    A frame holds three of the longest periods; its middle is at 0, 10, 20 ... ms.
    """
    longest = int(np.ceil(rate / fmin)) + 1
    frames = audio.frame(signal, 3 * longest, round(0.01 * rate), center=True)
    r = audio.autocorrelation(frames - frames.mean(axis=1, keepdims=True), longest)
    if unbiased:
        r = r / (1 - np.arange(longest + 1) / (3 * longest))
    return r / np.maximum(r[:, :1], 1e-12)


SHORTEST = RATE // 600


def highest(signal, unbiased):
    """Take the highest value as the period; return Hz."""
    r = likeness(signal, RATE, unbiased=unbiased)
    return RATE / (SHORTEST + r[:, SHORTEST:].argmax(axis=1))


# %% [markdown]
# Who knows the true pitch? The puppets do: their voices were built with it. On a recorded voice
# nobody knows. There we ask another tracker, librosa's pYIN, and call it a *reference*, not the
# truth: a difference from it is a disagreement, and either may be wrong.


# %%
def reference(row, sound):
    """Return Hz every 10 ms, 0 where unvoiced: the puppets' truth, otherwise pYIN's opinion."""
    if row["corpus"] == "puppets":
        return corpora.read_truth(row)["f0"]
    found = librosa.pyin(sound, sr=RATE, fmin=65, fmax=600, frame_length=1024, hop_length=HOP)[0]
    return np.nan_to_num(found)


IS = "truth" if CORPUS == "puppets" else "pYIN"
quick = corpora.take(table, PROFILE, SEED)
tested = quick.groupby("actor").sample(1, random_state=SEED).head(20)
heard_in = [corpora.read_audio(row, RATE)[0] for _, row in tested.iterrows()]
known = [reference(row, s) for (_, row), s in zip(tested.iterrows(), heard_in, strict=True)]
print(f"{len(tested)} clips of {tested['actor'].nunique()} actors; the reference is {IS}")

# %%
trackers = {
    "highest": lambda sound: highest(sound, unbiased=False),
    "highest, bias divided out": lambda sound: highest(sound, unbiased=True),
    "first like the highest (library)": lambda sound: audio.autocorrelation_pitch(sound, RATE)[0],
}
found = []
for (_, row), sound, true in zip(tested.iterrows(), heard_in, known, strict=True):
    ours = audio.autocorrelation_pitch(sound, RATE)[0]
    n = min(len(ours), len(true))
    compared = (true[:n] > 0) & ~np.isnan(ours[:n])  # voiced for both, the same for all trackers
    for name, tracker in trackers.items():
        octaves = np.log2(tracker(sound)[:n][compared] / true[:n][compared])
        found.append(pd.DataFrame({"tracker": name, "actor": row["actor"], "octaves": octaves}))
found = pd.concat(found, ignore_index=True)
print(f"{len(found) // 3} voiced frames")

# %% [markdown]
# **Predict first**: what will the errors of "highest" look like? Spread all over, or gathered
# somewhere?

# %%
figure, axes = plt.subplots(1, 3, figsize=(11, 2.8), layout="constrained", sharey=True)
for ax, (name, part) in zip(axes, found.groupby("tracker", sort=False), strict=True):
    ax.hist(part["octaves"], np.linspace(-2.5, 2.5, 61), color="#56B4E9", edgecolor=BLUE)
    for octave in (-1, 1):
        ax.axvline(octave, color=ORANGE, linestyle="--")
    ax.set(title=name, yscale="symlog", xlabel=f"error (octaves from {IS})")
axes[0].set_ylabel("frames")
plots.show(
    figure,
    "Histograms of pitch errors in octaves of three trackers, with lines one octave too low and "
    "too high.",
)


# %%
def share(errors, wrong):
    """Return the share of frames with an error, with its interval over actors."""
    hits = wrong(errors["octaves"])
    low, high = evaluation.confidence_interval(hits.to_numpy(), errors["actor"], seed=SEED)
    return hits.groupby(errors["actor"]).mean().mean(), low, high


WRONG = {
    "too low": lambda octaves: octaves < -0.5,
    "too high": lambda octaves: octaves > 0.5,
    "within 5 %": lambda octaves: octaves.abs() < np.log2(1.05),
}
shares = {
    (name, kind): share(part, wrong)
    for name, part in found.groupby("tracker", sort=False)
    for kind, wrong in WRONG.items()
}
for (name, kind), (middle, low, high) in shares.items():
    print(f"{name:34} {kind:11} {middle:6.1%}  [{low:.1%}, {high:.1%}]")

# %% [markdown]
# "Too low" and "too high" are by more than half an octave. Such errors do not spread evenly. They
# gather where the period is counted double or threefold (1 and 1.6 octaves too low), or where a part
# of it is taken for the whole (too high). All are called **octave errors**. With the bias divided
# out, "highest" falls down in a few percent of frames, because $2T$ is now as good as $T$ and chance
# decides. (An interval of [0, 0] says that no such frame was met, not that there is none.) Here is a
# frame where it went down.

# %%
worst = None
for sound, true in zip(heard_in, known, strict=True):
    r, ours = likeness(sound, RATE), audio.autocorrelation_pitch(sound, RATE)[0]
    n = min(len(r), len(ours), len(true))
    wrong = highest(sound, unbiased=True)[:n] < 0.6 * ours[:n]
    agreed = np.abs(ours[:n] / np.maximum(true[:n], 1) - 1) < 0.05
    for k in np.flatnonzero(wrong & agreed):
        if worst is None or r[k, SHORTEST:].max() > worst[0][SHORTEST:].max():
            worst = r[k], ours[k]
r, right = worst if worst else (likeness(signal, RATE)[k_vowel], f0[k_vowel])

# %%
figure, ax = plt.subplots(figsize=(9, 3), layout="constrained")
lags = np.arange(len(r))
ax.plot(lags * ms, r, color=BLUE)
ax.axvspan(0, SHORTEST * ms, color=GREY, alpha=0.3, hatch="//", label="above 600 Hz: not searched")
top = SHORTEST + r[SHORTEST:].argmax()
ax.axhline(0.9 * r[top], color=GREEN, linestyle="--", label="0.9 of the highest")
ax.plot(top * ms, r[top], "v", color=ORANGE, markersize=10, label=f"highest: {RATE / top:.0f} Hz")
first = round(RATE / right)
ax.plot(first * ms, r[first], "o", color="k", label=f"first like it: {right:.0f} Hz")
ax.set(title="A frame that was heard too low", xlabel="lag (ms)", ylabel="likeness (1 at lag 0)")
ax.legend(fontsize=8, loc="lower right")
plots.show(
    ax,
    "The likeness of one frame over the lag: several peaks of nearly equal height, of which the "
    "highest is not the first.",
)

# %% [markdown]
# A multiple of the period fits as well as the period, never much better. So take the **first** peak
# that is nearly as high as the highest, say 0.9 of it.

# %% [markdown]
# ## Exercise 1 (must): the pitch of one frame
#
# Write it. You get the likeness of one frame. Take the first peak from `shortest` on that reaches
# 0.9 of the highest peak there. If even the highest peak is below 0.5, the frame is **unvoiced**:
# less than half of its power repeats itself, and it has no pitch. **Predict first**: a voice has
# a pitch of 160 Hz. At which lag, in samples, is the peak that you want, at 16,000 samples a
# second?

# %% tags=["prediction"]
my_prediction = None  # a number of samples


# %% tags=["exercise"]
def pitch_of_frame(r, rate, shortest):
    """Return Hz, or np.nan where the frame is unvoiced.

    r: array, the frame's autocorrelation at lags 0, 1, 2 ..., bias divided out, over its value at
    lag 0. rate: samples a second. shortest: the shortest lag that may be a period, in samples.
    """
    return ...


# %% tags=["solution"]
def pitch_of_frame(r, rate, shortest):
    """Return Hz, or np.nan where the frame is unvoiced."""
    peak = (r[1:-1] >= r[:-2]) & (r[1:-1] > r[2:])
    lags = 1 + np.flatnonzero(peak)
    lags = lags[lags >= shortest]
    if not len(lags) or r[lags].max() < 0.5:
        return np.nan
    first = np.argmax(r[lags] >= 0.9 * r[lags].max())
    return rate / lags[first]


# %% tags=["check"]
passed = checks.pitch_of_frame(pitch_of_frame)
# %% [markdown]
# If your function passed, the next figure shows it beside the library's. **To think about**: a
# voice an octave up, 320 Hz. What would the factor 0.9 have to be for your function to hear it too
# high?

# %% [markdown]
# ## A pitch track
#
# The library adds three things: a Hann window (the [primer](primer_sound.ipynb) says why), whose
# own autocorrelation then takes the place of $1 - t/S$; a parabola through the peak, for lags
# between samples; and it drops a "pitch" that leaps or is gone within 50 ms. The heart of it:

# %%
library = inspect.getmodule(audio.autocorrelation_pitch)
print(inspect.getsource(library._likeness))
print(inspect.getsource(library._first_peak))

# %%
sound, true = heard_in[0], known[0]
rows = {"highest, bias divided out": highest(sound, unbiased=True)}
if passed:
    rows["yours"] = np.array([pitch_of_frame(r, RATE, SHORTEST) for r in likeness(sound, RATE)])
rows["the library's"] = audio.autocorrelation_pitch(sound, RATE)[0]
figure, axes = plt.subplots(
    len(rows), 1, figsize=(9, 2.4 * len(rows)), layout="constrained", sharex=True, sharey=True
)
for ax, (name, track) in zip(axes, rows.items(), strict=True):
    n = min(len(track), len(true))
    plots.pitch_track(track[:n], HOP / RATE, true[:n], ax)
    ax.get_legend().get_texts()[0].set_text(IS)
    ax.set(title=name, xlabel="")
axes[-1].set(xlabel="time (s)", ylim=(50, 650))
plots.show(
    figure,
    "Pitch tracks of one clip over the reference: taking the highest value gives pitches where "
    "there is no voice and leaps, the library's track follows the reference.",
)

# %% [markdown]
# "Highest" finds a pitch in silence and in hisses as well: there is always *some* highest value. So
# a tracker needs a second answer, **voiced or unvoiced**. Ours looks at the height of the peak.
# Here it is for all frames of all tested clips that are loud enough to be heard, by what the
# reference says.

# %%
heights, is_voiced = [], []
for sound, true in zip(heard_in, known, strict=True):
    height, loud = audio.autocorrelation_pitch(sound, RATE)[1], audio.level(sound, RATE)
    n = min(len(height), len(true), len(loud))
    use = audio.speaking(loud[:n])
    heights.append(height[:n][use])
    is_voiced.append(true[:n][use] > 0)
heights, is_voiced = np.concatenate(heights), np.concatenate(is_voiced)

# %%
figure, ax = plt.subplots(figsize=(8, 3), layout="constrained")
bins = np.linspace(0, 1.05, 43)
ax.hist(heights[is_voiced], bins, color="#56B4E9", alpha=0.7, label=f"voiced ({IS})")
ax.hist(
    heights[~is_voiced], bins, histtype="step", color=ORANGE, hatch="//", label=f"unvoiced ({IS})"
)
ax.axvline(0.5, color="k", linestyle="--", label="our border")
ax.set(title="Height of the peak", xlabel="share of power that repeats", ylabel="frames")
ax.legend()
plots.show(
    ax,
    "Histograms of the peak's height: most voiced frames lie near one, unvoiced ones spread below, "
    "and some of each lie on the wrong side of one half.",
)
found_voiced = (heights >= 0.5)[is_voiced].mean()
false_voiced = (heights >= 0.5)[~is_voiced].mean()
print(f"of voiced frames {found_voiced:.0%} reach 0.5, of unvoiced ones {false_voiced:.0%}")

# %% [markdown]
# No border parts them cleanly. Frames are longer than some sounds, so a frame may be half vowel and
# half hiss; and *z* or *v* are voice and hiss at once.

# %% [markdown]
# ## Speech rate and pauses
#
# How fast does somebody speak? Without knowing the words, count **syllables**: each has a voiced
# peak of level, and between two of them the level dips. What is quiet for long enough between two
# sounds is a **pause**. The library measures both, with pitch and level, for whole tables. Here is
# the clip with the largest share of pauses.

# %%
CACHE = Path("build/cache/prosody")
measures = audio.prosody_table(quick, cache=CACHE)
print(f"{(measures['pause_share'] > 0).sum()} of {len(quick)} clips have a pause")
sound = corpora.read_audio(quick.loc[measures["pause_share"].idxmax()], RATE)[0]
levels = audio.level(sound, RATE)
nuclei, gaps = audio.syllable_nuclei(sound, RATE), audio.pauses(sound, RATE)
figure, ax = plt.subplots(figsize=(9, 3), layout="constrained")
ax.plot(np.arange(len(levels)) * HOP / RATE, levels, color=BLUE, label="level")
at_nuclei = levels[(nuclei * RATE / HOP).round().astype(int)]
ax.plot(nuclei, at_nuclei, "v", color=ORANGE, markersize=8, label="syllable")
border = levels[audio.speaking(levels)].min()
ax.axhline(border, color=GREY, linestyle=":", label="border of silence")
for k, (begin, end) in enumerate(gaps):
    name = None if k else "pause"
    ax.axvspan(begin, end, color=GREEN, alpha=0.3, hatch="//", label=name)
ax.set(title="Syllables and pauses", xlabel="time (s)", ylabel="level (dB)")
ax.legend(fontsize=8, ncols=4, loc="lower center")
plots.show(ax, "Level over time with a mark at each syllable that was found, and pauses shaded.")
print(f"{len(nuclei)} syllables, {audio.speech_rate(sound, RATE):.1f} a second;", end=" ")
print(f"pauses: {len(gaps)}, {np.diff(gaps).sum():.2f} s")

# %% [markdown]
# Count the syllables yourself, if you know the sentence: the machine misses unstressed ones that run
# into their neighbour. It is a measure of speed, not a transcript. And look before you believe a
# pause: a breath, a click or mere noise after the last word turns the silence before it into one.
# (On the puppets the pause above is of this kind: after it nobody speaks.)
#
# A gap is not yet a pause. For *t* and *k* the mouth closes and nothing is heard for up to a
# seventh of a second. Only gaps of 0.15 s and more count. The silence before the first and after the
# last sound belongs to the recording, not to the speaker.

# %% [markdown]
# ## Exercise 2 (may): how long are the pauses?
#
# **Predict first**: a clip is silent for 2 s of its 4. Somebody says its pauses add up to 0.3 s. Can
# that be right?

# %% tags=["prediction"]
my_prediction = None  # "yes" or "no"


# %% tags=["exercise"]
def pause_seconds(heard, step):
    """Return the length of all pauses together, in seconds.

    heard: array of bool, whether something is heard in each frame. step: seconds from frame to
    frame. A pause lies between two sounds and lasts 0.15 s or more.
    """
    return ...


# %% tags=["solution"]
def pause_seconds(heard, step):
    """Return the length of all pauses together, in seconds."""
    silent = np.diff(np.flatnonzero(heard)) - 1  # frames between one sound and the next
    return silent[silent * step >= 0.15].sum() * step


# %% tags=["check"]
passed = checks.pause_seconds(pause_seconds)
# %% [markdown]
# ## Six numbers a clip
#
# How a clip is spoken, apart from its words, is called **prosody**. The library puts what we have
# met into six numbers. Pitch is in semitones above 100 Hz, since ears hear ratios of pitch, too: 12
# semitones are an octave. Here are the three clips of the beginning. Were your predictions right?

# %%
UNITS = {
    "f0_median": "pitch (semitones above 100 Hz)",
    "f0_range": "range of pitch (semitones)",
    "level": "level (dB)",
    "speech_rate": "syllables a second",
    "pause_share": "share of pauses",
    "zero_crossings": "zero crossings a second",
}
numbers = {emotion: audio.prosody(sound, RATE) for emotion, sound in sounds.items()}
pd.DataFrame(numbers, index=[UNITS[name] for name in audio.PROSODY]).round(2)

# %% [markdown]
# Three clips prove nothing. And a deep voice is deep when happy, too. So from each clip's number we
# subtract the mean of **the same actor's neutral clips**: the *change* from neutral. Each actor then
# has one vote, and the interval is over actors.


# %%
def draw_changes(tables, title):
    """Draw the change from neutral by emotion, a panel a measure, a marker a table."""
    figure, axes = plt.subplots(1, 4, figsize=(12.5, 3.8), layout="constrained", sharey=True)
    looks = zip(tables.items(), ("o", "s"), (BLUE, ORANGE), (-0.12, 0.12), strict=False)
    for (name, means), marker, colour, shift in looks:
        for ax, measure in zip(axes, audio.PROSODY, strict=False):
            part = means[(means["measure"] == measure) & means["change"].notna()]
            y = np.array([corpora.EMOTIONS.index(emotion) for emotion in part["emotion"]]) + shift
            ends = (part["change"] - part["change_low"], part["change_high"] - part["change"])
            style = {"fmt": marker, "color": colour, "markersize": 5, "label": name}
            ax.errorbar(part["change"], y, xerr=np.maximum(ends, 0), **style)
            ax.set_xlabel(UNITS[measure].replace(" above 100 Hz", ""))
    for ax in axes:
        ax.axvline(0, color=GREY, linestyle="--", linewidth=0.8)
    axes[0].set_yticks(range(1, len(corpora.EMOTIONS)), corpora.EMOTIONS[1:])
    axes[0].invert_yaxis()
    figure.suptitle(title)
    if len(tables) > 1:
        axes[-1].legend(fontsize=8)
    return figure


# %%
here = evaluation.prosody_by_emotion.means_by_emotion(
    measures, quick["spoken"], quick["actor"], seed=SEED
)
n_actors = quick["actor"].nunique()
plots.show(
    draw_changes(
        {CORPUS: here}, f"{CORPUS}: change from neutral, {len(quick)} clips, {n_actors} actors"
    ),
    f"Change from the actor's own neutral by emotion on {CORPUS}, in pitch, range of pitch, level "
    "and syllables a second, with intervals over actors.",
)

# %% [markdown]
# On the puppets this figure says nothing about people. We gave their voices these very changes, with
# scatter, and find what we put in. It tests the *measures*. For people we need people.
#
# ## Real voices, and what two papers say
#
# RAVDESS has 1,440 spoken clips of 24 actors. Each emotion but neutral was acted twice, at normal
# and at strong intensity. Squares are all clips; circles only those of normal intensity, which is
# the fair comparison, since neutral has no strong clips. One command makes the record that we read:
#
# ```
# python -m emolib.evaluation.prosody_by_emotion --corpus ravdess --data-dir DATA_DIR
# ```
#
# With `PROFILE = "full"` and the corpus in `DATA_DIR/ravdess` the next cell does it here.
#
# **Predict first**: a sad voice is deeper than the same actor's neutral one. True?

# %% tags=["prediction"]
my_prediction = None  # "true" or "false"

# %%
(prosody,) = evaluation.stored_records("prosody", "ravdess")
if PROFILE != "quick" and DATA_DIR and (Path(DATA_DIR) / "ravdess").is_dir():
    to = RESULTS or "build/results"
    prosody_by_emotion.main(["--corpus", "ravdess", "--data-dir", DATA_DIR, "--results", to])
    fresh = evaluation.read_records(to)
    (prosody,) = [r for r in fresh if (r["system"], r["corpus"]) == ("prosody", "ravdess")]
    print("computed just now")
else:
    print("from the stored record")


def stored_changes(suffix):
    """Return a record's changes as the table that ``draw_changes`` takes."""
    rows = []
    for measure in audio.PROSODY:
        for emotion in corpora.EMOTIONS[1:]:
            name = f"{measure}_{emotion}_change{suffix}"
            rows.append((measure, emotion, prosody["mean"][name], *prosody["interval"][name]))
    return pd.DataFrame(rows, columns=["measure", "emotion", "change", "change_low", "change_high"])


# %%
real = {"normal intensity": stored_changes("_normal"), "all clips": stored_changes("")}
plots.show(
    draw_changes(
        real,
        f"Real RAVDESS speech: change from the actor's own neutral, {prosody['n_actors']} actors, "
        "95 % intervals over actors",
    ),
    "On real RAVDESS angry, fearful, happy and surprised voices are higher and louder than the same "
    "actors' neutral ones, calm ones are lower and softer, and sad ones of normal intensity have "
    "the same pitch, a smaller range, and are slower.",
)

# %% [markdown]
# Now the claims. The dv-emotionnet paper (sections Pitch and Energy) gives sadness a "lower standard
# deviation" of pitch and "lower talk and pitch rates", happiness "higher talk and pitch rates", and
# "exciting emotions", its examples are pain and happiness, "more energy" than sadness. The low-rank
# paper (above its Table 1) gives "high energy" to "strong emotions like anger or happiness". Neither
# says compared with what; we take neutral. We read "pitch rate" as height of pitch, and for the
# standard deviation we have the range from the 10th to the 90th percentile.

# %%
CLAIMS = [
    ("sad: smaller range of pitch", "f0_range", "sad", -1),
    ("sad: lower pitch", "f0_median", "sad", -1),
    ("sad: slower", "speech_rate", "sad", -1),
    ("happy: higher pitch", "f0_median", "happy", 1),
    ("happy: faster", "speech_rate", "happy", 1),
    ("happy: louder", "level", "happy", 1),
    ("angry: louder", "level", "angry", 1),
]


def verdict(measure, emotion, sign, suffix):
    """Say in words what an interval says about a claim."""
    name = f"{measure}_{emotion}_change{suffix}"
    low, high = prosody["interval"][name]
    says = "yes" if sign * low > 0 and sign * high > 0 else "not shown"
    if sign * low < 0 and sign * high < 0:
        says = "the opposite"
    return f"{prosody['mean'][name]:+.2f} [{low:.2f}, {high:.2f}]: {says}"


for which, suffix in (("normal intensity", "_normal"), ("all clips", "")):
    print(f"{which}, change from neutral")
    for claim, *rest in CLAIMS:
        print(f"  {claim:28} {verdict(*rest, suffix)}")

# %%
for suffix, which in (("_normal", "normal intensity"), ("", "all clips")):
    quietest_happy = prosody["interval"][f"level_happy_change{suffix}"][0]
    loudest_sad = prosody["interval"][f"level_sad_change{suffix}"][1]
    print(f"{which}: happy from {quietest_happy:+.1f} dB up, sad up to {loudest_sad:+.1f} dB")

# %% [markdown]
# - **Happy** is as they say: higher, faster, louder, at normal intensity and over all clips.
# - **Angry** is loud, louder than any other emotion here.
# - **Sad** is slower, and softer than happy. At normal intensity its pitch ranges less. But it is
#   **not shown to be lower**: at normal intensity about as high as neutral, and over all clips some
#   three semitones *higher*. Over all clips the smaller range is gone, too, and sad is even a little
#   louder than neutral.
#
# A likely reason is that strong sadness is acted as crying. Then "sad" is at least two voices, one
# that gives up and one that cries, and a rule that fits the one fails on the other. The papers cite
# others for their sentences, and those may have studied another sadness. Our answer is about 24
# actors who were asked to act two sentences in one kind of English.
#
# The low-rank paper also says that "high or low pitch variations" go with excitement or sadness. As
# a claim about variation it is the first line above; as one about height it is the second. And it
# gives long pauses to "hesitation or uncertainty". Nobody in RAVDESS was asked to hesitate, so
# RAVDESS cannot say.

# %% [markdown]
# ## Protocol audit
#
# What would the printed (13) and (14) have given? The peak of (13) as printed, on the vowel above,
# and (14) as printed, for this vowel's frequency:

# %%
peaks = RATE / np.array(lag_of_peak["(13) as printed"])
print(f"(13) as printed: from {peaks.min():.0f} to {peaks.max():.0f} Hz, by where a frame begins;")
print(f"the mended sum:  {RATE / T:.0f} Hz")
print(f"(14) as printed: {np.cos(omega * FRAME) / 2:+.2f} (1 - t / S), with no peak but an end")

# %% [markdown]
# **Proven**: the printed forms of (13), (14) and (15) measure neither pitch nor loudness.
# **Inferred**: these are slips in typing; a program with them would not have worked, and librosa's
# functions have the right ones. **Unknown**: which of the network's 162 inputs is the pitch, if
# any. The abstract names energy, zero-crossing rate and MFCC.

# %% [markdown]
# ## What we saw
#
# - Zero crossings tell hiss from vowel, energy loud from soft; the sign's convention is a factor 2.
# - Pitch is the first lag at which a voice is like itself. Two periods fit as well as one, and a
#   frame may have no pitch at all.
# - On real voices anger is loud and happiness high and fast. Sadness is slower, and not shown to be
#   lower.
#
# **Next**: [notebook 04](04_mfcc.ipynb) (MFCC), the shape of the spectrum instead of its pitch.

# %%
names = {"highest": "highest", "highest, bias divided out": "unbiased"}
names |= {"first like the highest (library)": "library"}
kinds = {"too low": "too_low", "too high": "too_high", "within 5 %": "within_5_percent"}
figures = {f"{names[n]}_{kinds[k]}": values for (n, k), values in shares.items()}
evaluation.record(
    "pitch",
    [
        {name: values[0] for name, values in figures.items()}
        | {"voiced_found": found_voiced, "unvoiced_taken_for_voiced": false_voiced}
    ],
    interval={name: values[1:] for name, values in figures.items()},
    corpus=CORPUS,
    protocol="none",
    seeds=[SEED],
    n_actors=tested["actor"].nunique(),
    profile=PROFILE,
    parameters={"reference": IS, "clips": len(tested), "frames": len(found) // 3},
    command=f"python -m emolib.batch run --notebooks 03 --corpus {CORPUS} --profile {PROFILE} "
    "--data-dir DATA_DIR",
    results=RESULTS,
)["mean"]
