"""JupyterLab in a browser: every cell runs, sliders move, menus choose, players play."""

import nbformat
import pytest
from reader import chooses, plays, slides

DONE = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
    const failed = document.querySelector('[data-mime-type="application/vnd.jupyter.error"]');
    return failed || (prompts.length && prompts.every(p => /\\[\\d+\\]/.test(p.textContent)));
}"""
# What each notebook has for the hand: plotly sliders, menus, and audio or video elements.
WHOLE = {
    "00_start_here": {"menus": 2, "players": 16},
    "04_mfcc": {"sliders": 2, "players": 1},
    "16_polarity_triplet_loss": {"sliders": 1},
}


@pytest.fixture
def run_all(lab, browser):
    """Function that opens a notebook, runs all its cells, and returns the page."""
    address, folder = lab
    page = browser.new_page(viewport={"width": 1280, "height": 800})

    def run(path, seconds):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:  # a number beside a cell then says that it has run here
            cell |= {"outputs": [], "execution_count": None} if cell.cell_type == "code" else {}
        nbformat.write(notebook, folder / path.name)
        # A workspace of its own, or the notebooks of earlier tests open beside it.
        page.goto(f"{address}/lab/workspaces/{path.stem}/tree/{path.name}")
        page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=300_000)
        page.locator(".lm-MenuBar-item", has_text="Run").first.click()
        page.locator('[data-command="runmenu:run-all"]').click()
        page.wait_for_function(DONE, timeout=1000 * seconds)
        return page

    yield run
    page.close()


def check(page, sliders=0, menus=0, players=0):
    """Assert that no cell failed, and that everything for the hand appears and answers."""
    from playwright.sync_api import expect

    errors = page.locator('[data-mime-type="application/vnd.jupyter.error"]')
    assert errors.all_text_contents() == []
    figures = page.locator(".jp-RenderedPlotly")
    expect(figures).to_have_count(sliders, timeout=60_000)
    for figure in figures.all():
        expect(figure.locator(".slider-container")).to_be_visible(timeout=60_000)
        assert slides(page, figure)
    choices = page.locator(".widget-dropdown select")
    expect(choices).to_have_count(menus, timeout=60_000)
    picture = page.locator(".widget-html img")
    assert all(chooses(page, choice, picture) for choice in choices.all())
    media = page.locator(".jp-OutputArea audio, .jp-OutputArea video")
    expect(media).to_have_count(players)
    assert all(plays(player) for player in media.all())


def test_a_small_notebook_runs_and_answers_the_hand(run_all, tiny):
    check(run_all(tiny, 300), sliders=1, menus=1, players=2)


@pytest.mark.whole
@pytest.mark.parametrize("name", WHOLE)
def test_a_notebook_of_the_course_runs_and_answers_the_hand(run_all, checkout, name):
    check(run_all(checkout / "notebooks" / f"{name}.ipynb", 1200), **WHOLE[name])
