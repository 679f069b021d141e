// The room in the arena: pieces never overlap, and what one kind of work leaves
// serves another one, whose sizes are others. No GPU is needed for that.

import { assert, assertEquals } from "@std/assert";
import { Arena, type Piece } from "../../src/gpu/arena.ts";
import type { Buffers } from "../../src/gpu/buffers.ts";

const SIZE = 2 ** 24;

function makeArena(): Arena {
  const buffers: Pick<Buffers, "most"> = { most: SIZE };
  return new Arena(buffers as Buffers);
}

/** Takes pieces of a size until none is left. */
function fill(arena: Arena, bytes: number): Piece[] {
  const out: Piece[] = [];
  for (let piece = arena.take(bytes); piece; piece = arena.take(bytes)) {
    out.push(piece);
  }
  return out;
}

Deno.test("pieces of the arena never overlap, whatever comes and goes", () => {
  const arena = makeArena();
  const owner = new Int32Array(SIZE / 64).fill(-1);
  const live = new Map<number, Piece>();
  let seed = 1;
  const random = () => (seed = Math.imul(seed, 48271) & 0x7fffffff) / 2 ** 31;
  for (let k = 0; k < 60000; k++) {
    // Phases of small pieces, of large ones, and of both.
    const phase = Math.floor(k / 6000) % 3;
    const most = phase === 0 ? 4000 : 65536;
    const least = phase === 1 ? 30000 : 1;
    const bytes = least + Math.floor(random() * (most - least));
    const piece = random() < 0.6 ? arena.take(bytes) : null;
    if (piece !== null) {
      assert(piece.bytes >= bytes && piece.base * 4 + piece.bytes <= SIZE);
      const at = piece.base / 16;
      for (let i = at; i < at + piece.bytes / 64; i++) {
        assertEquals(owner[i], -1);
        owner[i] = k;
      }
      live.set(k, piece);
      continue;
    }
    const [some] = live;
    if (some === undefined) continue;
    const [key, old] = some;
    live.delete(key);
    arena.give(old);
    owner.fill(-1, old.base / 16, old.base / 16 + old.bytes / 64);
  }
  const bytes = [...live.values()].reduce((sum, each) => sum + each.bytes, 0);
  assertEquals(arena.live, bytes);
});

Deno.test("an arena that was full of one size serves every other", () => {
  for (const first of [64, 4000, 65536]) {
    for (const second of [64, 1152, 12000, 65536]) {
      const arena = makeArena();
      for (const piece of fill(arena, first)) arena.give(piece);
      const found = fill(arena, second);
      const room = found.reduce((sum, { bytes }) => sum + bytes, 0);
      // Rests of large pieces are too small for some sizes.
      assert(room > SIZE * 0.8, `${first}, then ${second}: ${room}`);
      for (const piece of found) arena.give(piece);
      assertEquals(arena.live, 0);
    }
  }
});
