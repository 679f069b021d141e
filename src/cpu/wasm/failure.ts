// Where kernels tell that they met what the loops in JavaScript report as an
// error, such as a division by zero: the loop then runs instead, and throws.

import { blockSize, takeBlock } from "../heap.ts";
import { MEMORY } from "../memory.ts";

const SIZE = blockSize(64);

let place = 0;
let flag = new Int32Array(1);

/** Address of the word that kernels set; 0 where there is no room. */
export function failurePlace(): number {
  if (place === 0 && MEMORY !== null) {
    place = takeBlock(SIZE);
    if (place !== 0) {
      flag = new Int32Array(MEMORY.buffer as unknown as ArrayBuffer, place, 1);
      flag[0] = 0;
    }
  }
  return place;
}

/** Whether a kernel failed since the last time this was asked. */
export function takeFailure(): boolean {
  if (flag[0] === 0) return false;
  flag[0] = 0;
  return true;
}
