// What autograd refuses, in PyTorch's words and classes; each sentence was
// taken from PyTorch 2.13. Hints name the op and, with anomaly detection on,
// the line of this file.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

function leaf(): dg.Tensor {
  return dg.ones([2, 3], { requiresGrad: true });
}

/** Runs `fn`, which must fail with exactly this sentence; returns the hint. */
function refuses(
  message: string,
  fn: () => unknown,
  type: new (message: string) => Error = dg.RuntimeError,
): string {
  const error = assertThrows(fn, type);
  assertEquals(error.message, message);
  return (error as dg.RuntimeError).hint ?? "";
}

const LEAF =
  "a leaf Variable that requires grad is being used in an in-place operation.";
const VIEW_OF_LEAF =
  "a view of a leaf Variable that requires grad is being used in an in-place operation.";
const TWICE =
  "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph=true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.";
const MULTIPLE =
  "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.";

function changed(what: string, is: number, expected: number): string {
  return `one of the variables needed for gradient computation has been modified by an inplace operation: ${what} is at version ${is}; expected version ${expected} instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with autograd.setDetectAnomaly(true, { checkNan: false }).`;
}

function ambiguous(mode: string, start: string): string {
  return `${start} Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the ${mode} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).`;
}

Deno.test("a root must be a scalar, or come with a gradient of its shape", () => {
  const hint = refuses(
    "grad can be implicitly created only for scalar outputs",
    () => leaf().backward(),
  );
  assert(hint.includes("[2, 3]"));
  refuses(
    "grad can be implicitly created only for scalar outputs",
    () => dg.autograd.grad(leaf().mul(2), leaf()),
  );
  refuses(
    "Mismatch in shape: grad_output[0] has a shape of [3, 2] and output[0] has a shape of [2, 3].",
    () => leaf().mul(2).backward(dg.ones([3, 2])),
  );
});

Deno.test("what requires no gradient cannot be differentiated", () => {
  const sentence =
    "element 0 of tensors does not require grad and does not have a grad_fn";
  refuses(sentence, () => dg.ones(1).backward());
  refuses(sentence, () => leaf().argmax().backward());
  refuses(sentence, () => leaf().sum().detach().backward());
  refuses(
    "element 1 of tensors does not require grad and does not have a grad_fn",
    () => dg.autograd.backward([leaf().sum(), dg.ones([])]),
  );
  refuses(
    "One of the differentiated Tensors does not require grad",
    () => dg.autograd.grad(leaf().sum(), dg.ones(1)),
  );
});

Deno.test("integers cannot require a gradient", () => {
  const hint = refuses(
    "only Tensors of floating point dtype can require gradients",
    () => dg.ones(2, { dtype: "int64" }).requiresGrad_(),
  );
  assert(hint.includes("int64"));
});

Deno.test("an unused input is an error unless allowed", () => {
  const x = leaf();
  const other = leaf();
  refuses(
    "The differentiated Tensor at index 1 appears to not have been used in the graph. Set allowUnused=true if this is the desired behavior.",
    () => dg.autograd.grad(x.sum(), [x, other]),
  );
  assertEquals(
    dg.autograd.grad(x.sum(), other, { allowUnused: true }),
    [null],
  );
  const [zeros] = dg.autograd.grad(x.sum(), other, { materializeGrads: true });
  assertEquals(zeros!.tolist(), [[0, 0, 0], [0, 0, 0]]);
  refuses(
    "Expected allowUnused to be true or not passed when materializeGrads=true, but got: allowUnused=false.",
    () =>
      dg.autograd.grad(x.sum(), other, {
        materializeGrads: true,
        allowUnused: false,
      }),
    dg.ValueError,
  );
  refuses(
    "`inputs` argument to `grad()` cannot be empty.",
    () => dg.autograd.grad(x.sum(), []),
  );
  refuses(
    "`inputs` argument to `backward()` cannot be empty.",
    () => x.sum().backward(null, { inputs: [] }),
  );
});

Deno.test("a graph that saved values can be walked once", () => {
  const w = leaf();
  const sum = w.mul(3).sum();
  sum.backward();
  const hint = refuses(TWICE, () => sum.backward());
  assert(hint.includes("MulBackward0"));

  const mean = w.add(2).mean();
  mean.backward();
  mean.backward();

  const kept = w.mul(3).sum();
  kept.backward(null, { retainGraph: true });
  kept.backward();
});

Deno.test("a leaf and its views cannot be changed in place", () => {
  refuses(LEAF, () => leaf().add_(1));
  refuses(LEAF, () => leaf().unsqueeze_(0));
  refuses(VIEW_OF_LEAF, () => leaf().select(0, 0).add_(1));
  refuses(VIEW_OF_LEAF, () => leaf().view(6).mul_(2));
  refuses(VIEW_OF_LEAF, () => leaf().t().zero_());
  const part = dg.zeros([2, 2]).select(0, 0).requiresGrad_();
  refuses(VIEW_OF_LEAF, () => part.mul_(2));
  // An expanded tensor is refused only after that.
  refuses(VIEW_OF_LEAF, () => leaf().expand([4, 2, 3]).add_(1));
  refuses(
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
    () => dg.ones(3).expand([2, 3]).add_(1),
  );
});

Deno.test("a value that a rule reads must not change", () => {
  const y = leaf().exp();
  y.add_(1);
  const hint = refuses(
    changed("[torch.FloatTensor [2, 3]], which is output 0 of Exp,", 1, 0),
    () => y.sum().backward(),
  );
  assert(hint.startsWith("exp() saved this tensor"));

  const z = leaf().mul(2);
  const product = z.mul(z);
  z.add_(1);
  refuses(
    changed("[torch.FloatTensor [2, 3]], which is output 0 of Add,", 1, 0),
    () => product.sum().backward(),
  );

  const w = dg.ones([2, 3], { dtype: "float64" });
  const scaled = leaf().double().mul(w);
  w.add_(1);
  refuses(
    changed("[torch.DoubleTensor [2, 3]]", 1, 0),
    () => scaled.sum().backward(),
  );

  for (const op of ["mul_", "div_", "pow_"] as const) {
    const self = leaf().mul(1);
    self[op](self);
    const label = { mul_: "Mul", div_: "Div", pow_: "Pow1" }[op];
    refuses(
      changed(
        `[torch.FloatTensor [2, 3]], which is output 0 of ${label},`,
        1,
        0,
      ),
      () => self.sum().backward(),
    );
  }
});

Deno.test("views of several-view functions cannot be changed in place", () => {
  const x = leaf().mul(1);
  refuses(
    `Output 0 of Unbind is a view and is being modified inplace. ${MULTIPLE}`,
    () => x.unbind(0)[0]!.add_(1),
  );
  refuses(
    `Output 1 of Split is a view and is being modified inplace. ${MULTIPLE}`,
    () => x.split(1)[1]!.mul_(2),
  );
  // The base may, but then the views are lost.
  const [row] = x.unbind(0);
  x.mul_(2);
  assertEquals(row!.requiresGrad, true);
  refuses(
    `Output 0 of Unbind is a view and its base or another view of its base has been modified inplace. ${MULTIPLE}`,
    () => row!.gradFn,
  );
  assertEquals(String(row), "tensor([2., 2., 2.], grad_fn=<Invalid>)");
  // Where nothing is recorded, everything goes.
  const plain = dg.ones([2, 3]);
  plain.unbind(0)[0]!.mul_(2);
  assertEquals(plain.tolist(), [[2, 2, 2], [1, 1, 1]]);
});

Deno.test("views made without recording cannot be changed with it", () => {
  const x = leaf().mul(1);
  const view = dg.noGrad(() => x.select(0, 0));
  refuses(
    ambiguous(
      "noGrad",
      "A view was created in noGrad mode and is being modified inplace with grad mode enabled.",
    ),
    () => view.add_(1),
  );
  const unrecorded = dg.inferenceMode(() => x.select(0, 0));
  refuses(
    ambiguous(
      "inferenceMode",
      "A view was created in inference mode and is being modified inplace in normal mode.",
    ),
    () => unrecorded.add_(1),
  );
});

Deno.test("inference tensors stay out of autograd", () => {
  const x = dg.inferenceMode(() => dg.ones([2, 3]));
  refuses(
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `noGrad()` instead of `inferenceMode()`.",
    () => leaf().mul(x),
  );
  assertEquals(leaf().add(x).requiresGrad, true);
  refuses(
    "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.",
    () => x.add_(1),
  );
  refuses(
    "Setting requiresGrad=true on inference tensor outside InferenceMode is not allowed.",
    () => x.requiresGrad_(),
  );
});

Deno.test("only a leaf's requiresGrad may change", () => {
  const sentence =
    "you can only change requiresGrad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().";
  const hint = refuses(sentence, () => leaf().mul(2).requiresGrad_(false));
  assert(hint.includes("MulBackward0"));
  refuses(sentence, () => {
    leaf().mul(2).requiresGrad = false;
  });
  const y = leaf().mul(2);
  assertEquals(y.requiresGrad_(true), y);
});

Deno.test("an assigned gradient must fit", () => {
  const x = leaf();
  refuses(
    "attempting to assign a gradient of size '[3, 2]' to a tensor of size '[2, 3]'. Please ensure that the gradient and the tensor are the same size",
    () => {
      x.grad = dg.ones([3, 2]);
    },
  );
  refuses(
    "attempting to assign a gradient with dtype 'double' to a tensor with grad_dtype 'Float'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.",
    () => {
      x.grad = dg.ones([2, 3], { dtype: "float64" });
    },
  );
  refuses("can't assign Variable as its own grad", () => {
    x.grad = x;
  });
  refuses(
    "assigned grad expected to be a Tensor or null but got grad of type number",
    () => {
      x.grad = 3 as unknown as dg.Tensor;
    },
    TypeError,
  );
  x.grad = dg.ones([2, 3]);
  x.sum().backward();
  assertEquals(x.grad.tolist(), [[2, 2, 2], [2, 2, 2]]);
});

Deno.test("detach_ refuses views", () => {
  const error = assertThrows(
    () => leaf().mul(1).select(0, 0).detach_(),
    dg.RuntimeError,
  );
  assert(error.message.startsWith("Can't detach views in-place."));
  const x = leaf();
  assertEquals(x.detach_().requiresGrad, false);
});

Deno.test("anomaly detection names the line of the forward call", () => {
  using _ = dg.detectAnomaly();
  const y = leaf().exp(); // the line that must be named
  y.add_(1);
  const error = assertThrows(() => y.sum().backward(), dg.RuntimeError);
  assert(error.message.endsWith(
    "Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!",
  ));
  const line = lineOf("the line that must be named");
  assert(error.hint!.includes(`errors_test.ts:${line}:`), error.hint);
  assert(error.stack!.includes("Error detected in ExpBackward0."));
});

Deno.test("anomaly detection finds NaN", () => {
  const nan = "Function 'SqrtBackward0' returned nan values in its 0th output.";
  {
    using _ = dg.detectAnomaly();
    const x = dg.tensor([-1], { requiresGrad: true });
    const y = x.sqrt(); // where NaN comes from
    const hint = refuses(nan, () => y.backward());
    assert(hint.includes(`errors_test.ts:${lineOf("where NaN comes from")}:`));
    assertEquals(x.grad, null);
  }
  const x = dg.tensor([-1], { requiresGrad: true });
  const y = x.sqrt();
  refuses(nan, () => dg.detectAnomaly(() => y.backward()));
  dg.detectAnomaly(() => x.sqrt().backward(), { checkNan: false });
  assertEquals(x.grad!.tolist(), [NaN]);
  assertEquals(dg.autograd.isAnomalyEnabled(), false);
});

/** The number of the first line of this file that ends with a comment. */
function lineOf(comment: string): number {
  const text = Deno.readTextFileSync(new URL(import.meta.url));
  return text.split("\n").findIndex((row) => row.endsWith(`// ${comment}`)) + 1;
}

Deno.test("gradients that enter: a tensor or null for each output", () => {
  const x = dg.tensor([1, 2], { requiresGrad: true });
  const outputs = [x.sum(), x.mul(3).sum()];
  const one = dg.tensor(1);
  refuses(
    "got 2 tensors and 1 gradients",
    () => dg.autograd.backward(outputs, [one]),
  );
  refuses(
    "got 2 tensors and 1 gradients",
    () => dg.autograd.grad(outputs, x, { gradOutputs: one }),
  );
  assertThrows(
    // @ts-expect-error options are the second argument
    () => x.sum().backward({ retainGraph: true }),
    TypeError,
    "options come after the gradient",
  );
  assertEquals(x.grad, null);
});
