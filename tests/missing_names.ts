// Prints the names that PyTorch has and this package has not, by namespace:
//
//   deno run --allow-read --allow-env tests/missing_names.ts
//
// What is deprecated, private in all but name, or for types that do not exist
// here (sparse, quantized, distributed) is on the list as well.

import * as dg from "@dinograd/dinograd";
import names from "./goldens/names.json" with { type: "json" };

/** What lies at a path of names, such as `nn.functional`. */
function at(path: string): object {
  let here: unknown = dg;
  for (const part of path.split(".")) {
    here = (here as Readonly<Record<string, unknown>> | undefined)?.[part];
  }
  return (here ?? {}) as object;
}

function show(title: string, wanted: readonly string[], owner: object): void {
  const missing = wanted.filter((name) => !(name in owner));
  console.log(
    `${title}: ${missing.length} of ${wanted.length}\n  ${missing.join(" ")}\n`,
  );
}

const methods = dg.Tensor.prototype;
show("functions", names.functions, dg);
show("methods", names.methods, methods);
show("properties", names.properties, dg.tensor(0));
for (const [path, wanted] of Object.entries(names.namespaces)) {
  show(path, wanted, at(path));
}
