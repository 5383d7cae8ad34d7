"""Which stored studies go on, and what is said of those that changed."""

import pytest

from harness.core import result_format
from harness.core.errors import InputError
from harness.core.study_spec import StudySpec
from harness.data.load import ensure
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.results import study_record
from harness.study.resume import resume_study

STUDY = StudySpec.model_validate(
    {
        "name": "tiny",
        "description": "",
        "expected_duration": "",
        "split": "digits",
        "backbone": {"name": "image_cnn"},
        "regimes": {"joint": {}, "hard_cgt": {}},
        "run_cap": 2,
    }
)


@pytest.fixture
def resume(project):
    """Opens the study, which is stored before, in this process."""

    def again(restart=False):
        manifest = ensure(project, "digits", None, lambda *_: None)
        return resume_study(project, STUDY, manifest, restart)

    stored = again().model_copy(update={"state": "done"})
    study_record.write_study_record(project.results / "tiny", stored)
    return again


def test_an_unchanged_study_goes_on(resume):
    assert resume().state == "running"


@pytest.mark.parametrize(
    ("registry", "plugin"), [(REGIMES, "regime hard_cgt"), (POLICIES, "exit policy max_softmax")]
)
def test_changed_code_of_a_plugin_is_a_changed_study(resume, monkeypatch, registry, plugin):
    before = registry.source_digest(plugin.split()[-1])
    monkeypatch.setattr(registry, "source_digest", lambda name: f"new {name}")
    with pytest.raises(InputError, match=r"another study of this name.*--restart") as caught:
        resume()
    changed = [line for line in str(caught.value).splitlines() if line.startswith(("-", "+"))]
    assert f"-code of {plugin}: {before}" in changed
    assert f"+code of {plugin}: {registry.source_digest(plugin.split()[-1])}" in changed
    assert all("code of " in line for line in changed if line[:3] not in {"---", "+++"})


@pytest.mark.parametrize("later", [False, True])
def test_another_format_is_a_changed_study_that_restarts(project, resume, monkeypatch, later):
    folder = project.results / "tiny"
    if later:
        monkeypatch.setattr(result_format, "RESULT_FORMAT", 4)
        expected = "-format: 3\n+format: 4"
    else:
        (folder / "study.json").write_text('{"told": [], "spec": {"name": "tiny"}}')
        expected = "-format: 2\n+format: 3"
    with pytest.raises(InputError) as caught:
        resume()
    assert str(caught.value).endswith(f"What changed:\n{expected}")
    assert resume(restart=True).format == result_format.RESULT_FORMAT
    assert list(folder.glob("*.json*")) == []
