// Floating-point numbers as text, digit for digit as Python prints them.
// Pure: knows nothing of tensors or of print options.

/** Largest number of digits after the point that JavaScript can print. */
export const MAX_PRECISION = 100;

/**
 * Formats a number as Python's `f"{x:.{precision}f}"` does.
 *
 * Rounds the exact binary value, ties to even, keeps the sign of −0 and has no
 * upper limit, where `toFixed` rounds ties away from zero, drops that sign and
 * switches to exponents at 1e21.
 */
export function pythonFixed(x: number, precision: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  return signOf(x) + fixedMagnitude(Math.abs(x), precision);
}

/**
 * Formats a number as Python's `f"{x:.{precision}e}"` does: ties to even, and
 * at least two digits in the exponent.
 */
export function pythonExponential(x: number, precision: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  return signOf(x) + exponentialMagnitude(Math.abs(x), precision);
}

/**
 * Formats a number as Python's `repr(float)` does: `0.1`, `1.0`, `1e-05`,
 * `1e+16`, `nan`, `inf`.
 *
 * The shortest digits that read back as the same double, as in JavaScript;
 * only the notation differs.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.pythonFloat(1e-5), "1e-05");
 * ```
 */
export function pythonFloat(x: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const [mantissa, power] = splitExponent(Math.abs(x).toExponential());
  const digits = mantissa.replace(".", "");
  const sign = signOf(x);
  if (power < -4 || power >= 16) {
    return `${sign}${mantissa}e${paddedExponent(power)}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${sign}${whole}.${digits.slice(power + 1) || "0"}`;
}

function nonFinite(x: number): string {
  if (Number.isNaN(x)) return "nan";
  return x > 0 ? "inf" : "-inf";
}

function signOf(x: number): string {
  return x < 0 || Object.is(x, -0) ? "-" : "";
}

function fixedMagnitude(x: number, precision: number): string {
  if (x >= 1e21) {
    // A double of this size is an integer, and BigInt prints it exactly.
    const whole = BigInt(x).toString();
    return precision === 0 ? whole : `${whole}.${"0".repeat(precision)}`;
  }
  const rounded = x.toFixed(precision);
  // x·10^p lies midway between two integers just when x·2^(p+1) is odd,
  // because 5^p is odd; scaling by a power of two is exact.
  return endsOdd(rounded) && isOdd(x * 2 ** (precision + 1))
    ? towardsEven(rounded)
    : rounded;
}

function exponentialMagnitude(x: number, precision: number): string {
  const [rounded, power] = splitExponent(x.toExponential(precision));
  const mantissa = endsOdd(rounded) && isTie(x, precision - power)
    ? towardsEven(rounded)
    : rounded;
  return `${mantissa}e${paddedExponent(power)}`;
}

/** Whether x·10^shift lies exactly midway between two integers. */
function isTie(x: number, shift: number): boolean {
  if (shift >= 0) return isOdd(x * 2 ** (shift + 1));
  if (!Number.isInteger(x)) return false;
  const twice = 2n * BigInt(x);
  const unit = 10n ** BigInt(-shift);
  return twice % unit === 0n && (twice / unit) % 2n === 1n;
}

/** Whether a non-negative number is an odd integer. */
function isOdd(x: number): boolean {
  return x % 2 === 1;
}

function endsOdd(digits: string): boolean {
  return digits.charCodeAt(digits.length - 1) % 2 === 1;
}

/** Undoes a tie that was rounded up to an odd digit: no borrow is possible. */
function towardsEven(digits: string): string {
  const last = digits.charCodeAt(digits.length - 1) - 1;
  return digits.slice(0, -1) + String.fromCharCode(last);
}

function splitExponent(text: string): [mantissa: string, power: number] {
  const at = text.indexOf("e");
  return [text.slice(0, at), Number(text.slice(at + 1))];
}

function paddedExponent(power: number): string {
  const digits = Math.abs(power).toString().padStart(2, "0");
  return (power < 0 ? "-" : "+") + digits;
}
