"""The usual research script: a data loader, a training loop, an evaluation loop, a threshold sweep.

    python benchmarks/peers/research_script.py spectra.npz --epochs 20 --batch 64 --rates 0.002 0.02
    python benchmarks/peers/research_script.py images.npz --images FOLDER --epochs 1 --batch 128

It trains a network for each learning rate and prints one line of JSON for each. Images are
torchvision's data set of the folder; the file then holds the indices of the parts.
"""

import argparse
import json
import time

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

from benchmarks.peers.network import EarlyExitCNN

LEVELS = np.linspace(0.05, 1.0, 20)
"""Thresholds that are tried at each exit but the last."""


def spectra(file: str) -> tuple[dict[str, TensorDataset], tuple[int, ...], int]:
    """The parts of a file of arrays, the shape of a sample and the number of classes."""
    arrays = np.load(file)
    parts = {
        name: TensorDataset(
            torch.from_numpy(arrays[f"{name}_inputs"]), torch.from_numpy(arrays[f"{name}_labels"])
        )
        for name in ("train", "validation", "test")
    }
    return parts, tuple(arrays["train_inputs"].shape[1:]), int(arrays["classes"])


def images(file: str, folder: str) -> tuple[dict[str, Subset], tuple[int, ...], int]:
    """Fashion-MNIST of torchvision, divided by the indices of a file."""
    from torchvision import transforms
    from torchvision.datasets import FashionMNIST

    arrays = np.load(file)
    moments = (float(arrays["mean"]),), (float(arrays["deviation"]),)
    read = transforms.Compose([transforms.ToTensor(), transforms.Normalize(*moments)])
    train = FashionMNIST(folder, train=True, transform=read)
    test = FashionMNIST(folder, train=False, transform=read)
    parts = {name: Subset(train, arrays[name].tolist()) for name in ("train", "validation")}
    parts["test"] = Subset(test, range(len(test)))
    return parts, (1, 28, 28), 10


def train_network(read, widths, rate, epochs, batch, workers=0):
    """Train one network, evaluating it after each epoch; returns it."""
    parts, shape, classes = read
    torch.manual_seed(0)
    model = EarlyExitCNN(shape, classes, widths)
    loader = DataLoader(
        parts["train"], batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0
    )
    validation = DataLoader(parts["validation"], 1000, num_workers=workers)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=epochs * len(loader), cycle_momentum=False
    )
    criterion = nn.CrossEntropyLoss()
    for _ in range(epochs):
        model.train()
        running = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = sum(criterion(logits, labels) for logits in model(inputs))
            loss.backward()
            optimizer.step()
            schedule.step()
            running += loss.item()
        accuracies(model, validation, len(widths))
    return model


def accuracies(model, loader, exits):
    """Accuracy of each exit."""
    model.eval()
    correct, seen = [0] * exits, 0
    with torch.no_grad():
        for inputs, labels in loader:
            for number, logits in enumerate(model(inputs)):
                correct[number] += (logits.argmax(1) == labels).sum().item()
            seen += len(labels)
    return [count / seen for count in correct]


def outputs(model, part, workers=0):
    """Confidence and correctness of each exit on a part, both [E, N]."""
    model.eval()
    confidence, correct = [], []
    with torch.no_grad():
        for inputs, labels in DataLoader(part, 1000, num_workers=workers):
            probabilities = torch.stack(model(inputs)).softmax(-1)
            best, predicted = probabilities.max(-1)
            confidence.append(best)
            correct.append(predicted == labels)
    return torch.cat(confidence, 1).numpy(), torch.cat(correct, 1).numpy()


def early_exit(confidence, correct, costs, thresholds):
    """Accuracy and mean cost of one vector of thresholds."""
    leaves = confidence[:-1] >= np.asarray(thresholds)[:, None]
    taken = np.where(leaves.any(0), leaves.argmax(0), len(confidence) - 1)
    return correct[taken, np.arange(len(taken))].mean(), costs[taken].mean()


def sweep(confidence, correct, costs):
    """Accuracy and cost of all pairs of levels, one after the other."""
    return [
        early_exit(confidence, correct, costs, (first, second))
        for first in LEVELS
        for second in LEVELS
    ]


def main() -> None:
    """Train a network for each learning rate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--images", default="")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--widths", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--rates", type=float, nargs="+", default=[0.005])
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="0: torch's own choice")
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    costs = np.linspace(1 / len(given.widths), 1, len(given.widths))  # stand for MACs here
    read = images(given.file, given.images) if given.images else spectra(given.file)
    for rate in given.rates:
        model = train_network(
            read, tuple(given.widths), rate, given.epochs, given.batch, given.workers
        )
        points = sweep(*outputs(model, read[0]["validation"], given.workers), costs)
        _, correct = outputs(model, read[0]["test"], given.workers)
        torch.save(model.state_dict(), f"network_{rate:.6f}.pt")
        line = {"rate": rate, "accuracy": float(correct[-1].mean()), "points": len(points)}
        print(json.dumps({**line, "finished": time.time()}), flush=True)


if __name__ == "__main__":
    main()
