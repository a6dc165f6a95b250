"""Images a second of PyTorch's training step on random images: train_torch.py lenet5|resnet8 BATCH THREADS SECONDS."""

import sys
import time

import torch
from torch import nn

name, batch, threads, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
torch.set_num_threads(threads)


class Block(nn.Module):
    """Two convolutions beside a projection, or nothing where the shape stays."""

    def __init__(self, channels, features, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, features, 3, stride, 1), nn.BatchNorm2d(features), nn.ReLU(),
            nn.Conv2d(features, features, 3, 1, 1), nn.BatchNorm2d(features))
        self.skip = nn.Identity() if stride == 1 else nn.Conv2d(channels, features, 1, stride)

    def forward(self, x):
        return torch.relu(self.body(x) + self.skip(x))


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def resnet8():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU(), Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2), nn.AvgPool2d(8),
        nn.Flatten(), nn.Linear(64, 10))


net, shape = (lenet5(), (1, 28, 28)) if name == "lenet5" else (resnet8(), (3, 32, 32))
images = torch.rand(batch, *shape)
classes = torch.randint(0, 10, (batch,))
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)


def run(limit):
    began, steps = time.time(), 0
    while time.time() - began < limit:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(images), classes).backward()
        optimizer.step()
        steps += 1
    return steps * batch / (time.time() - began)


run(seconds / 2)
print(f"{run(seconds):.1f} {torch.__version__}")
