// Giving memory back by hand. What is used after that throws: a device that
// refuses everything takes the place of the storage's own, so that nothing on
// the way of an ordinary op has to look.

import type { Device, Storage } from "./device.ts";
import { RuntimeError } from "./errors.ts";

/** Fails because the memory of a tensor was given back; `what` says which tensor, if that is known. */
export function refuseDisposed(what = "a tensor"): never {
  throw new RuntimeError(
    `${what} was used after its memory was disposed of`,
    "dispose() gives back the memory that a tensor shares with its views, and so does the end of scope(); what goes on living is returned from scope(() => ...), or given to keep()",
  );
}

/** The device of disposed memory: whatever it is asked for, it refuses. */
export const DISPOSED: Device = new Proxy({} as Device, {
  get: () => refuseDisposed(),
});

/** Gives the memory of a storage back; a second time does nothing. */
export function disposeStorage(storage: Storage): void {
  const { device } = storage;
  if (device === DISPOSED) return;
  storage.device = DISPOSED;
  device.free(storage);
}
