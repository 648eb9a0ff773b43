"""Reads safetensors files (header length, JSON header, raw little-endian data) without numpy."""

import json
import struct

import torch

DTYPES = {"F32": torch.float32, "I64": torch.int64}


def read(path):
    """name -> tensor"""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)

    def tensor(entry):
        begin, end = entry["data_offsets"]
        return torch.frombuffer(bytearray(data[begin:end]), dtype=DTYPES[entry["dtype"]]).view(entry["shape"])

    return {name: tensor(entry) for name, entry in header.items()}
