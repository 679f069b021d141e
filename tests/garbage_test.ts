// Several devices watch over memory at a time: what one's sweep finds, the
// others do not take for survivors.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals } from "@std/assert";
import { collectionCount, Watchlist } from "../src/tensor/garbage.ts";
import { reclaims } from "../src/tensor/sweeper.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A list that counts what comes back. */
function makeList(): { list: Watchlist<number>; returned: () => number } {
  let returned = 0;
  const list = new Watchlist<number>(() => void returned++, MIB, 2 * MIB);
  return { list, returned: () => returned };
}

Deno.test("garbage of two lists in turn needs no full collections", () => {
  if (!reclaims()) return;
  // The memory of the CPU is in place, as in a program that computes.
  dg.ones([1000]).exp();
  const [a, b] = [makeList(), makeList()];
  const before = collectionCount();
  const each = 20_000;
  for (let k = 0; k < each; k++) {
    for (const { list } of [a, b]) {
      list.relieve(() => {});
      list.watch({}, k, 10 * KIB);
    }
  }
  const full = collectionCount() - before;
  // 390 MiB were handed out; V8 may be marking once or twice.
  assert(full < 8, `${full} full collections`);
  for (const { list, returned } of [a, b]) {
    assertEquals(returned() + list.count, each);
    assert(list.live < 8 * MIB, `${list.live} bytes live`);
  }
});

Deno.test("what died old comes back, too, while all else dies young", () => {
  if (!reclaims()) return;
  const { list } = makeList();
  const kept: object[] = [];
  for (let k = 0; k < 2000; k++) {
    list.relieve(() => {});
    const holder = {};
    kept.push(holder);
    list.watch(holder, k, 10 * KIB);
  }
  assertEquals(list.count, 2000);
  kept.length = 0;
  // 20 MiB that died old are found after 32 times half of it, though all else dies young.
  for (let k = 0; k < 40_000; k++) {
    list.relieve(() => {});
    list.watch({}, k, 10 * KIB);
  }
  assert(list.live < 10 * MIB, `${list.live} bytes live`);
});
