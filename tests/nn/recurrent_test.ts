// Recurrent layers, attention and transformers against real PyTorch; see
// goldens/make_recurrent_goldens.py.

import { type ModuleGolden, runModuleGolden } from "./module_golden.ts";

const url = new URL("../goldens/recurrent.json", import.meta.url);
const goldens: ModuleGolden[] = JSON.parse(Deno.readTextFileSync(url));

goldens.forEach((golden, i) => {
  const { kind, args, options, call } = golden;
  const given = [...args, ...Object.keys(options), ...Object.keys(call)];
  Deno.test(`golden ${i}: ${kind} ${given.join(" ")}`, () => {
    runModuleGolden(golden);
  });
});
