"""What stands for an operation gives what it gives."""

import pytest
import torch
from torch.nn import functional

from harness.training import stacked_operations as operations

CPU = torch.device("cpu")


@pytest.fixture
def products(monkeypatch):
    monkeypatch.setattr(operations, "PRODUCTS_ON", frozenset({"cpu"}))


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize(
    ("space", "kernel", "options"),
    [
        ((9,), (3,), {}),
        ((9,), (4,), {"stride": 2, "padding": 1}),
        ((7, 6), (3, 3), {"stride": 2, "padding": 1}),
        ((7, 6), (1, 1), {}),
        ((7, 6), (3, 2), {"stride": (1, 2), "padding": (2, 0)}),
        ((7, 6), (3, 3), {"dilation": 2}),
        ((7, 6), (3, 3), {"groups": 2}),
        ((7, 6), (3, 3), {"padding": "same"}),
    ],
)
@pytest.mark.parametrize("biased", [True, False])
def test_a_convolution_and_its_gradients_are_those_of_torch(space, kernel, options, biased):
    torch.manual_seed(0)
    groups = options.get("groups", 1)
    shapes = [(3, 2, 4, *space), (3, 6, 4 // groups, *kernel)] + [(3, 6)] * biased
    values = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    convolve = functional.conv1d if len(space) == 1 else functional.conv2d

    def of_one(inputs, weight, *bias):
        return convolve(inputs, weight, *bias, **options)

    alone = torch.stack([of_one(*(value[m] for value in values)) for m in range(3)])
    with operations.stacked_operations(CPU):
        stack = torch.func.vmap(of_one)(*values)
    assert torch.allclose(stack, alone)
    weights = torch.randn_like(alone)
    found = torch.autograd.grad((stack * weights).sum(), values)
    expected = torch.autograd.grad((alone * weights).sum(), values)
    assert all(torch.allclose(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.usefixtures("products")
def test_only_what_is_plain_is_a_product(monkeypatch):
    made = []
    real = operations._patches
    monkeypatch.setattr(operations, "_patches", lambda *args: made.append(1) or real(*args))
    inputs, weight = torch.randn(2, 4, 9), torch.randn(6, 4, 3)
    with operations.stacked_operations(CPU):
        functional.conv1d(inputs, weight)
        assert made == [1]
        functional.conv1d(inputs, weight, dilation=2)
        functional.conv1d(inputs, weight[:, :2], groups=2)
    assert made == [1]


@pytest.mark.parametrize(
    "options", [{"reduction": "none", "log_target": True}, {"reduction": "sum"}]
)
def test_a_divergence_is_that_of_torch(options):
    torch.manual_seed(0)
    student, teacher = (torch.randn(3, 4, 5).log_softmax(-1) for _ in range(2))
    teacher = teacher if "log_target" in options else teacher.exp()
    with operations.stacked_operations(CPU):
        found = functional.kl_div(student, teacher, **options)
    assert torch.allclose(found, functional.kl_div(student, teacher, **options))
