// What goldens of special functions do not say: the namespace, what has no
// gradient, and how exact float32 is.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import * as entry from "../../src/entry/special.ts";
import names from "../goldens/names.json" with { type: "json" };

const { special } = dg;

Deno.test("the namespace is an entry point of its own", () => {
  assertEquals(Object.keys(entry), Object.keys(special));
});

Deno.test("PyTorch's functions are there, but for Airy's and the polynomials", () => {
  const missing = names.namespaces.special.filter((name) =>
    !(name in special) && !/olynomial/.test(name)
  );
  assertEquals(missing, ["airyAi"]);
});

Deno.test("names are other names of one function", () => {
  assert(special.expit === dg.sigmoid);
  assert(special.psi === dg.digamma);
  assert(special.gammaln === dg.lgamma);
  assert(special.gammainc === dg.igamma);
  assert(special.gammaincc === dg.igammac);
  assert(special.multigammaln === dg.mvlgamma);
});

Deno.test("Bessel functions have no gradient, as in PyTorch", () => {
  const x = dg.tensor([1, 2], { requiresGrad: true });
  for (
    const name of ["besselJ0", "besselY1", "modifiedBesselK0"] as const
  ) {
    assertEquals(special[name](x).requiresGrad, false);
  }
});

Deno.test("first arguments without a derivative are refused", () => {
  const x = dg.tensor([1.5, 2], { requiresGrad: true });
  assertThrows(
    () => dg.igamma(x, dg.ones(2)).sum().backward(),
    dg.RuntimeError,
    "the derivative for 'igamma: input' is not implemented.",
  );
  assertThrows(
    () => special.zeta(x, dg.ones(2)).sum().backward(),
    dg.RuntimeError,
    "the derivative for 'zeta' is not implemented.",
  );
});

Deno.test("float32 is float64, rounded once", () => {
  const x = dg.linspace(-40, 40, 4001);
  const wide = x.double();
  const share = x.abs().div(41);
  for (
    const name of [
      ...["i0", "i0e", "i1", "i1e", "besselJ0", "besselJ1"] as const,
      ...["sphericalBesselJ0", "erfcx", "ndtr", "logNdtr"] as const,
      ...["besselY0", "besselY1", "modifiedBesselK0"] as const,
      ...["modifiedBesselK1", "scaledModifiedBesselK0"] as const,
    ]
  ) {
    const narrow = special[name](x);
    const rounded = special[name](wide).float();
    assert(dg.allclose(narrow, rounded, { rtol: 0, atol: 0, equalNan: true }));
  }
  assert(special.ndtri(share).equal(special.ndtri(share.double()).float()));
});

Deno.test("in place, and of views", () => {
  const x = dg.tensor([[1, 2], [3, 4]], { dtype: "float64" });
  const wanted = x.t().i0();
  const y = x.clone();
  y.t().i0_();
  assert(y.t().equal(wanted));
  const a = dg.tensor([1, 2]);
  assert(
    a.clone().igamma_(dg.tensor([2, 1])).equal(
      dg.igamma(a, dg.tensor([2, 1])),
    ),
  );
});

Deno.test("quantiles are the inverse of the distribution", () => {
  const p = dg.tensor([1e-300, 1e-30, 0.01, 0.5, 0.975], { dtype: "float64" });
  assert(dg.allclose(special.ndtr(special.ndtri(p)), p, { rtol: 1e-12 }));
});
