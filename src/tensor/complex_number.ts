// A complex number as JavaScript writes it. Pure.

/** A complex number: what elements of complex tensors read as, and are made of. */
export interface Complex {
  /** The real part. */
  readonly re: number;
  /** The imaginary part. */
  readonly im: number;
}

/** Tells whether a value is a complex number. */
export function isComplexNumber(x: unknown): x is Complex {
  return typeof x === "object" && x !== null && "re" in x && "im" in x &&
    typeof x.re === "number" && typeof x.im === "number";
}
