// How objects are shown by `console.log`. Pure.

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Lets `console.log` in Deno and Node show objects of a class by their `toString()`. */
export function showByToString(prototype: { toString(): string }): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: { toString(): string }): string {
      return this.toString();
    },
  });
}

/** Lets `console.log` show an error by its stack alone, without its cause. */
export function showByStack(error: Error): void {
  Object.defineProperty(error, INSPECT, {
    value(this: Error): string | undefined {
      return this.stack;
    },
  });
}
