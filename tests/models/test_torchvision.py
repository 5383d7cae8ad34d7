"""Networks of torchvision against torchvision itself, and weights from files."""

import hashlib
import pickle
import typing
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import get_model, get_model_weights

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.models.backbones.torchvision import Torchvision
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network

NETWORKS = typing.get_args(typing.get_type_hints(Torchvision)["network"])
COLOUR, GREY = (3, 32, 32), (1, 32, 32)


def classifier_of(network):
    return network.fc if hasattr(network, "fc") else network.classifier


def kept(folder, state, name="weights"):
    """The path of a file of weights, with its digest in its name."""
    plain = folder / "plain.pth"
    torch.save(state, plain)
    digest = hashlib.sha256(plain.read_bytes()).hexdigest()
    return str(plain.rename(folder / f"{name}-{digest[:12]}.pth"))


def features_of(recipe, images):
    """What the last block gives, with running statistics."""
    return nn.Sequential(*recipe.blocks(tuple(images.shape[1:]))).eval()(images)


def random_network(name="shufflenet_v2_x1_0"):
    """A network of torchvision with random weights and running statistics."""
    network = get_model(name, weights=None).eval()
    for buffer in network.buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    return network


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return random_network()


@pytest.fixture(scope="module")
def file(network, tmp_path_factory):
    """Weights of `network`, in a file."""
    return kept(tmp_path_factory.mktemp("weights"), network.state_dict())


@pytest.mark.parametrize("name", NETWORKS)
def test_cost_and_size_are_those_that_torchvision_publishes(name):
    """ResNet-18 at 224 x 224: 1.81 GMACs, 11,689,512 parameters. Other classifiers are replaced."""
    published = get_model_weights(name).DEFAULT.meta
    costs = exit_costs(Torchvision(network=name, exits=1, pool=1), (3, 224, 224), 1000)
    with torch.device("meta"):
        whole = get_model(name)
        classifier = classifier_of(whole).eval()
        linear = classifier if isinstance(classifier, nn.Linear) else classifier[-1]
        channels = next(m for m in classifier.modules() if isinstance(m, nn.Linear)).in_features
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            classifier(torch.zeros(1, channels))
    head = (channels + 1) * linear.out_features
    classified = sum(p.numel() for p in classifier.parameters())
    assert costs.parameters[0] - head + classified == published["num_params"]
    macs = costs.full - channels * linear.out_features + counter.get_total_flops() / 2
    assert macs / 1e9 == pytest.approx(published["_ops"], abs=6e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_blocks_in_turn_are_the_network_itself(name, tmp_path):
    torch.manual_seed(0)
    whole = random_network(name)
    recipe = Torchvision(network=name, weights=kept(tmp_path, whole.state_dict()))
    images = torch.randn(2, *COLOUR)
    pooled = features_of(recipe, images).mean((2, 3))
    with torch.no_grad():
        torch.testing.assert_close(classifier_of(whole)(pooled), whole(images))


@pytest.mark.parametrize(
    ("name", "blocks"),
    [("resnet18", 8), ("resnet50", 16), ("shufflenet_v2_x1_0", 16), ("efficientnet_b0", 16)],
)
def test_a_block_ends_with_each_residual_block(name, blocks):
    with torch.device("meta"):
        found = Torchvision(network=name).blocks(COLOUR)
    assert len(found) == blocks
    residual = {type(layer) for block in found for layer in block if any(layer.children())}
    assert len(residual) == 1
    assert all(sum(type(layer) in residual for layer in block) == 1 for block in found)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_gradient_has_a_deterministic_form_on_cuda(name):
    """Torch lists adaptive pools as without one; one to a single cell is a mean, and none is left.

    The list is in the documentation of `torch.use_deterministic_algorithms`.
    """
    network = build_network(Torchvision(network=name), COLOUR, 10)
    seen, waiting = set(), [network(torch.randn(2, *COLOUR)).sum().grad_fn]
    while waiting:
        step = waiting.pop()
        if step is not None and step not in seen:
            seen.add(step)
            waiting += [before for before, _ in step.next_functions]
    names = {type(step).__name__ for step in seen}
    assert "ConvolutionBackward0" in names
    assert [name for name in names if "Adaptive" in name] == []


def test_small_images_keep_their_resolution_before_the_first_block():
    plain, small = (Torchvision(small_images=small) for small in (False, True))
    assert plain.blocks(GREY)[0][0].kernel_size == (7, 7)
    first = small.blocks(GREY)[0]
    assert (first[0].kernel_size, first[0].stride) == ((3, 3), (1, 1))
    assert not any(isinstance(layer, nn.MaxPool2d) for layer in first)
    assert first(torch.randn(2, *GREY)).shape == (2, 64, 32, 32)
    assert plain.blocks(GREY)[0](torch.randn(2, *GREY)).shape == (2, 64, 8, 8)


def test_nothing_is_downloaded(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("download")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    build_network(Torchvision(), COLOUR, 10)


def test_a_grey_image_gives_what_it_gave_in_three_equal_colours(network, file):
    grey = torch.randn(2, *GREY)
    with torch.no_grad():
        expected = network(grey.expand(2, *COLOUR))
        features = features_of(Torchvision(network="shufflenet_v2_x1_0", weights=file), grey)
        found = network.fc(features.mean((2, 3)))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "shape", "small", "random"),
    [
        ("resnet18", (5, 32, 32), False, ["0.0.weight"]),
        ("resnet18", COLOUR, True, ["0.0.weight"]),  # 3x3, the file's is 7x7
        ("shufflenet_v2_x1_0", COLOUR, True, []),  # 3x3, as the file's
    ],
)
def test_a_first_convolution_of_another_shape_is_all_that_stays_random(
    name, shape, small, random, tmp_path
):
    path = kept(tmp_path, random_network(name).state_dict())
    recipe = Torchvision(network=name, weights=path, small_images=small)
    one, two = (nn.Sequential(*recipe.blocks(shape)).state_dict() for _ in range(2))
    assert [n for n, value in one.items() if not torch.equal(value, two[n])] == random


def test_old_files_and_other_classifiers_are_read_too(network, file, tmp_path):
    """Files of 2017 do not count batches; a network of 7 classes has the same blocks."""
    state = {n: v for n, v in network.state_dict().items() if "num_batches" not in n}
    state["fc.weight"], state["fc.bias"] = torch.zeros(7, 1024), torch.zeros(7)
    other = kept(tmp_path, state)
    images = torch.randn(2, *COLOUR)
    found = [
        features_of(Torchvision(network="shufflenet_v2_x1_0", weights=each), images)
        for each in (file, other)
    ]
    assert torch.equal(*found)


def test_a_seed_repeats_the_weights_that_a_file_does_not_give(file):
    recipe = Torchvision(network="shufflenet_v2_x1_0", weights=file)
    states = []
    for _ in range(2):
        torch.manual_seed(3)
        states.append(build_network(recipe, (5, 32, 32), 10).state_dict())
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_a_file_that_does_not_tell_its_digest_is_refused_with_a_name_that_does(file, tmp_path):
    plain = tmp_path / "mine.pth"
    plain.write_bytes(Path(file).read_bytes())
    digest = hashlib.sha256(plain.read_bytes()).hexdigest()
    with pytest.raises(InputError, match=rf"mine.pth: .* rename it to mine-{digest[:16]}.pth"):
        costs_with(str(plain))
    renamed = plain.rename(tmp_path / f"mine-{digest[:16]}.pth")
    assert costs_with(str(renamed)).full > 0


def test_two_files_cannot_have_one_name(network, file, tmp_path):
    changed = tmp_path / Path(file).name
    state = network.state_dict()
    torch.save({**state, "conv1.0.weight": state["conv1.0.weight"] + 1}, changed)
    digest = hashlib.sha256(changed.read_bytes()).hexdigest()
    with pytest.raises(InputError, match=f"its SHA-256 is {digest}, its name says "):
        costs_with(str(changed))


def costs_with(path, name="shufflenet_v2_x1_0"):
    """On the meta device, as a study is checked before it trains."""
    return exit_costs(Torchvision(network=name, weights=path), COLOUR, 10)


def test_weights_of_another_network_are_refused_before_training(file, network, tmp_path):
    told = (
        r"weights: .*pth: of another network: conv1.weight is missing in the file, \[64, 3, 7, 7\]"
    )
    with pytest.raises(InputError, match=told):
        costs_with(file, "resnet18")
    state = network.state_dict()
    state["stage2.0.branch1.0.weight"] = torch.zeros(24, 1, 5, 5)
    other = kept(tmp_path, state)
    with pytest.raises(
        InputError, match=r"branch1.0.weight is \[24, 1, 5, 5\] in the file, \[24, 1, 3, 3\] in"
    ):
        costs_with(other)
    more = kept(tmp_path, {**network.state_dict(), "extra.weight": torch.zeros(2)}, "more")
    with pytest.raises(
        InputError, match=r"extra.weight is \[2\] in the file, missing in the network"
    ):
        costs_with(more)


class Code:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return (Path.touch, (Path("ran"),))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(Code()), "torch.load reads no weights from it"),
        (b"", "torch.load reads no weights from it"),
        (b"PK\x03\x04 cut off", "torch.load reads no weights from it"),
    ],
)
def test_what_is_no_state_dict_is_refused_and_never_run(content, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = f"any-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    Path(name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        costs_with(name)
    assert not Path("ran").exists()


def test_a_missing_file_and_a_whole_checkpoint_are_said(network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"none-0123abcd.pth: No such file .* from .*"):
        costs_with("none-0123abcd.pth")
    wrapped = kept(tmp_path, {"state_dict": network.state_dict(), "epoch": 3})
    with pytest.raises(InputError, match="holds no state dict, a mapping from names to tensors"):
        costs_with(wrapped)


def test_a_network_that_is_not_offered_is_refused_with_those_that_are():
    with pytest.raises(InputError, match=r"here: network: .*'resnet18', .* or 'efficientnet_b0'"):
        build(Torchvision, {"network": "vgg11"}, "here")
