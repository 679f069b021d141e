// Hooks around state dicts: when they run, what they see and may change. What is
// expected is what PyTorch 2.13 logged for the same modules.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { nn } = dg;

/** Two levels of modules. */
function model(): dg.nn.Sequential {
  const inner = new nn.Sequential([new nn.Linear(1, 1, { bias: false })]);
  return new nn.Sequential([new nn.Linear(2, 1), inner]);
}

function quoted(keys: readonly string[]): string {
  return `[${keys.map((key) => `'${key}'`).join(", ")}]`;
}

/** Hooks of all four kinds on both levels, that note what they see. */
function watched(): { root: dg.nn.Sequential; log: string[] } {
  const log: string[] = [];
  const root = model();
  const modules = [["root", root], ["inner", root.getSubmodule("1")]] as const;
  for (const [name, module] of modules) {
    module.registerStateDictPreHook((_, prefix, keepVars) => {
      log.push(`pre ${name} '${prefix}' ${keepVars}`);
    });
    module.registerStateDictPostHook((_, dict, prefix) => {
      log.push(`post ${name} '${prefix}' ${quoted(Object.keys(dict))}`);
    });
    module.registerLoadStateDictPreHook(
      (_, dict, prefix, _metadata, strict, missing, unexpected) => {
        const keys = quoted(Object.keys(dict));
        const lists = `${quoted(missing)} ${quoted(unexpected)}`;
        log.push(`load ${name} '${prefix}' ${keys} ${strict} ${lists}`);
      },
    );
    module.registerLoadStateDictPostHook((_, keys) => {
      const lists = [keys.missingKeys, keys.unexpectedKeys].map(quoted);
      log.push(`loaded ${name} ${lists.join(" ")}`);
    });
  }
  return { root, log };
}

const WRONG = `Error(s) in loading stateDict for Sequential:
\tMissing key(s) in stateDict: "1.0.weight". 
\tUnexpected key(s) in stateDict: "y.z", "0.q.r", "1.x". `;

Deno.test("hooks run in PyTorch's order and see what they see there", () => {
  const { root, log } = watched();
  root.stateDict({ prefix: "p." });
  const dict = root.stateDict();
  root.loadStateDict(dict);
  const wrong = { ...dict };
  delete wrong["1.0.weight"];
  for (const key of ["1.x", "y.z", "0.q.r"]) wrong[key] = dg.ones(1);
  assertThrows(() => root.loadStateDict(wrong), dg.RuntimeError, WRONG);
  assertEquals(log, [
    "pre root 'p.' false",
    "pre inner 'p.1.' false",
    "post inner 'p.1.' ['p.0.weight', 'p.0.bias', 'p.1.0.weight']",
    "post root 'p.' ['p.0.weight', 'p.0.bias', 'p.1.0.weight']",
    "pre root '' false",
    "pre inner '1.' false",
    "post inner '1.' ['0.weight', '0.bias', '1.0.weight']",
    "post root '' ['0.weight', '0.bias', '1.0.weight']",
    "load root '' ['0.weight', '0.bias', '1.0.weight'] true [] []",
    "load inner '1.' ['1.0.weight'] true [] []",
    "loaded inner [] []",
    "loaded root [] []",
    "load root '' ['0.weight', '0.bias', '1.x', 'y.z', '0.q.r'] true [] []",
    "load inner '1.' ['1.x'] true [] ['y.z', '0.q.r']",
    "loaded inner ['1.0.weight'] ['y.z', '0.q.r', '1.x']",
    "loaded root ['1.0.weight'] ['y.z', '0.q.r', '1.x']",
  ]);
  assertEquals(
    String(root.loadStateDict(wrong, { strict: false })),
    "_IncompatibleKeys(missing_keys=['1.0.weight'], unexpected_keys=['y.z', '0.q.r', '1.x'])",
  );
});

Deno.test("a hook renames what an older version saved", () => {
  const root = model();
  const handle = root.getSubmodule("1.0").registerLoadStateDictPreHook(
    (_, dict, prefix) => {
      const old = dict[`${prefix}gamma`];
      if (old === undefined) return;
      dict[`${prefix}weight`] = old;
      delete dict[`${prefix}gamma`];
    },
  );
  const { "1.0.weight": weight, ...rest } = root.stateDict();
  const old = { ...rest, "1.0.gamma": dg.full(weight!.shape, 7) };
  const keys = root.loadStateDict(old);
  assertEquals(String(keys), "<All keys matched successfully>");
  assertEquals(root.getParameter("1.0.weight").item(), 7);
  // The dictionary that was given stays as it is.
  assertEquals(Object.keys(old), ["0.weight", "0.bias", "1.0.gamma"]);
  handle.remove();
  assertThrows(() => root.loadStateDict(old), dg.RuntimeError, '"1.0.gamma"');
});

Deno.test("hooks change the state dict and what counts as missing", () => {
  const root = model();
  root.registerStateDictPostHook((_, dict) => void delete dict["0.bias"]);
  const dict = root.stateDict();
  assertEquals(Object.keys(dict), ["0.weight", "1.0.weight"]);
  assertThrows(() => root.loadStateDict(dict), dg.RuntimeError, '"0.bias"');
  root.registerLoadStateDictPostHook((_, keys) => {
    keys.missingKeys.length = 0;
  });
  assertEquals(root.loadStateDict(dict).missingKeys, []);
  // A copy has the hooks too.
  assertEquals(Object.keys(root.deepCopy().stateDict()), [
    "0.weight",
    "1.0.weight",
  ]);
});

Deno.test("hooks that return something are refused", () => {
  const root = model();
  const dict = root.stateDict();
  const handle = root.registerStateDictPostHook((_, dict) => dict);
  assertThrows(
    () => root.stateDict(),
    dg.RuntimeError,
    "stateDict post-hook must return undefined",
  );
  handle.remove();
  root.registerLoadStateDictPostHook(() => 1);
  assertThrows(
    () => root.loadStateDict(dict),
    dg.RuntimeError,
    "are not expected to return new values",
  );
});

Deno.test("setSubmodule puts a module where another one is", () => {
  const root = model();
  root.setSubmodule("1.0", new nn.Linear(1, 4));
  assertEquals(root.getParameter("1.0.weight").shape, [4, 1]);
  root.setSubmodule("0", new nn.Identity(), { strict: true });
  assertEquals(String(root.getSubmodule("0")), "Identity()");
  // The next index of a list, and a new name of a dictionary, are new items.
  root.setSubmodule("1.1", new nn.ReLU());
  assertEquals(root.call(dg.ones([3, 1])).shape, [3, 4]);
  assertEquals((root[1] as dg.nn.Sequential).length, 2);
  assertThrows(() => root.setSubmodule("4", new nn.ReLU()), dg.IndexError);
  const heads = new nn.ModuleDict({ a: new nn.ReLU() });
  heads.addModule("b", new nn.Identity());
  assertEquals([...heads.keys()], ["a", "b"]);
  const cases: [() => void, string][] = [
    [
      () => root.setSubmodule("", new nn.Identity()),
      "Cannot set the submodule without a target name!",
    ],
    [
      () => root.setSubmodule("1.9", new nn.Identity(), { strict: true }),
      "Sequential has no attribute `9`",
    ],
    [
      () => root.setSubmodule("1.0.weight", new nn.Identity()),
      "`weight` is not an nn.Module",
    ],
    [
      () => root.setSubmodule("0", 5 as unknown as dg.nn.Module),
      "`module` is not an nn.Module, found number",
    ],
  ];
  for (const [call, message] of cases) {
    assertThrows(call, dg.ValueError, message);
  }
});
