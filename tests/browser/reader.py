"""What a reader does with a live page, each step seen by its effect: play, slide, choose."""

PLAYING = """async player => {
    player.muted = true;
    await player.play();
    for (let k = 0; k < 100 && player.currentTime < 0.2; k++)
        await new Promise(done => setTimeout(done, 100));
    player.pause();
    return player.currentTime;
}"""
# What is drawn between the axes: the slider's own handle lies outside.
DRAWN = """figure => [...figure.querySelectorAll(
    '.cartesianlayer, .polarlayer, .heatmaplayer image, .trace')].map(e => e.outerHTML).join()"""


def plays(player):
    """Press play; say whether the time of an audio or video element went on."""
    return player.evaluate(PLAYING) >= 0.2


def slides(page, figure):
    """Press a plotly figure's slider in two places; say whether that changed what is drawn."""
    rail = figure.locator(".slider-rail-touch-rect")
    rail.scroll_into_view_if_needed()
    seen = set()
    for share in (0.01, 0.4):  # a phone shows no more of it at once
        box = rail.bounding_box()
        page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_timeout(700)
        seen.add(figure.evaluate(DRAWN))
    return len(seen) == 2 and all(seen)


def chooses(page, menu, picture):
    """Take the last entry of a menu; say whether the picture under it became another one."""
    before = picture.get_attribute("src")
    menu.select_option(index=menu.locator("option").count() - 1)
    for _ in range(100):
        if picture.get_attribute("src") != before:
            return True
        page.wait_for_timeout(100)
    return False
