// Which tensors are parameters of modules, and which their buffers. Marks
// instead of subclasses: the engine sees objects of one shape only. Pure.

const PARAMETERS = new WeakSet<object>();
const BUFFERS = new WeakMap<object, boolean>();

/** Marks a tensor as a parameter. */
export function markParameter(x: object): void {
  PARAMETERS.add(x);
}

/** Whether a tensor is a parameter. */
export function isParameter(x: object): boolean {
  return PARAMETERS.has(x);
}

/** Marks a tensor as a buffer, which is part of state dicts if `persistent`. */
export function markBuffer(x: object, persistent: boolean): void {
  BUFFERS.set(x, persistent);
}

/** Whether a buffer is part of state dicts; undefined where it is no buffer. */
export function bufferPersistence(x: object): boolean | undefined {
  return BUFFERS.get(x);
}
