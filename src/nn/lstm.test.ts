import { describeGolden } from "../../test/golden.ts";
import { concat } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type LstmCell, lstmInput, lstmStep, lstmWalk } from "./lstm.ts";

const cellOf = ([inputWeight, hiddenWeight, inputBias, hiddenBias]: readonly Tensor[]): LstmCell => ({
  inputWeight: inputWeight!,
  hiddenWeight: hiddenWeight!,
  inputBias: inputBias!,
  hiddenBias: hiddenBias!,
});

describeGolden("lstm", {
  // the next hidden state, then the next cell
  cell: ([x, hidden, cell, ...parameters]) => {
    const lstm = cellOf(parameters);
    const next = lstmStep(lstm, lstmInput(lstm, x!), { hidden: hidden!, cell: cell! });
    return concat([next.hidden, next.cell], 0);
  },
  bidirectional: ([x, ...parameters]) =>
    concat(
      [lstmWalk(cellOf(parameters.slice(0, 4)), x!, "forward"), lstmWalk(cellOf(parameters.slice(4)), x!, "backward")],
      1,
    ),
});
