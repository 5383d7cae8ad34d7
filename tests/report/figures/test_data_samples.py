"""Maps of a scene and galleries of images, from made-up pixels and images."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from harness.core.manifest import SplitSpec
from harness.core.project import Project
from harness.data.prepare import prepare_split, read_raw, read_split_indices
from harness.data.sets import RawData
from harness.data.splits import SplitIndices
from harness.report.figures.data_samples import draw_samples
from harness.report.figures.gallery import ERROR_COLOUR, draw_gallery, gallery_data
from harness.report.figures.scene import draw_scene, scene_data
from harness.report.figures.style import CLASS_COLOURS, class_colours, exit_colours
from harness.results import study_record
from tests.records import changed

NONE = np.empty(0, dtype=np.int64)
INDICES = SplitIndices(np.array([0]), np.array([3]), np.array([1, 2, 4]))
POSITIONS = np.array([[2, 5], [2, 6], [3, 5], [3, 7], [4, 6]])
SCENE = RawData(np.zeros((9, 9, 3)), np.array([0, 1, 0, 1, 1]), POSITIONS, NONE)
IMAGES = RawData(np.arange(5 * 4).reshape(5, 2, 2), SCENE.labels, NONE.reshape(0, 2), NONE)


def samples(exits=(2, 1, 1), predicted=(1, 1, 1), confidence=(0.2, 0.9, 0.8)):
    """Of the test indices 1, 2, 4, whose labels are 1, 0, 1."""
    labels = np.array([1, 0, 1])
    return pd.DataFrame(
        {
            "sample": [0, 1, 2],
            "exit": exits,
            "label": labels,
            "prediction": predicted,
            "correct": labels == predicted,
            "confidence_1": confidence,
            "confidence_2": 1.0,
        }
    )


def test_every_test_pixel_gets_its_own_prediction():
    shuffled = samples().iloc[[2, 0, 1]]
    pixels = scene_data(shuffled, SCENE, INDICES)
    found = pixels[pixels["test"]].set_index(["row", "column"])
    assert found["label"].to_dict() == {(2, 6): 1, (3, 5): 0, (4, 6): 1}
    assert found["exit"].to_dict() == {(2, 6): 2, (3, 5): 1, (4, 6): 1}
    assert (found["prediction"] == 1).all()
    assert pixels.loc[~pixels["test"], ["row", "column"]].to_numpy().tolist() == [[2, 5], [3, 7]]


def test_pixels_in_no_part_of_a_split_are_a_kind_of_their_own():
    margin = SplitIndices(np.array([0]), np.array([3]), np.array([1, 2]))
    pixels = scene_data(samples().head(2), SCENE, margin).set_index(["row", "column"])
    assert pixels.index[pixels["left_out"]].tolist() == [(4, 6)]
    assert not pixels.loc[(4, 6), "test"]
    figure = draw_scene(pixels.reset_index(), ("oats", "corn"), 3)
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[-2:] == ["other parts", "in no part (margin)"]
    raster = figure.axes[0].images[0].get_array()
    left_out, other, unlabelled = (raster[at].tolist() for at in ((2, 1), (0, 0), (0, 2)))
    assert unlabelled == [0, 0, 0, 0]
    assert left_out[3] > 0
    assert left_out[:3] != other[:3]


def test_calibration_pixels_are_of_a_part():
    held = SplitIndices(np.array([0]), np.array([3]), np.array([1, 2]), np.array([4]))
    pixels = scene_data(samples().head(2), SCENE, held)
    assert not pixels["left_out"].any()


def test_a_map_paints_truth_prediction_mistake_and_exit():
    figure = draw_scene(scene_data(samples(), SCENE, INDICES), ("oats", "corn"), 3)
    titles = ["ground truth", "predictions", "correct or not", "exit taken"]
    assert [panel.get_title() for panel in figure.axes] == titles
    truth, predicted, correct, taken = (panel.images[0].get_array() for panel in figure.axes)
    assert truth.shape == (3, 3, 4)
    assert truth[0, 2].tolist() == [0, 0, 0, 0]
    assert 0 < truth[0, 0, 3] < 255
    oats, corn = (np.round(np.array(to_rgb(c)) * 255).tolist() for c in CLASS_COLOURS[:2])
    assert truth[1, 0, :3].tolist() == oats
    assert predicted[1, 0, :3].tolist() == corn
    assert correct[1, 0].tolist() != correct[0, 1].tolist() == correct[2, 1].tolist()
    first, second, _ = (np.round(np.array(to_rgb(c)) * 255).tolist() for c in exit_colours(3))
    assert taken[0, 1, :3].tolist() == second
    assert taken[1, 0, :3].tolist() == first
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[:2] == ["oats", "corn"]
    assert legend[-1] == "other parts"


def test_data_that_are_no_scene_have_no_map_and_scenes_no_gallery():
    assert scene_data(samples(), IMAGES, INDICES) is None
    assert gallery_data(samples(), SCENE, INDICES) is None
    rows = RawData(np.zeros((5, 3)), IMAGES.labels, IMAGES.positions, NONE)
    assert gallery_data(samples(), rows, INDICES) is None
    regression = samples().drop(columns=["prediction", "correct"])
    assert scene_data(regression, SCENE, INDICES) is None
    assert gallery_data(regression, IMAGES, INDICES) is None


def test_easy_images_are_the_most_confident_and_hard_ones_went_deepest():
    test = np.arange(1, 9)
    data = RawData(np.zeros((9, 2, 2)), np.zeros(9, int), IMAGES.positions, NONE)
    table = pd.DataFrame(
        {
            "sample": range(8),
            "exit": [1, 1, 1, 2, 2, 3, 3, 3],
            "label": 0,
            "prediction": 0,
            "correct": True,
            "confidence_1": [0.7, 0.9, 0.8, 0.1, 0.2, 0.5, 0.3, 0.4],
            **{f"confidence_{e}": 1.0 for e in (2, 3)},
        }
    )
    indices = SplitIndices(np.array([0]), np.array([9]), test)
    gallery = gallery_data(table, data, indices)
    assert gallery.loc[gallery["kind"] == "easy", "image"].tolist() == [2, 3]
    assert gallery.loc[gallery["kind"] == "hard", "image"].tolist() == [7, 8]
    few = gallery_data(table[table["exit"] < 3], data, indices)
    assert few.loc[few["kind"] == "hard", "exit"].tolist() == [2, 2]


def test_a_gallery_frames_what_is_wrong_and_says_what_was_predicted():
    gallery = gallery_data(samples(), IMAGES, INDICES)
    figure = draw_gallery(gallery, IMAGES, ("oats", "corn"))
    drawn = {panel.get_xlabel(): panel for panel in figure.axes if panel.images}
    error = drawn["exit 1\nconfidence 0.90\npredicted corn"]
    assert error.images[0].get_array().tolist() == IMAGES.values[2].tolist()  # noqa: PD011
    assert to_rgb(error.spines["left"].get_edgecolor()[:3]) == pytest.approx(to_rgb(ERROR_COLOUR))
    assert set(drawn) == {
        "exit 1\nconfidence 0.90\npredicted corn",
        "exit 1\nconfidence 0.80",
        "exit 2\nconfidence 0.20",
    }
    assert not drawn["exit 1\nconfidence 0.80"].spines["left"].get_visible()
    assert [p.get_title() for p in figure.axes[:2]] == ["oats", "corn"]


def test_a_study_shows_the_data_it_ran_on_and_no_others(folder, tmp_path):
    """The real digits, with predictions that are all correct."""
    project = Project(tmp_path / "project")
    spec = SplitSpec(dataset="digits", train=0.5, validation=0.25)
    manifest = prepare_split("digits", spec, project.raw, project.prepared)
    _, data, _ = read_raw("digits", spec, project.raw)
    labels = data.labels[read_split_indices(project.prepared, "digits").test]
    predictions = {"label": labels, "prediction": labels, "correct": True}
    table = pd.DataFrame(
        {"regime": "joint", "sample": range(len(labels)), "exit": 1, **predictions}
    )
    table = table.assign(confidence_1=0.5, confidence_2=1.0)
    frame = pd.DataFrame({"regime": ["joint"], "static_exit": 0, "threshold_1": 0.4})
    frame = frame.assign(validation_cost=0.5, validation_accuracy=0.9)
    made_up = study_record.read_study_record(folder)
    record = changed(made_up, {"split": "digits"}, dict(manifest))
    (gallery,) = draw_samples(project, record, frame, table)
    assert gallery.name == "gallery"
    assert "0 of the easy, 0 of the hard" in gallery.caption
    shown = [panel for panel in gallery.figure.axes if panel.images]
    assert len(shown) == 20
    first = data.values[np.flatnonzero(data.labels == 0)]  # noqa: PD011 -- no pandas
    assert any((shown[0].images[0].get_array() == image).all() for image in first)
    other = changed(record, manifest={"digest": "0" * 32})
    assert not list(draw_samples(project, other, frame, table))
    assert not list(draw_samples(Project(tmp_path / "none"), record, frame, table))


def test_class_colours_differ_and_begin_again():
    assert len(set(class_colours(16))) == 16
    assert class_colours(17)[16] == class_colours(17)[0]
