// Stands for onnxruntime-web in webpack (package.json, `imports`), which refuses to bundle a page where a package that may be
// missing is.

import { UserError } from "../errors.ts";

throw new UserError("webpack was not told where onnxruntime-web is");
