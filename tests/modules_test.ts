// Starting costs what Deno does for each module. For a module that it meets for
// the first time it looks up where in the TypeScript the import stands, and
// decodes the source map of that file for it. So modules should be met in lists
// of imports, which are short; src/public/modules.ts is the list of those that
// no list of exports names. This test walks the graph in Deno's order.

import { assert, assertEquals } from "@std/assert";
import { ROOT } from "./entry_points.ts";

const LIST = "src/public/modules.ts";
/** Bytes of the files in which imports were looked up; 870,000 without LIST. */
const MOST_BYTES = 80_000;

/** What this test reads of `deno info --json`. */
interface Info {
  modules: {
    specifier: string;
    size?: number;
    dependencies?: {
      isDynamic?: boolean;
      /** Absent where the import exists for types only. */
      code?: { specifier?: string };
    }[];
  }[];
}

/** For each module of the package, its size and what it imports. */
function readGraph(): Map<string, { size: number; imports: string[] }> {
  const output = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "mod.ts"],
    cwd: ROOT,
  }).outputSync();
  assert(output.success, new TextDecoder().decode(output.stderr));
  const info: Info = JSON.parse(new TextDecoder().decode(output.stdout));
  const local = (specifier: string) => specifier.replace(ROOT.href, "");
  return new Map(info.modules.map((module) => [
    local(module.specifier),
    {
      size: module.size ?? 0,
      imports: (module.dependencies ?? []).flatMap(({ code, isDynamic }) =>
        code?.specifier === undefined || isDynamic
          ? []
          : [local(code.specifier)]
      ),
    },
  ]));
}

const graph = readGraph();

Deno.test("Deno meets modules in lists of imports, not in code", () => {
  const met = new Set(["mod.ts"]);
  const finders: { file: string; size: number; finds: string[] }[] = [];
  // A set is walked in the order in which it grows: breadth first, as Deno does.
  for (const file of met) {
    const { size, imports } = graph.get(file) ?? { size: 0, imports: [] };
    const finds = imports.filter((path) => !met.has(path));
    if (finds.length > 0) finders.push({ file, size, finds });
    for (const path of finds) met.add(path);
  }
  const bytes = finders.reduce((sum, { size }) => sum + size, 0);
  const largest = finders.filter(({ file }) => file !== LIST)
    .sort((p, q) => q.size - p.size).slice(0, 12)
    .map(({ file, finds }) => `${file} is the first to import ${finds}`);
  assert(
    bytes <= MOST_BYTES,
    `${bytes} bytes; add to ${LIST} what code imports first:\n` +
      largest.join("\n"),
  );
});

Deno.test("the list of modules keeps no module alive by itself", () => {
  const imported = new Set(
    [...graph].flatMap(([file, { imports }]) => file === LIST ? [] : imports),
  );
  const dead = graph.get(LIST)!.imports.filter((path) => !imported.has(path));
  assertEquals(dead, [], `nothing else imports these lines of ${LIST}`);
});
