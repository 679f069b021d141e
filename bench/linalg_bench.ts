// Linear algebra: the factorizations and what is solved with them, of square
// float64 matrices from tiny to large. linalg.py does the same in PyTorch.

import * as dg from "@dinograd/dinograd";

const { linalg } = dg;

for (const n of [8, 64, 256, 512]) {
  const options = { dtype: "float64", generator: new dg.Generator(n) } as const;
  const ones = dg.eye(n, { dtype: "float64" });
  const a = dg.randn([n, n], options).add(ones.mul(3));
  const b = dg.randn([n, n], options);
  const definite = a.matmul(a.mT).add(ones);
  const cases: Readonly<Record<string, () => unknown>> = {
    luFactorEx: () => linalg.luFactorEx(a),
    inv: () => linalg.inv(a),
    solve: () => linalg.solve(a, b),
    cholesky: () => linalg.cholesky(definite),
    solveTriangular: () => linalg.solveTriangular(a, b, { upper: false }),
    qr: () => linalg.qr(a),
    eigh: () => linalg.eigh(definite),
    eigvalsh: () => linalg.eigvalsh(definite),
    eig: () => linalg.eig(a),
    eigvals: () => linalg.eigvals(a),
    svd: () => linalg.svd(a),
    svdvals: () => linalg.svdvals(a),
    det: () => linalg.det(a),
    matrixExp: () => linalg.matrixExp(b),
  };
  for (const [name, run] of Object.entries(cases)) {
    Deno.bench(`${name} of ${n} by ${n}`, { group: `${n} by ${n}` }, () => {
      run();
    });
  }
}
