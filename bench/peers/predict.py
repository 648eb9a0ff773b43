"""One prediction in PyTorch: 2,500 images uint8 3x32x32 in memory to all kernels; the peer of `npm run bench -- predict-ARCH`.

The sketch of chunks of 250 images with running statistics, their mean, one pass through AHRU and the weight generators
(Algorithm 2 of arXiv 2310.11862); the model is meta_step.py's.
"""

import torch

from meta_step import SIDE, PudNet
from networks import laid_out
from protocol import arguments, compiled, serve

IMAGES, CHUNK = 2500, 250
MEAN, DEVIATION = 0.5, 0.29


def main():
    options = arguments(__doc__)
    model = PudNet(options.arch, "nchw", stem=options.stem).to(options.device).eval()
    images = torch.randint(0, 256, (IMAGES, 3, SIDE, SIDE), dtype=torch.uint8)
    layout = "nchw" if options.layout == "mkldnn" else options.layout  # leaky_relu has no mkldnn version

    def sketch_of(chunk):
        return model.sketch(laid_out((chunk.float() / 255 - MEAN) / DEVIATION, layout))

    def kernels_of(sketch):
        return [generate(row) for generate, row in zip(model.generators, model.ahru(sketch))]

    sketch_part, kernels_part = compiled(sketch_of, options), compiled(kernels_of, options)

    @torch.no_grad()
    def step():
        parts = [sketch_part(chunk.to(options.device)).clone() for chunk in images.split(CHUNK)]
        kernels = [kernel.cpu() for kernel in kernels_part(torch.stack(parts).mean(0))]
        return kernels[-1].sum()

    serve(step, options)


if __name__ == "__main__":
    main()
