# ---
# jupyter:
#   emolib:
#     needs: []
# ---

# %% [markdown]
# # Primer: how sound becomes numbers, and numbers a picture
#
# **You will** hear a tone come out wrong because it was sampled too slowly; reckon in decibels; take
# a Fourier transform by hand; see why a frame needs a window; and trade time for frequency on a
# spectrogram.
#
# 25 minutes to read, under a minute to run. What the sound features of dv-emotionnet,
# multi-input-cnn and gru-attention are built on. No corpus and no other primer needed.

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
import librosa
import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
from IPython.display import Audio, display
from scipy.signal.windows import hann

from emolib import checks, corpora, evaluation, plots

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"
rng = np.random.default_rng(SEED)

# %% [markdown]
# ## Five questions first
#
# If you can answer these, skip this primer. Each belongs to one section below.
#
# 1. A tone of 5,000 Hz is sampled 8,000 times a second, with no filter. Played back, one hears
#    **a** 5,000 Hz, **b** 3,000 Hz, **c** nothing, **d** 1,000 Hz.
# 2. The amplitude of a sound is doubled. Its level rises by about **a** 2 dB, **b** 3 dB,
#    **c** 6 dB, **d** 20 dB.
# 3. The Fourier transform of 1,000 samples, 16,000 a second, gives the strength at frequencies that
#    lie **a** 1 Hz, **b** 8 Hz, **c** 62.5 Hz, **d** 16 Hz apart.
# 4. The frequency of a tone lies between two of these. Without a window, its spectrum has
#    **a** nothing, **b** one value above zero, **c** values above zero everywhere, **d** two equal
#    values and zeros.
# 5. The window of a spectrogram is made four times longer. The picture becomes **a** finer in
#    frequency and coarser in time, **b** finer in both, **c** coarser in frequency and finer in
#    time, **d** brighter.

# %% tags=["exercise"]
my_answers = [..., ..., ..., ..., ...]  # five letters, such as "a"

# %% tags=["solution"]
my_answers = ["b", "c", "d", "c", "a"]

# %% tags=["check"]
may_skip = checks.quiz("sound", my_answers)

# %% [markdown]
# ## Sampling and aliasing
#
# A microphone gives a curve, a computer keeps **samples** of it: its height at equal steps of time.
# The number of samples a second is the **rate**. Here are a tone of 1,000 Hz and one of 5,000 Hz,
# both sampled 8,000 times a second. **Predict first**: what does somebody hear who has only the
# dots on the right?

# %%
SLOW = 8_000  # samples a second
n, fine = np.arange(17), np.linspace(0, 16, 2000)
figure, axes = plt.subplots(1, 2, figsize=(11, 2.8), layout="constrained", sharey=True)
for ax, hz in zip(axes, (1000, 5000), strict=True):
    ax.plot(fine / SLOW * 1000, np.cos(2 * np.pi * hz * fine / SLOW), color=GREY, label="the tone")
    ax.plot(n / SLOW * 1000, np.cos(2 * np.pi * hz * n / SLOW), "o", color=BLUE, label="samples")
    ax.set(title=f"{hz} Hz, {SLOW} samples a second", xlabel="time (ms)")
axes[1].plot(
    fine / SLOW * 1000, np.cos(2 * np.pi * 3000 * fine / SLOW), "--", color=ORANGE, label="3000 Hz"
)
axes[0].set_ylabel("amplitude")
figure.legend(*axes[1].get_legend_handles_labels(), loc="outside right center")
plots.show(
    figure,
    "Samples of a 1,000 hertz tone follow it closely; those of a 5,000 hertz tone lie on a tone of "
    "3,000 hertz as well.",
)
samples = np.cos(2 * np.pi * 5000 * np.arange(SLOW) / SLOW)
assert np.allclose(samples, np.cos(2 * np.pi * 3000 * np.arange(SLOW) / SLOW))

# %% [markdown]
# 3,000 Hz. The dots are the same, so nothing in the computer can tell the two apart. Half the rate
# is the **Nyquist frequency**. What lies above it is folded down, as far below half the rate as it
# was above. The wrong tone is called an **alias**.
#
# Hear it. A tone glides from 300 up to 7,700 Hz. First at 32,000 samples a second. Then we keep
# every fourth sample and nothing else. Last we do what one should: take out first what lies above
# the new Nyquist frequency, and then keep every fourth sample. **Predict first**: how will the
# second one end?

# %%
FAST, SECONDS = 32_000, 2.0
time = np.arange(round(FAST * SECONDS)) / FAST
glide = 0.3 * np.sin(2 * np.pi * (300 * time + (7700 - 300) / (2 * SECONDS) * time**2))
glides = {
    "32,000 samples a second": (glide, FAST),
    "every fourth sample": (glide[::4], SLOW),
    "filtered, then every fourth": (librosa.resample(glide, orig_sr=FAST, target_sr=SLOW), SLOW),
}
for name, (sound, rate) in glides.items():
    print(name)
    display(Audio(sound, rate=rate, normalize=False))

# %%
figure, axes = plt.subplots(1, 3, figsize=(13, 3), layout="constrained")
for ax, (name, (sound, rate)) in zip(axes, glides.items(), strict=True):
    plots.spectrogram(sound, rate, ax)
    ax.set(title=name, ylim=(0, 8))
plots.show(
    figure,
    "Frequency over time of a rising glide: it rises to 7.7 kilohertz at the fast rate, folds down "
    "at 4 kilohertz when every fourth sample is kept, and stops there when it was filtered.",
)

# %% [markdown]
# So a rate is a promise: nothing above half of it. `librosa.resample` and `corpora.read_audio(row,
# rate)` filter before they drop samples; `signal[::4]` does not. At 16,000 samples a second, the
# rate of most of this course, voices keep all up to 8,000 Hz.

# %% [markdown]
# ## Exercise 1 (must): which tone is heard?
#
# Write the alias of any tone, also far above the rate. **Predict first**: what is heard of 8,000 Hz
# at 8,000 samples a second?

# %% tags=["prediction"]
my_prediction = None  # Hz


# %% tags=["exercise"]
def alias(hz, rate):
    """Return the frequency, from 0 to rate / 2, that the samples of a tone of hz sound like."""
    return ...


# %% tags=["solution"]
def alias(hz, rate):
    """Return the frequency, from 0 to rate / 2, that the samples of a tone of hz sound like."""
    within = hz % rate
    return min(within, rate - within)


# %% tags=["check"]
passed = checks.alias(alias)
# %% [markdown]
# **To think about**: in a film, the wheels of a coach turn slowly backwards. What is the rate, what
# is the alias?

# %% [markdown]
# ## Decibels
#
# The loudest sound that ears bear has a million times the amplitude of the faintest they hear. And
# ears judge by *ratios*: each doubling sounds like one more step. So loudness is told by a
# logarithm, the **level** in decibels:
#
# $$L = 20 \log_{10} \frac{A}{A_0} = 10 \log_{10} \frac{P}{P_0}$$
#
# with amplitude $A$, or power $P = A^2$. In this course the reference is full scale, amplitude 1, so
# levels are negative. Two numbers carry you far: **twice the amplitude is 6 dB, ten times is
# 20 dB**.

# %%
ratio = np.geomspace(1e-3, 1, 200)
steps = np.array([1, 0.5, 0.25, 0.1, 0.01, 0.001])
figure, axes = plt.subplots(1, 2, figsize=(10, 3), layout="constrained", sharey=True)
for ax, scale in zip(axes, ("linear", "log"), strict=True):
    ax.plot(ratio, 20 * np.log10(ratio), color=BLUE)
    ax.plot(steps, 20 * np.log10(steps), "o", color=ORANGE)
    ax.set(xscale=scale, xlabel="amplitude (full scale = 1)", title=f"{scale} axis")
    ax.grid(alpha=0.4)
axes[0].set_ylabel("level (dB)")
plots.show(
    figure,
    "Level over amplitude: on a linear axis a steep curve near zero, on a logarithmic axis a "
    "straight line from minus 60 decibels to 0.",
)

# %% [markdown]
# Hear five bursts of hiss, each 6 dB below the one before. Do the steps sound equal?

# %%
bursts = [10 ** (-6 * k / 20) * rng.uniform(-0.5, 0.5, 6000) for k in range(5)]
pause = np.zeros(3000)
display(Audio(np.concatenate([np.r_[b, pause] for b in bursts]), rate=16_000, normalize=False))

# %% [markdown]
# What do two sounds of equal level give together? **Predict first**: +3 dB, +6 dB, or twice the dB?


# %%
def level(x):
    """Return dB below full scale, of the root mean square."""
    return 20 * np.log10(np.sqrt(np.mean(x**2)))


hiss, other = rng.normal(0, 0.05, (2, 48_000))
print(f"one hiss {level(hiss):.1f} dB, another one {level(other):.1f} dB")
print(f"both together        {level(hiss + other):.1f} dB")
print(f"one and its own copy {level(hiss + hiss):.1f} dB")

# %% [markdown]
# Sounds that know nothing of each other add their **powers**: +3 dB. Equal ones add their
# **amplitudes**: +6 dB.

# %% [markdown]
# ## The Fourier transform
#
# Here are 64 samples of a sum of tones. Which tones are in it? One cannot see it.

# %%
N = 64
n = np.arange(N)
x = np.cos(2 * np.pi * 3 * n / N) + 0.5 * np.sin(2 * np.pi * 8 * n / N)
x += 0.25 * np.cos(2 * np.pi * 13 * n / N + 1)
figure, ax = plt.subplots(figsize=(8, 2.4), layout="constrained")
ax.plot(n, x, "o-", color=BLUE, markersize=3)
ax.set(title="A sum of tones", xlabel="sample n", ylabel="x[n]")
plots.show(ax, "Sixty-four samples of a wave with several bumps.")

# %% [markdown]
# Ask one question at a time: **how much of a tone that swings $k$ times is in it?** Multiply sample by
# sample with such a tone and add up. If both swing together, the products are mostly positive and
# the sum is large. If not, they cancel. **Predict first**: which of 3 and 5 gives zero?

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 2.8), layout="constrained", sharey=True)
for ax, k in zip(axes, (3, 5), strict=True):
    asked = np.cos(2 * np.pi * k * n / N)
    ax.plot(n, asked, "--", color=ORANGE, label=f"{k} swings")
    ax.fill_between(n, x * asked, color=BLUE, alpha=0.5, label="product with x", step="mid")
    ax.set(title=f"{k} swings: the products add up to {abs(x @ asked):.1f}", xlabel="sample n")
    ax.legend(fontsize=8)
plots.show(
    figure,
    "Products of the wave with tones of three and five swings: mostly positive for three, positive "
    "and negative alike for five.",
)

# %% [markdown]
# A tone may begin anywhere in its swing, so we ask with a cosine *and* a sine. Both fit into one
# complex number, and this is the **discrete Fourier transform**:
#
# $$X[k] = \sum_{n=0}^{N-1} x[n] \left(\cos \tfrac{2\pi k n}{N} - i \sin \tfrac{2\pi k n}{N}\right)
# = \sum_{n=0}^{N-1} x[n]\, e^{-2\pi i k n / N}$$
#
# It is $N$ dot products. By hand, in two lines:


# %%
def fourier(x):
    """Return X[0] to X[N / 2], by dot products."""
    n = np.arange(len(x))
    return np.array([x @ np.exp(-2j * np.pi * k * n / len(x)) for k in range(len(x) // 2 + 1)])


X = fourier(x)
fft_difference = np.abs(X - np.fft.rfft(x)).max()
print(f"largest difference from np.fft.rfft: {fft_difference:.0e}")
assert fft_difference < 1e-9

# %%
figure, ax = plt.subplots(figsize=(8, 2.6), layout="constrained")
ax.stem(np.arange(N // 2 + 1), 2 * np.abs(X) / N, linefmt=BLUE, markerfmt="o", basefmt=" ")
ax.set(title="How much of each tone", xlabel="k (swings in 64 samples)", ylabel="amplitude")
plots.show(
    ax, "A spectrum with stems of height 1 at 3, 0.5 at 8 and 0.25 at 13, and zero elsewhere."
)

# %% [markdown]
# There they are: 3, 8 and 13 swings, with their amplitudes ($2|X|/N$). The **fast** Fourier
# transform (FFT) is the same sum, cleverly ordered: for 1,024 samples a hundred times fewer steps.
#
# In hertz, $k$ swings in $N$ samples are $k \cdot \text{rate} / N$. So the frequencies lie
# $\text{rate} / N$ apart, one over the frame's length in seconds. **Only a longer frame parts closer
# tones.**

# %% [markdown]
# ## Exercise 2 (may): the strength of one tone
#
# Write the amplitude of one tone, asked for in hertz. **Predict first**: in 400 samples, 16,000 a
# second, how many times does a tone of 200 Hz swing?

# %% tags=["prediction"]
my_prediction = None  # a number


# %% tags=["exercise"]
def amplitude_at(x, hz, rate):
    """Return the amplitude of the tone of hz in x.

    x: array, a sum of tones that all fit the frame, rate samples a second. hz: above 0 and below
    rate / 2.
    """
    return ...


# %% tags=["solution"]
def amplitude_at(x, hz, rate):
    """Return the amplitude of the tone of hz in x."""
    n = np.arange(len(x))
    return 2 * np.abs(x @ np.exp(-2j * np.pi * hz * n / rate)) / len(x)


# %% tags=["check"]
passed = checks.amplitude_at(amplitude_at)
# %% [markdown]
# **To think about**: at 0 Hz and at half the rate the factor is 1, not 2. Why?

# %% [markdown]
# ## Windows
#
# Those tones fitted the frame exactly. A voice does not care about our frames. Left: a tone of 8
# swings, and one of 8.5, where a frame ends and the same begins again, as the transform sees it. Right:
# their spectra, in dB. **Predict first**: where will the tone of 8.5 swings show?

# %%
N = 128
n = np.arange(N)
fits, between = np.cos(2 * np.pi * 8 * n / N), np.cos(2 * np.pi * 8.5 * n / N)
window = hann(N, sym=False)


def spectrum(x, window=1.0):
    """Return the level at each frequency, 0 dB for a tone of amplitude 1 that fits the frame."""
    weight = np.sum(window * np.ones(len(x)))
    return 20 * np.log10(2 * np.abs(np.fft.rfft(x * window)) / weight + 1e-6)


# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3), layout="constrained")
left.plot(np.tile(fits, 2) + 1.5, color=BLUE, label="8 swings")
left.plot(np.tile(between, 2) - 1.5, color=ORANGE, label="8.5 swings")
left.axvline(N - 0.5, color="k", linestyle=":", linewidth=1)
left.set(title="Where the frame is repeated", xlabel="sample", ylabel="amplitude (shifted)")
left.set_xlim(0.6 * N, 1.4 * N)
left.legend(loc="upper right", fontsize=8)
right.plot(spectrum(fits), "o-", color=BLUE, markersize=3, label="8 swings")
right.plot(spectrum(between), "s--", color=ORANGE, markersize=3, label="8.5 swings")
right.plot(spectrum(between, window), "^:", color=GREEN, markersize=3, label="8.5, Hann window")
right.set(title="Spectra", xlabel="k (swings in the frame)", ylabel="level (dB)", ylim=(-130, 5))
right.legend(fontsize=8)
plots.show(
    figure,
    "A tone that does not fit the frame jumps where the frame is repeated; its spectrum is spread "
    "over all frequencies, and a Hann window makes it fall off quickly.",
)

# %% [markdown]
# The tone of 8.5 swings shows **everywhere**: this is **leakage**. Its frame ends at another height
# than it began, and a jump needs all frequencies. The remedy is to fade each frame in and out. The
# **Hann window** is one raised swing of a cosine, 0 at both ends. It brings the far leakage down by
# tens of decibels. The price: the peak is twice as wide.
#
# Why it matters: speech holds faint and loud parts at once. Here a second tone, 45 dB fainter.

# %%
both = between + 10 ** (-45 / 20) * np.cos(2 * np.pi * 30 * n / N)
figure, ax = plt.subplots(figsize=(8, 3), layout="constrained")
ax.plot(spectrum(both), "s--", color=ORANGE, markersize=3, label="no window")
ax.plot(spectrum(both, window), "^:", color=GREEN, markersize=3, label="Hann window")
ax.axvline(30, color=GREY, linestyle="-.", label="the faint tone")
ax.set(title="A faint tone beside a loud one", xlabel="k (swings in the frame)", ylim=(-130, 5))
ax.set_ylabel("level (dB)")
ax.legend(fontsize=8)
plots.show(
    ax,
    "Without a window the faint tone drowns in the leakage of the loud one; with a Hann window it "
    "stands out as a peak.",
)
above = {
    name: spectrum(both, w)[30] - spectrum(both, w)[[26, 34]].max()
    for name, w in (("no window", 1.0), ("Hann window", window))
}
for name, height in above.items():
    print(f"{name:12} the faint tone is {round(height):+d} dB over what lies four steps beside it")

# %% [markdown]
# ## The spectrogram
#
# Cut a sound into frames that overlap, give each a window, take its spectrum, and stand the spectra
# side by side: a **spectrogram**. One number must be chosen, the window's length. Here is a puppet's
# sentence (a synthetic voice), and a test: two tones 60 Hz apart, and two clicks 12 ms apart.

# %%
RATE = 16_000
row = corpora.load("puppets").iloc[0]
voice = corpora.read_audio(row, RATE)[0][round(0.4 * RATE) : round(1.4 * RATE)]
time = np.arange(RATE // 2) / RATE
test = 0.1 * (np.sin(2 * np.pi * 1000 * time) + np.sin(2 * np.pi * 1060 * time))
test[[round(0.244 * RATE), round(0.256 * RATE)]] += 8
print(row["statement"])
display(Audio(voice, rate=RATE))

# %%
LENGTHS = (4, 8, 16, 32, 64, 128)  # ms
HOP, TOP = 64, 2500  # samples from frame to frame; Hz drawn


def levels_over_time(x, length):
    """Return times, frequencies up to TOP, and levels in dB below the loudest; length in ms."""
    samples = round(length / 1000 * RATE)
    # Zeros behind each frame draw the spectrum at more points; they part no tones.
    S = np.abs(librosa.stft(x, n_fft=2048, win_length=samples, hop_length=HOP, window="hann"))
    shown = np.arange(0, round(TOP / RATE * 2048), 2)
    level = librosa.amplitude_to_db(S[shown], ref=np.max, top_db=50)
    return np.arange(S.shape[1]) * HOP / RATE, shown * RATE / 2048, level


def heat_map(length):
    """Return the test's spectrogram and the voice's as plotly traces."""
    traces = []
    for sound, axes in ((test, {}), (voice, {"xaxis": "x2", "yaxis": "y2"})):
        t, hz, level = levels_over_time(sound, length)
        traces.append({"type": "heatmap", "x": t.round(3), "y": hz, "z": level.round().astype(int),
                       "colorscale": "Cividis", "showscale": bool(axes), "zmin": -50, "zmax": 0,
                       "colorbar": {"title": "dB"}, **axes})  # fmt: skip
    return traces


# %% [markdown]
# **Predict first**: with which window can you see two clicks, with which two tones? Is there one that
# shows both?

# %%
panels = go.Figure().set_subplots(1, 2, subplot_titles=("two tones, two clicks", "a sentence"))
figure = plots.slider(
    heat_map,
    LENGTHS,
    "window (ms)",
    panels,
    redraw=True,
    first=0,
    title="One sound, six windows",
    xaxis={"title": "time (s)", "range": [0.15, 0.35]},
    yaxis={"title": "frequency (Hz)", "range": [600, 1500]},
    xaxis2={"title": "time (s)"},
    yaxis2={"title": "frequency (Hz)"},
    height=500,
)
still, axes = plt.subplots(2, 3, figsize=(12, 5.4), layout="constrained")
for column, length in zip(axes.T, (4, 32, 128), strict=True):
    for ax, sound in zip(column, (test, voice), strict=True):
        drawn = ax.pcolormesh(*levels_over_time(sound, length), cmap="cividis", vmin=-50, vmax=0)
        ax.set_xlabel("time (s)")
    column[0].set(title=f"window of {length} ms", xlim=(0.15, 0.35), ylim=(600, 1500))
for ax, name in zip(axes[:, 0], ("tones and clicks", "a sentence (synthetic)"), strict=True):
    ax.set_ylabel(f"{name}\nfrequency (Hz)")
still.colorbar(drawn, ax=axes, label="level (dB, 0 is the loudest)")
plots.show(
    figure,
    "Spectrograms with windows from 4 to 128 milliseconds: short ones part two clicks and blur two "
    "tones, long ones part the tones and blur the clicks.",
    still,
)

# %% [markdown]
# No window shows both. A Hann window of $d$ seconds blurs time by about $d$ and frequency by about
# $2/d$: what is gained on one side is lost on the other. In the voice, short windows show each
# stroke of the vocal folds as a stripe from top to bottom; long ones show its harmonics as lines
# from left to right. It is one voice both times.
#
# The course mostly takes 25 to 40 ms: longer than a period of any voice, shorter than a sound of
# speech. `plots.spectrogram` takes 32.

# %%
for length in LENGTHS:
    print(
        f"window {length:3} ms: time to about {length:3} ms, frequency to about {2000 / length:3.0f} Hz"
    )

# %% [markdown]
# ## What we saw
#
# - Above half the rate a tone comes out as another one; filter before you drop samples.
# - Decibels are ratios: 6 dB is twice the amplitude. A Fourier transform is $N$ dot products.
# - A window keeps loud tones from covering faint ones, and its length trades time for frequency.
#
# **Next**: notebook [03](03_sound_features.ipynb) measures frames of a voice; [04](04_mfcc.ipynb)
# (MFCC) goes on from the spectrum; [05](05_pictures_of_sound.ipynb) makes pictures for a network.

# %%
evaluation.record(
    "primer-sound",
    [
        {
            "fft_difference": fft_difference,
            "faint_tone_no_window": above["no window"],
            "faint_tone_hann": above["Hann window"],
        }
    ],
    corpus="toy",
    protocol="none",
    seeds=[SEED],
    n_actors=0,
    profile=PROFILE,
    parameters={"faint_tone": "dB over its neighbours, 45 dB below a tone of 8.5 swings"},
    command="python -m emolib.batch run --notebooks primer_sound",
    results=RESULTS,
)["mean"]
