// Which tutorial reproduces which record, and how the two are compared.

/** A script and the record of the notebook that it reproduces. */
export interface Tutorial {
  /** The script's file. */
  readonly script: string;
  /** The file with the recorded outputs. */
  readonly expected: string;
  /** Relative difference allowed in the recorded losses; 0 compares byte for byte. */
  readonly tolerance: number;
}

function tutorial(name: string, tolerance = 0): Tutorial {
  return { script: `${name}.ts`, expected: `${name}.txt`, tolerance };
}

/** The five tutorials. */
export const TUTORIALS: readonly Tutorial[] = [
  tutorial("00_autograd_basics"),
  tutorial("01_autograd_package"),
  tutorial("02_autograd_official"),
  // The start that was recovered gives the recorded losses to seven digits.
  tutorial("03_polynomial_fit", 2e-6),
  tutorial("04_gradient_calculation"),
];

/** Lists the differences of a script's output from the record, as lines of a diff. */
export function compareText(
  actual: string,
  expected: string,
  tolerance: number,
): string[] {
  const got = actual.trimEnd().split("\n");
  const want = expected.trimEnd().split("\n");
  const differences: string[] = [];
  // A fit goes on after its record with a picture, which has none.
  const rows = tolerance > 0 ? want.length : Math.max(got.length, want.length);
  for (let i = 0; i < rows; i++) {
    if (same(got[i], want[i], tolerance)) continue;
    if (want[i] !== undefined) differences.push(`- ${want[i]}`);
    if (got[i] !== undefined) differences.push(`+ ${got[i]}`);
  }
  return differences;
}

/** Compares two lines: all bytes, or the text and the numbers in it. */
function same(
  got: string | undefined,
  want: string | undefined,
  tolerance: number,
): boolean {
  if (got === want) return true;
  if (got === undefined || want === undefined || tolerance === 0) return false;
  const number = /-?\d+(?:\.\d+)?(?:e[-+]\d+)?/g;
  if (got.replace(number, "#") !== want.replace(number, "#")) return false;
  const a = got.match(number)!.map(Number);
  const b = want.match(number)!.map(Number);
  // The coefficients in the last line are small differences of large sums:
  // they agree with the record to 1e-7 of the largest, not of their own size.
  const scale = want.startsWith("Result") ? Math.max(...b.map(Math.abs)) : 0;
  return a.every((x, i) =>
    Math.abs(x - b[i]!) <= tolerance * Math.max(Math.abs(b[i]!), scale)
  );
}
