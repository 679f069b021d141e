// The fit of polynomial_fit.ts. For the same in PyTorch on one thread, run
// bench/polynomial_fit.py.

import { fit } from "./polynomial_fit.ts";

Deno.bench("polynomial fit, 2000 steps", { n: 5, warmup: 1 }, () => {
  if (!(fit(2000) < 9)) throw new Error("the fit did not converge");
});
