// Roots of unity, to the last bit or nearly: angles are brought into the first
// octant by whole numbers first, where sine and cosine lose nothing.

/** Stores the cosine and the sine of `2 * pi * k / n` at `at` and behind it. */
export function storeRoot(
  out: Float64Array,
  at: number,
  k: number,
  n: number,
): void {
  // In units of an eighth of the circle: 8 * k = octant * n + rest.
  const eighths = 8 * (k % n);
  const octant = Math.floor(eighths / n);
  const rest = eighths - octant * n;
  const odd = octant % 2 === 1;
  const angle = Math.PI / 4 * ((odd ? n - rest : rest) / n);
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const turned = octant === 1 || octant === 2 || octant === 5 || octant === 6;
  const x = turned ? s : c;
  const y = turned ? c : s;
  out[at] = octant >= 2 && octant < 6 ? -x : x;
  out[at + 1] = octant >= 4 ? -y : y;
}

/** All roots of `n`, pairs in order: a part is computed, the rest are its mirror images. */
export function allRoots(n: number): Float64Array {
  const out = new Float64Array(2 * n);
  const parts = n % 8 === 0 ? 8 : n % 4 === 0 ? 4 : 2;
  const last = Math.floor(n / parts);
  for (let k = 0; k <= last && k < n; k++) storeRoot(out, 2 * k, k, n);
  if (parts === 8) {
    for (let k = 0; k < last; k++) {
      const to = n / 2 - 2 * k;
      out[to] = out[2 * k + 1]!;
      out[to + 1] = out[2 * k]!;
    }
  }
  if (parts >= 4) {
    for (let k = 0; k < n / 2; k += 2) {
      out[n / 2 + k] = -out[k + 1]!;
      out[n / 2 + k + 1] = out[k]!;
    }
  }
  for (let k = 1; 2 * k < n; k++) {
    out[2 * (n - k)] = out[2 * k]!;
    out[2 * (n - k) + 1] = -out[2 * k + 1]!;
  }
  if (n % 2 === 0) {
    out[n] = -1;
    out[n + 1] = 0;
  }
  return out;
}
