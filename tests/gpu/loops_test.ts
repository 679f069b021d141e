// Every loop of the kernels, and what bounds the turns that a thread takes in
// it: Mesa's adapter in software ends the loops of a thread after 65,535 turns
// without a word, and real GPUs do not like kernels that run for seconds. Who
// writes a loop says here why no tensor that fits a machine makes it longer.

import { assert, assertEquals } from "@std/assert";
import { piecesFor } from "../../src/gpu/matmul_shader.ts";
import { TILE_REACH } from "../../src/gpu/matmul_tile.ts";
import type { Engine } from "../../src/gpu/program.ts";
import { cutLoops, nestedTurns, type Ranges } from "../../src/gpu/turns.ts";

const FOLDER = new URL("../../src/gpu/", import.meta.url);

const TREE = "the threads of a workgroup, halved";
const SEARCH = "the logarithm of what is searched";
const BLOCK = "elements of a block, for each thread";
const PIECE = "elements of a piece of a row, for each thread";
const SERIES = "terms until a series has converged";
const GAMMA = "steps of at most 8 or 10 down to 2.5";

/** Bounds by file, in the order in which the loops stand there. */
const BOUNDS: Readonly<Record<string, readonly string[]>> = {
  "arg_shader.ts": [
    PIECE,
    "blocks of a piece, or of 2^18 elements",
    TREE,
  ],
  "convolution_shader.ts": [
    "channels: what is longer goes by tiles",
    "and the window",
  ],
  "convolution_text.ts": ["4"],
  "histogram_shader.ts": [
    "2048 places, for each thread",
    "2^31 elements, for 65,536 threads",
    "2048 places, for each thread",
  ],
  "matmul_tile.ts": ["piecesFor, leastPieces", "4"],
  "matvec_shader.ts": ["piecesFor", "piecesFor"],
  "program.ts": ["200 words, for each thread"],
  "reduce_shader.ts": ["2^31 elements, for 65,536 threads, or a piece"],
  "row_shader.ts": ["checkTurns"],
  "scan_shader.ts": ["blocks of a piece", TREE],
  "scatter_shader.ts": ["512", "mostTurns"],
  "sort_shader.ts": [BLOCK, SEARCH, SEARCH, BLOCK, BLOCK, SEARCH, SEARCH],
  "subgroups.ts": ["256"],
  "turns.ts": ["66,000, to see whether it ends"],
  "wgsl_basic.ts": ["bits of a quotient: 277"],
  "wgsl_incomplete.ts": [GAMMA, "2000", "60", "2000"],
  "wgsl_integer.ts": ["31 bits", "Euclid's algorithm: 46"],
  "wgsl_special.ts": [GAMMA, GAMMA, "34", SERIES],
  "window_mean.ts": ["64 positions in all"],
  "window_shader.ts": ["cutLoops", "cutLoops"],
  "workgroup_tree.ts": [TREE],
};

/** Where a loop of a kernel begins: its variables are `var`, and the host's are not; the text of others begins its lines. */
const LOOP = /\bfor \(var |\bloop \{|^while \(|\bwhile \((y|a) /;

Deno.test("what bounds each loop of the kernels is known", () => {
  const found: Record<string, number> = {};
  for (const { name } of Deno.readDirSync(FOLDER)) {
    const text = Deno.readTextFileSync(new URL(name, FOLDER));
    const loops = text.split("\n").filter((line) => LOOP.test(line)).length;
    if (loops > 0) found[name] = loops;
  }
  const known = Object.entries(BOUNDS).map(([name, all]) => [name, all.length]);
  assertEquals(found, Object.fromEntries(known));
});

Deno.test("loops are cut into parts that meet everything once, in order", () => {
  const walk = (part: Ranges, at: number[] = []): string[] => {
    const [range, ...rest] = part;
    if (range === undefined) return [at.join(" ")];
    const all: string[] = [];
    for (let k = range[0]; k < range[1]; k++) {
      all.push(...walk(rest, [...at, k]));
    }
    return all;
  };
  for (const lengths of [[0], [1], [50], [7, 9], [1, 40], [40, 1], [3, 4, 5]]) {
    const whole = walk(lengths.map((n) => [0, n] as const));
    for (const most of [8, 9, 20, 33, 200]) {
      const parts = cutLoops(lengths, most);
      assertEquals(parts.flatMap((part) => walk(part)), whole);
      for (const part of parts) {
        const turns = nestedTurns(part.map(([from, to]) => to - from));
        assert(turns <= most, `${JSON.stringify(part)}: ${turns} of ${most}`);
      }
    }
  }
});

Deno.test("pieces of products are short enough, however long the sum", () => {
  for (const mostTurns of [100, 60_000, Infinity]) {
    const engine = { context: { abilities: { mostTurns } } } as Engine;
    for (const reach of [TILE_REACH, 8, 128, 1024]) {
      for (const tasks of [1, 3, 63, 64, 10_000]) {
        for (const k of [0, 1, 5000, 400_000, 33_600_000, 2 ** 31 - 1]) {
          const pieces = piecesFor(engine, tasks, k, reach);
          const turns = k / pieces / reach;
          assert(turns <= Math.min(mostTurns, 60_000), `${reach} ${k}`);
          assert(pieces >= 1);
        }
      }
    }
  }
});
