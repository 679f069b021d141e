// The methods of tensors: products of matrices and vectors. One line each; the functions are the ops.

import { addbmm, addbmm_, baddbmm, baddbmm_ } from "../ops/batch_products.ts";
import { inner } from "../ops/contraction.ts";
import { bmm, dot, matmul, mm, mv, vdot } from "../ops/matmul.ts";
import {
  addmm,
  addmm_,
  addmv,
  addmv_,
  type AddProductOptions,
  addr,
  addr_,
} from "../ops/products.ts";
import { cross, ger, kron, outer, trace } from "../ops/vector_products.ts";
import type { Tensor } from "../tensor.ts";
import { Sorting } from "./sorting.ts";

/** Methods for products of matrices and vectors. */
export class Products extends Sorting {
  /** See {@linkcode dot}. */
  dot(this: Tensor, other: Tensor): Tensor {
    return dot(this, other);
  }

  /** See {@linkcode vdot}. */
  vdot(this: Tensor, other: Tensor): Tensor {
    return vdot(this, other);
  }

  /** See {@linkcode mv}. */
  mv(this: Tensor, vec: Tensor): Tensor {
    return mv(this, vec);
  }

  /** See {@linkcode mm}. */
  mm(this: Tensor, mat2: Tensor): Tensor {
    return mm(this, mat2);
  }

  /** See {@linkcode bmm}. */
  bmm(this: Tensor, mat2: Tensor): Tensor {
    return bmm(this, mat2);
  }

  /** See {@linkcode matmul}. */
  matmul(this: Tensor, other: Tensor): Tensor {
    return matmul(this, other);
  }

  /** See {@linkcode outer}. */
  outer(this: Tensor, vec2: Tensor): Tensor {
    return outer(this, vec2);
  }

  /** See {@linkcode ger}. */
  ger(this: Tensor, vec2: Tensor): Tensor {
    return ger(this, vec2);
  }

  /** See {@linkcode inner}. */
  inner(this: Tensor, other: Tensor): Tensor {
    return inner(this, other);
  }

  /** See {@linkcode kron}. */
  kron(this: Tensor, other: Tensor): Tensor {
    return kron(this, other);
  }

  /** See {@linkcode cross}. */
  cross(this: Tensor, other: Tensor, dim?: number): Tensor {
    return cross(this, other, dim);
  }

  /** See {@linkcode trace}. */
  trace(this: Tensor): Tensor {
    return trace(this);
  }

  /** See {@linkcode addmm}. */
  addmm(
    this: Tensor,
    mat1: Tensor,
    mat2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addmm(this, mat1, mat2, options);
  }

  /** See {@linkcode addmm_}. */
  addmm_(
    this: Tensor,
    mat1: Tensor,
    mat2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addmm_(this, mat1, mat2, options);
  }

  /** See {@linkcode addmv}. */
  addmv(
    this: Tensor,
    mat: Tensor,
    vec: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addmv(this, mat, vec, options);
  }

  /** See {@linkcode addmv_}. */
  addmv_(
    this: Tensor,
    mat: Tensor,
    vec: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addmv_(this, mat, vec, options);
  }

  /** See {@linkcode addr}. */
  addr(
    this: Tensor,
    vec1: Tensor,
    vec2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addr(this, vec1, vec2, options);
  }

  /** See {@linkcode addr_}. */
  addr_(
    this: Tensor,
    vec1: Tensor,
    vec2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addr_(this, vec1, vec2, options);
  }

  /** See {@linkcode baddbmm}. */
  baddbmm(
    this: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return baddbmm(this, batch1, batch2, options);
  }

  /** See {@linkcode baddbmm_}. */
  baddbmm_(
    this: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return baddbmm_(this, batch1, batch2, options);
  }

  /** See {@linkcode addbmm}. */
  addbmm(
    this: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addbmm(this, batch1, batch2, options);
  }

  /** See {@linkcode addbmm_}. */
  addbmm_(
    this: Tensor,
    batch1: Tensor,
    batch2: Tensor,
    options?: AddProductOptions,
  ): Tensor {
    return addbmm_(this, batch1, batch2, options);
  }
}
