// The direction of imports, kept by a test. `deno info` gives the real module
// graph; the edges that exist at run time may lead down or sideways in the
// table of tests/layers.ts, never up and never in a circle. `import type`
// leaves no edge at run time and may point anywhere.

import { assert, assertEquals } from "@std/assert";
import { entryPoints, ROOT } from "./entry_points.ts";
import { FORBIDDEN, layerOf, LAYERS, matches } from "./layers.ts";

const MOST_LINES = 400;
const NAMES_THAT_SAY_NOTHING = /^(utils?|helpers?|index|common|misc)\.ts$/;

/** What this test reads of `deno info --json`. */
interface Info {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: {
      specifier: string;
      /** Absent where the import exists for types only. */
      code?: { specifier?: string; error?: string };
    }[];
  }[];
}

/** For each module of the package, the modules that it loads at run time. */
type Graph = Map<string, string[]>;

/** `file:///somewhere/src/a.ts` becomes `src/a.ts`; the rest stays. */
function local(specifier: string): string {
  return specifier.startsWith(ROOT.href)
    ? specifier.slice(ROOT.href.length)
    : specifier;
}

function addModules(graph: Graph, entry: string): void {
  const output = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
  }).outputSync();
  assert(output.success, new TextDecoder().decode(output.stderr));
  const info: Info = JSON.parse(new TextDecoder().decode(output.stdout));
  for (const module of info.modules) {
    // A file that does not exist: `deno check` complains better than we could.
    if (module.error !== undefined) continue;
    const imports: string[] = [];
    for (const { specifier, code } of module.dependencies ?? []) {
      if (code === undefined) continue;
      imports.push(local(code.specifier ?? specifier));
    }
    graph.set(local(module.specifier), imports);
  }
}

function sourceFiles(folder: string): string[] {
  const files: string[] = [];
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = folder + entry.name;
    if (entry.isDirectory) files.push(...sourceFiles(`${path}/`));
    else if (path.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}

/** The graph of everything, modules that no entry point reaches included. */
function packageGraph(files: readonly string[]): Graph {
  const graph: Graph = new Map();
  for (const entry of entryPoints()) addModules(graph, entry);
  for (const file of files) {
    if (!graph.has(file)) addModules(graph, file);
    assert(graph.has(file), `${file} cannot be read as a module`);
  }
  return graph;
}

/** The first circle found, as a path that ends where it began, or nothing. */
function findCycle(graph: Graph): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  function visit(module: string): string[] {
    const seenAt = path.indexOf(module);
    if (seenAt >= 0) return [...path.slice(seenAt), module];
    if (done.has(module)) return [];
    path.push(module);
    for (const next of graph.get(module) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(module);
    return [];
  }
  for (const module of graph.keys()) {
    const cycle = visit(module);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

const files = sourceFiles("src/");
const graph = packageGraph(files);
const edges = [...graph].flatMap(([from, imports]) =>
  imports.map((to) => ({ from, to }))
);

Deno.test("every source file has a layer", () => {
  const unknown = files.filter((file) => layerOf(file) < 0);
  assertEquals(unknown, [], "add these files to LAYERS in tests/layers.ts");
});

Deno.test("no run-time import points to a higher layer", () => {
  const upward = edges
    .filter(({ from, to }) => layerOf(from) >= 0 && layerOf(to) > layerOf(from))
    .map(({ from, to }) =>
      `${from} (${LAYERS[layerOf(from)]?.name}) imports ` +
      `${to} (${LAYERS[layerOf(to)]?.name})`
    );
  assertEquals(upward, [], "import a type instead, or move the code down");
});

Deno.test("no run-time import crosses a wall", () => {
  const crossing = FORBIDDEN.flatMap(({ from, to, because }) =>
    edges
      .filter((edge) =>
        from.some((it) => matches(it, edge.from)) &&
        to.some((it) => matches(it, edge.to))
      )
      .map((edge) => `${edge.from} imports ${edge.to}: ${because}`)
  );
  assertEquals(crossing, []);
});

Deno.test("no modules import each other in a circle", () => {
  assertEquals(findCycle(graph).join(" -> "), "");
});

/** Packages from outside, each where its entry point alone loads it. */
const OUTSIDE = [/^src\/onnx\/messages\.ts imports npm:protobufjs@/];

Deno.test("the package imports nothing from outside but what is listed", () => {
  const outside = edges
    .filter(({ to }) => !to.startsWith("src/") && to !== "mod.ts")
    .map(({ from, to }) => `${from} imports ${to}`)
    .filter((text) => !OUTSIDE.some((known) => known.test(text)));
  assertEquals(outside, []);
});

Deno.test("nothing under src imports mod.ts", () => {
  const importers = edges.filter(({ to }) => to === "mod.ts");
  assertEquals(importers.map(({ from }) => from), []);
});

Deno.test(`no source file is longer than ${MOST_LINES} lines`, () => {
  const long = files
    .map((file) => {
      const text = Deno.readTextFileSync(new URL(file, ROOT));
      return { file, lines: text.split("\n").length - 1 };
    })
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ file, lines }) => `${file}: ${lines} lines`);
  assertEquals(long, []);
});

Deno.test("every source file's name says what is in it", () => {
  const bad = files.filter((file) => {
    const name = file.slice(file.lastIndexOf("/") + 1);
    return NAMES_THAT_SAY_NOTHING.test(name) || !/^[a-z0-9_.]+$/.test(name);
  });
  assertEquals(bad, []);
});
