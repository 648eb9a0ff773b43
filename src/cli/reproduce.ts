// pudnet reproduce: says where that went; goes with the next minor version.

import { Command } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";

export function reproduceCommand() {
  return new Command("reproduce")
    .argument("[options...]")
    .allowUnknownOption()
    .action(() => {
      throw new UserError("the experiments of the paper are no part of the package", {
        hint: "in a checkout of the project: npm run -s reproduce -- all --budget quick (the options are the same)",
        exitCode: 2,
      });
    });
}
