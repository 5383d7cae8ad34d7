"""The browser fixture itself: a page's scripts run, and their errors are seen."""


def test_scripts_run_and_faults_are_seen(page, faults, outside, tmp_path):
    file = tmp_path / "page.html"
    script = "document.title = 6 * 7; console.error('logged'); setTimeout(() => { throw 'raised' })"
    picture = "<img src='https://example.invalid/a.png'>"
    file.write_text(f"<!doctype html><body>{picture}<script>{script}</script></body>")
    page.goto(file.as_uri())
    page.wait_for_function("document.title === '42'")
    page.wait_for_timeout(200)
    assert "logged" in faults
    assert "raised" in faults
    assert outside == ["https://example.invalid/a.png"]


def test_a_sound_page_has_no_faults(page, faults, outside, tmp_path):
    file = tmp_path / "page.html"
    file.write_text("<!doctype html><title>sound</title><p>All is well.</p>")
    page.goto(file.as_uri())
    assert page.get_by_text("All is well.").is_visible()
    assert (faults, outside) == ([], [])
