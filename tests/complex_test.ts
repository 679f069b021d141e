// Complex tensors as users meet them: how they are made, read, printed and
// stored, what their types promote to, and what is refused.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { type GoldenTensor, makeLeaf } from "./golden_case.ts";
import reprs from "./goldens/complex_reprs.json" with { type: "json" };

const I = { re: 0, im: 1 };

function sample(): dg.Tensor {
  return dg.tensor([{ re: 1, im: 2 }, { re: 3, im: -4 }]);
}

/** Fails unless a call throws an error with a sentence. */
function refuses(fn: () => unknown, sentence: string): void {
  assertThrows(fn, Error, sentence);
}

Deno.test("complex tensors print as PyTorch's", () => {
  for (const golden of reprs) {
    const leaf = makeLeaf(golden as GoldenTensor) as unknown as dg.Tensor;
    assertEquals(leaf.toString(), golden.repr);
  }
  assertEquals(
    `${sample().at(0)} ${dg.tensor({ re: 0, im: -1.5 })}`,
    "(1+2j) -1.5j",
  );
  assertEquals(
    sample().requiresGrad_().mul(2).toString(),
    "tensor([2.+4.j, 6.-8.j], grad_fn=<MulBackward0>)",
  );
});

Deno.test("complex numbers are made and read as { re, im }", () => {
  const z = sample();
  assertEquals(z.dtype, "complex64");
  assertEquals(z.tolist(), [{ re: 1, im: 2 }, { re: 3, im: -4 }]);
  assertEquals(z.at(1).item<dg.Complex>(), { re: 3, im: -4 });
  assertEquals(z.typedArray(), new Float32Array([1, 2, 3, -4]));
  assertEquals(JSON.stringify(z.at(0)), '{"re":1,"im":2}');
  assertEquals(dg.tensor([1, I, true]).tolist(), [
    { re: 1, im: 0 },
    I,
    { re: 1, im: 0 },
  ]);
  assertEquals(dg.tensor([z.at(0), 2]).real.tolist(), [1, 2]);
  assertEquals(dg.tensor([1, 2], { dtype: "complex128" }).imag.tolist(), [
    0,
    0,
  ]);
  assertEquals(dg.full(2, I).tolist(), [I, I]);
  assertEquals(dg.zeros(2, { dtype: "complex64" }).fill_(I).tolist(), [I, I]);
  assertEquals(z.clone().setAt_(0, I).at(0).item<dg.Complex>(), I);
  const mask = dg.tensor([true, false]);
  assertEquals(z.maskedFill(mask, I).at(0).item<dg.Complex>(), I);
  assertEquals([z.itemsize, z.nbytes, z.isComplex()], [8, 16, true]);
  refuses(() => dg.tensor([I], { dtype: "float32" }), "must be real number");
  refuses(() => dg.zeros(2).fill_(I), "type float without overflow");
  refuses(() => +z.at(0), "to type double without overflow");
});

Deno.test("the parts of complex numbers are views", () => {
  const z = sample();
  z.imag.fill_(7);
  assertEquals(z.tolist(), [{ re: 1, im: 7 }, { re: 3, im: 7 }]);
  const pairs = dg.zeros([2, 2]);
  dg.viewAsComplex(pairs).fill_({ re: 1, im: 2 });
  assertEquals(pairs.tolist(), [[1, 2], [1, 2]]);
  const x = dg.ones(2);
  assertStrictEquals(x.real, x);
  assertStrictEquals(x.conj(), x);
  assertEquals(z.view([2, 1]).expand([2, 3]).real.shape, [2, 3]);
  assertEquals(z.flip([0]).real.stride(), [2]);
});

Deno.test("views between real and complex numbers refuse what PyTorch refuses", () => {
  const as = dg.viewAsComplex;
  refuses(() => as(dg.zeros([])), "must have one or more dimensions");
  refuses(() => as(dg.zeros(3)), "must have a last dimension of size 2");
  refuses(() => as(dg.zeros([2, 2]).t()), "a last dimension with stride 1");
  refuses(() => as(dg.zeros([3, 3]).narrow(1, 0, 2)), "stride divisible by 2");
  refuses(() => as(dg.zeros([3, 4]).narrow(1, 1, 2)), "offset divisible by 2");
  refuses(() => as(dg.zeros([2, 2]).to("int64")), "scalar type: Long");
  refuses(() => dg.viewAsReal(dg.zeros(2)), "only supported for complex");
  refuses(() => dg.zeros(2).imag, "imag is not implemented for tensors with");
  const [x, y] = [dg.zeros(2), dg.zeros(2, { dtype: "float64" })];
  refuses(
    () => dg.complex(x, y),
    "scalar type Float but got scalar type Double",
  );
  refuses(
    () => dg.polar(x.to("int64"), x.to("int64")),
    "but got Long and Long",
  );
  refuses(() => sample().abs_(), "In-place abs is not supported for complex");
  refuses(() => sample().asStrided([3], [1]), "storage of size 16");
});

Deno.test("complex types promote as PyTorch's", () => {
  const { promoteTypes, resultType } = dg;
  assertEquals(promoteTypes("complex64", "float32"), "complex64");
  assertEquals(promoteTypes("complex64", "float64"), "complex128");
  assertEquals(promoteTypes("int64", "complex64"), "complex64");
  const z = sample();
  const wide = dg.ones(2, { dtype: "float64" });
  assertEquals(resultType(wide, z.at(0)), "complex128");
  assertEquals(resultType(wide.at(0), z), "complex64");
  assertEquals(resultType(dg.ones(2), I), "complex64");
  assertEquals(resultType(wide, I), "complex128");
  assertEquals(dg.ones(2, { dtype: "int32" }).mul(I).dtype, "complex64");
  assertEquals(dg.canCast("complex64", "float32"), false);
  assertEquals(dg.finfo("complex64").eps, 2 ** -23);
  assertEquals(z.to("float32").tolist(), [1, 3]);
  assertEquals(z.to("bool").tolist(), [true, true]);
  assertEquals(dg.tensor([I, 0]).to("bool").tolist(), [true, false]);
  refuses(() => dg.ones(2).add_(z), "result type ComplexFloat can't be cast");
});

Deno.test("complex numbers have no order", () => {
  const z = sample();
  refuses(() => z.lt(1), "\"lt_cpu\" not implemented for 'ComplexFloat'");
  refuses(() => z.sign(), "Please use torch.sgn instead");
  refuses(() => z.floor(), "floor is not supported for complex inputs");
  refuses(() => z.sort(), "Sort does not support complex dtypes on CPU");
  refuses(() => z.softmax(0), "not implemented for 'ComplexFloat'");
  refuses(() => dg.linalg.inv(dg.eye(2).to("complex64")), "ComplexFloat");
  assertEquals(z.isfinite().tolist(), [true, true]);
  const odd = dg.tensor([{ re: NaN, im: 0 }, { re: 1, im: -Infinity }]);
  assertEquals(odd.isnan().tolist(), [true, false]);
  assertEquals(odd.isinf().tolist(), [false, true]);
  assertEquals(dg.tensor([0, I, 1]).nonzero().tolist(), [[1], [2]]);
  assert(z.allclose(z.add(1e-9)));
  assert(z.equal(z.conj().conj()));
});

Deno.test("gradients of complex numbers follow PyTorch's convention", () => {
  const z = sample().requiresGrad_();
  refuses(
    () => z.sum().backward(),
    "grad can be implicitly created only for real scalar outputs but got complex64",
  );
  z.mul(z).backward(dg.tensor([1, I]));
  // The gradient times the conjugate of the derivative, 2 z.
  assertEquals(z.grad!.tolist(), [{ re: 2, im: -4 }, { re: -8, im: 6 }]);
  const x = dg.ones(2, { requiresGrad: true });
  x.mul(sample()).abs().sum().backward();
  assertAlmostEquals(x.grad!.at(0).item(), Math.sqrt(5), 1e-6);
  assertEquals(x.grad!.dtype, "float32");
});

Deno.test("gradcheck sees both parts of complex numbers", () => {
  const z = sample().to("complex128").requiresGrad_();
  const { gradcheck, gradgradcheck } = dg.autograd;
  assert(gradcheck((x) => x.mul(x).exp(), z));
  assert(gradcheck((x) => x.abs(), z));
  assert(gradgradcheck((x) => x.mul(x.conj()).sin(), z));
  const wrong = (x: dg.Tensor) => x.real.detach().mul(x);
  assertEquals(gradcheck(wrong, z, { raiseException: false }), false);
});

Deno.test("large complex tensors give what their pieces give", () => {
  dg.manualSeed(1);
  const x = dg.randn(40_000, { dtype: "complex128" });
  const y = dg.randn(40_000, { dtype: "complex128" });
  const calls: ((x: dg.Tensor, y: dg.Tensor) => dg.Tensor)[] = [
    (x, y) => x.mul(y),
    (x, y) => x.div(y),
    (x) => x.exp(),
    (x) => x.mul({ re: 2, im: -1 }),
    (x, y) => x.clone().mul_(y).mul_(x),
    (x, y) => dg.where(x.real.gt(0), x, y),
  ];
  for (const call of calls) {
    const whole = call(x, y);
    const pieces = x.split(500).map((part, k) => call(part, y.split(500)[k]!));
    assert(whole.allclose(dg.cat(pieces), { rtol: 1e-14, atol: 1e-14 }));
    const every = call(x.at("::2"), y.at("::2"));
    assert(whole.at("::2").allclose(every, { rtol: 1e-14, atol: 1e-14 }));
  }
});

Deno.test("complex numbers are drawn as PyTorch draws them", () => {
  dg.manualSeed(0);
  const options = { dtype: "complex64" } as const;
  assertEquals(
    String(dg.rand(2, options)),
    "tensor([0.4963+0.7682j, 0.0885+0.1320j])",
  );
  dg.manualSeed(0);
  assertEquals(
    String(dg.randn(2, options)),
    "tensor([ 1.0896-0.2075j, -1.5406+0.4019j])",
  );
  dg.manualSeed(0);
  assertEquals(
    String(dg.zeros(2, options).normal_()),
    "tensor([ 1.0896-0.2075j, -1.5406+0.4019j])",
  );
  refuses(() => dg.arange(3, options), '"arange_cpu" not implemented');
});

Deno.test("files keep complex numbers", () => {
  for (const dtype of ["complex64", "complex128"] as const) {
    const z = sample().to(dtype).reshape([2, 1]);
    const read = dg.io.loadNpy(dg.io.encodeNpy(z));
    assertEquals([read.dtype, read.tolist()], [dtype, z.tolist()]);
    const back = dg.io.loadTorch<{ z: dg.Tensor }>(dg.io.encodeTorch({ z }));
    assertEquals([back.z.dtype, back.z.tolist()], [dtype, z.tolist()]);
  }
  const z = sample();
  const all = dg.io.loadSafetensors(dg.io.encodeSafetensors({ z }));
  assertEquals(all.z!.tolist(), z.tolist());
});
