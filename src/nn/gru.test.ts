import { describeGolden } from "../../test/golden.ts";
import { concat, reshape, slice } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type GruCell, gruCell } from "./gru.ts";

const cellOf = ([inputWeight, hiddenWeight, inputBias, hiddenBias]: readonly Tensor[]): GruCell => ({
  inputWeight: inputWeight!,
  hiddenWeight: hiddenWeight!,
  inputBias: inputBias!,
  hiddenBias: hiddenBias!,
});

/** Part i of the first axis, without the axis. */
const at = (x: Tensor, i: number): Tensor => reshape(slice(x, 0, i, i + 1), x.shape.slice(1));

describeGolden("gru", {
  cell: ([x, h, ...cell]) => gruCell(cellOf(cell), x!, h!),
  // the top layer at each of three steps, then the last hidden state of both layers
  stacked: ([x, h, ...parameters]) => {
    const cells = [cellOf(parameters.slice(0, 4)), cellOf(parameters.slice(4))];
    let hidden = cells.map((_, layer) => at(h!, layer));
    const tops = [0, 1, 2].map((step) => {
      let below = at(x!, step);
      hidden = cells.map((cell, layer) => (below = gruCell(cell, below, hidden[layer]!)));
      return below;
    });
    return concat(
      [...tops, ...hidden].map((row) => reshape(row, [1, ...row.shape])),
      0,
    );
  },
});
