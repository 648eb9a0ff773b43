"""The safetensors format, written by hand: header length (8 bytes, little-endian), JSON header, raw data."""

import json
import os
import struct

import torch

DTYPES = {torch.float32: "F32", torch.int64: "I64"}


def save(path, tensors, metadata):
    """Write name -> tensor (floats as F32, integers as I64); `metadata` values are stored as JSON strings."""
    header = {"__metadata__": {key: json.dumps(value) for key, value in metadata.items()}}
    blobs, offset = [], 0
    for name, tensor in tensors.items():
        tensor = tensor.detach().to(torch.float32 if tensor.is_floating_point() else torch.int64).contiguous()
        blobs.append(tensor.numpy().tobytes())
        end = offset + len(blobs[-1])
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.tmp-golden", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    os.replace(f"{path}.tmp-golden", path)
