// How objects are shown by `console.log`. Pure.

/** Lets `console.log` in Deno and Node show objects of a class by their `toString()`. */
export function showByToString(prototype: { toString(): string }): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: { toString(): string }): string {
      return this.toString();
    },
  });
}
