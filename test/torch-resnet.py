"""Reads a safetensors file of a ResNet-18 (3x3 stem, linear head) by torchvision's names, and prints its probabilities.

python3 torch-resnet.py FILE WIDTH PIXELS: PIXELS are float32 [n, 3, side, side], normalised.
"""

import json
import struct
import sys

import torch
from torch import nn

TYPES = {"F32": torch.float32, "F16": torch.float16}


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data[begin:end], dtype=TYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"]).float()
    return tensors


class Block(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        inner = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(inner)) + shortcut)


class ResNet(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        for stage in range(4):
            c_in, c_out = width * 2 ** max(0, stage - 1), width * 2**stage
            blocks = nn.Sequential(Block(c_in, c_out, 1 if stage == 0 else 2), Block(c_out, c_out, 1))
            setattr(self, f"layer{stage + 1}", blocks)
        self.fc = nn.Linear(width * 8, classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        for stage in range(4):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean((2, 3)))


path, width, pixels = sys.argv[1], int(sys.argv[2]), sys.argv[3]
tensors = read(path)
del tensors["unknown.centroids"]  # of no layer
model = ResNet(width, len(tensors["fc.bias"])).eval()
model.load_state_dict(tensors, strict=True)
with open(pixels, "rb") as file:
    flat = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
side = 16
with torch.no_grad():
    print(json.dumps(torch.softmax(model(flat.reshape(-1, 3, side, side)), 1).tolist()))
