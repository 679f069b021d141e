// Fourier transforms: single lines of lengths with small and with large prime
// factors, batches, and two dimensions. fft.py does the same in PyTorch and NumPy.

import * as dg from "@dinograd/dinograd";

const LENGTHS = [64, 1000, 1024, 1009, 4096, 65536, 65537, 1_000_000];
const BATCHES = [[256, 1000], [512, 512]] as const;

dg.setNumThreads(1);
for (const dtype of ["float32", "float64"] as const) {
  const random = (shape: readonly number[]) =>
    dg.randn(shape, { dtype, generator: new dg.Generator(1) });
  const add = (name: string, run: () => unknown) =>
    Deno.bench(`${name}, ${dtype}`, { group: `${name}, ${dtype}` }, () => {
      run();
    });
  for (const n of LENGTHS) {
    const x = random([n]);
    const z = dg.complex(x, random([n]));
    const half = dg.fft.rfft(x);
    add(`fft of ${n}`, () => dg.fft.fft(z));
    add(`rfft of ${n}`, () => dg.fft.rfft(x));
    add(`irfft of ${n}`, () => dg.fft.irfft(half, -1, { n }));
  }
  for (const [rows, columns] of BATCHES) {
    const x = random([rows, columns]);
    const z = dg.complex(x, random([rows, columns]));
    const name = `${rows} lines of ${columns}`;
    add(`fft of ${name}`, () => dg.fft.fft(z));
    add(`rfft of ${name}`, () => dg.fft.rfft(x));
  }
  const x = random([512, 512]);
  const z = dg.complex(x, random([512, 512]));
  add("fft of 512 columns of 512", () => dg.fft.fft(z, 0));
  add("fft2 of 512 by 512", () => dg.fft.fft2(z));
  add("rfft2 of 512 by 512", () => dg.fft.rfft2(x));
}
