"""How the 24 puppets look: shapes, hair, skin, clothes and rooms, as plain tables."""

import numpy as np

# Lengths in the drawing's own unit: the picture is 112 units wide and high, x = 56 is the
# middle. Each shape has its average and its spread over the actors.
UNIT = 112
SHAPE = {
    "cheek": (28.0, 1.2),
    "jaw": (20.8, 1.2),
    "chin": (9.2, 1.1),
    "chin_y": (93.5, 1.2),
    "eye_x": (13.2, 0.45),
    "eye_y": (55.0, 0.8),
    "eye_w": (7.8, 0.35),
    "eye_h": (5.8, 0.4),
    "eye_tilt": (0.5, 0.45),
    "iris": (4.5, 0.15),
    "brow_y": (10.0, 0.6),
    "brow_w": (1.3, 0.22),
    "brow_arch": (1.6, 0.5),
    "brow_tilt": (-0.6, 0.5),
    "nose_y": (68.8, 0.8),
    "nose_w": (4.4, 0.5),
    "mouth_y": (80.6, 0.6),
    "mouth_w": (10.8, 0.6),
    "lip_up": (2.0, 0.3),
    "lip_low": (2.7, 0.35),
    "ear": (0.95, 0.08),
    "light_x": (0.0, 0.5),
    "lash": (0.4, 0.1),
}
# What odd actors (men, as in RAVDESS) add and even actors (women) subtract.
ODD = {"jaw": 0.9, "chin": 0.7, "brow_w": 0.25, "lip_up": -0.1, "lip_low": -0.1, "eye_h": -0.15}
ODD |= {"lash": -0.4, "mouth_w": 0.25}

# fmt: off
SKIN = ((255, 223, 202), (250, 209, 180), (240, 193, 158), (224, 171, 132), (201, 145, 106),
        (172, 117, 83), (140, 92, 66), (116, 76, 57))
HAIR = {"black": (46, 40, 45), "espresso": (72, 50, 41), "brown": (116, 77, 50),
        "auburn": (146, 68, 42), "copper": (202, 102, 48), "blond": (230, 188, 112),
        "silver": (182, 184, 192), "teal": (66, 146, 148)}
BROWS = {"teal": (72, 50, 41), "blond": (158, 112, 62), "silver": (128, 126, 132)}
IRIS = {"brown": (112, 70, 38), "dark": (84, 54, 38), "hazel": (140, 106, 50),
        "green": (74, 136, 86), "blue": (64, 126, 184), "grey": (100, 126, 148)}
ROOM = ((178, 205, 222), (240, 210, 176), (190, 216, 190), (228, 196, 204), (206, 199, 228),
        (236, 226, 184))
SHIRT = ((70, 104, 148), (200, 96, 82), (88, 138, 108), (234, 182, 90), (130, 96, 146),
         (68, 142, 154), (208, 122, 142))

# A hair style: right half of the outline behind the head, from the crown down, as eight (x from
# the middle, y); the lower edge of the hair on the forehead, nine heights from the left to the
# right temple; size of curls; how much of the ears shows.
STYLE = {
    "short": (((0, 9.5), (11, 10.5), (20.5, 16), (26.6, 26), (28, 40), (26, 55), (20, 66), (0, 68)),
              (53, 38, 30, 28, 27, 27, 29, 38, 53), 0.0, 1.0),
    "quiff": (((0, 6), (12, 6.5), (22, 12), (28, 24), (28.2, 40), (26, 55), (20, 66), (0, 68)),
              (54, 37, 27, 24, 24, 26, 30, 38, 54), 0.5, 1.0),
    "buzz": (((0, 12.5), (11, 13.5), (20, 18), (25.8, 27), (27.3, 40), (26, 55), (20, 66), (0, 68)),
             (52, 36, 28.5, 27, 26.5, 27, 28.5, 36, 52), 0.0, 1.0),
    "side": (((0, 8.5), (12, 9), (22, 14.5), (28, 25), (28.4, 40), (26, 55), (20, 66), (0, 68)),
             (54, 40, 35, 31, 28, 25, 26, 35, 54), 0.0, 1.0),
    "curls": (((0, 5), (15, 6.5), (27, 15), (32, 29), (30.5, 44), (27, 55), (20, 66), (0, 68)),
              (53, 38, 33, 31, 30, 31, 33, 38, 53), 1.3, 1.0),
    "fringe": (((0, 7.5), (13, 9), (24, 16), (29.6, 30), (29.6, 46), (27, 58), (20, 68), (0, 70)),
               (57, 42, 39, 38, 37.5, 38, 39, 42, 57), 0.25, 0.7),
    "waves": (((0, 8.5), (14, 10), (26, 19), (32.5, 37), (34, 60), (36, 84), (27, 104), (0, 106)),
              (84, 47, 35, 29, 26, 25, 28, 42, 84), 0.7, 0.0),
    "long": (((0, 8.5), (14, 10), (25.5, 19), (31.5, 37), (33, 60), (34, 84), (27, 108), (0, 110)),
             (86, 46, 40, 38.5, 38, 38.5, 40, 46, 86), 0.0, 0.0),
    "bob": (((0, 8), (14, 9.5), (27, 19), (33, 37), (35, 60), (34, 78), (26, 87), (0, 88)),
            (78, 46, 37, 32, 28, 26, 29, 43, 78), 0.0, 0.0),
    "afro": (((0, 1), (19, 3), (35, 16), (41, 36), (39, 54), (33, 66), (22, 72), (0, 72)),
             (54, 38, 32, 30, 29, 30, 32, 38, 54), 1.2, 0.5),
    "big curls": (((0, 4), (18, 6), (33, 18), (38.5, 38), (40, 60), (39, 80), (30, 95), (0, 96)),
                  (80, 46, 37, 32, 29, 31, 35, 46, 80), 1.6, 0.0),
    "up": (((0, 10.5), (12, 11.5), (22, 17), (27.4, 27), (28.4, 40), (26, 55), (20, 66), (0, 68)),
           (52, 37, 30, 27, 26, 27, 30, 37, 52), 0.0, 1.0),
    "locs": (((0, 6), (13, 7.5), (25, 16), (30, 32), (29.5, 46), (28, 60), (22, 70), (0, 72)),
             (62, 43, 34, 31, 29, 30, 34, 43, 62), 0.4, 0.0),
    "scarf": (((0, 8), (15, 9.5), (27, 18), (32, 36), (33, 60), (32, 80), (34, 104), (0, 112)),
              (60, 40, 32, 30, 29, 30, 32, 40, 60), 0.0, 0.0),
}
EXTRAS = ("beard", "moustache", "freckles", "glasses", "earrings",
          "bun", "puffs", "pony", "locs", "scarf")

# One row an actor: skin, hair, eyes, style, extras.
LOOKS = (
    (2, "espresso", "hazel", "short", ()),
    (5, "black", "dark", "waves", ("earrings",)),
    (0, "copper", "green", "quiff", ("freckles",)),
    (1, "blond", "blue", "bob", ()),
    (7, "black", "dark", "buzz", ("beard",)),
    (6, "black", "brown", "afro", ("earrings",)),
    (3, "black", "dark", "fringe", ("glasses",)),
    (2, "black", "dark", "long", ()),
    (4, "espresso", "brown", "curls", ("beard",)),
    (3, "teal", "brown", "scarf", ("scarf",)),
    (1, "silver", "grey", "side", ("moustache",)),
    (0, "copper", "green", "big curls", ("freckles",)),
    (6, "black", "dark", "locs", ("locs",)),
    (2, "brown", "hazel", "up", ("bun",)),
    (5, "black", "brown", "side", ()),
    (7, "black", "dark", "up", ("puffs",)),
    (1, "blond", "blue", "short", ()),
    (1, "silver", "blue", "side", ("glasses", "earrings")),
    (3, "brown", "green", "quiff", ("beard",)),
    (4, "black", "brown", "up", ("pony", "earrings")),
    (0, "brown", "blue", "curls", ("glasses",)),
    (3, "auburn", "hazel", "big curls", ()),
    (3, "black", "dark", "short", ("moustache",)),
    (6, "espresso", "brown", "bob", ("glasses",)),
)
# fmt: on


def _look(skin, hair, iris, style, extras, room, shirt):
    """The traits that a table states, as arrays, so that two looks can be mixed."""
    back, fringe, curl, ears = STYLE[style]
    look = {
        "skin": SKIN[skin],
        "hair": HAIR[hair],
        "iris_colour": IRIS[iris],
        "back": back,
        "fringe": fringe,
        "curl": curl,
        "ears": ears,
        "room": room,
        "shirt": shirt,
        "brow_colour": BROWS.get(hair, HAIR[hair]),
    }
    look |= {name: float(name in extras) for name in EXTRAS}
    return {name: np.asarray(value, float) for name, value in look.items()}


def traits(actor, identity):
    """Every trait between the average puppet (identity 0) and the actor (1)."""
    rng = np.random.default_rng([1978, actor])
    odd = 1 if actor % 2 else -1
    own = _look(*LOOKS[actor - 1], ROOM[(actor * 5 + actor // 6) % 6], SHIRT[(actor * 3) % 7])
    average = _look(3, "brown", "hazel", "short", (), (205, 208, 204), (112, 122, 140))
    for name, (mean, spread) in SHAPE.items():
        average[name] = np.float64(mean)
        own[name] = mean + spread * np.clip(rng.normal(), -1.6, 1.6) + odd * ODD.get(name, 0)
    return {name: average[name] + identity * (own[name] - average[name]) for name in average}
