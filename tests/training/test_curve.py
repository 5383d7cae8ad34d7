import math

from harness.training.curve import Curve, Epoch


def test_a_row_per_epoch_and_a_column_per_quantity_and_exit():
    epoch = Epoch(1, 0.5, 0.6, 0.01, (0.7, 0.8), (1.0, 0.25))
    frame = Curve((epoch, epoch)).frame()
    assert len(frame) == 2
    assert frame.loc[1].to_dict() == {
        "phase": 1,
        "train_loss": 0.5,
        "validation_loss": 0.6,
        "learning_rate": 0.01,
        "validation_accuracy_exit_1": 0.7,
        "validation_accuracy_exit_2": 0.8,
        "mean_weight_exit_1": 1.0,
        "mean_weight_exit_2": 0.25,
    }
    assert not any(math.isnan(value) for value in frame.to_numpy().ravel())
