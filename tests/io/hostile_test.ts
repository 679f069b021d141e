// Files that are damaged or made to do harm: each is a clear error, at once.

import { assertEquals, assertThrows } from "@std/assert";
import { joinBytes } from "../../src/io/replace_file.ts";
import { zipChunks } from "../../src/io/zip_writer.ts";
import * as dg from "@dinograd/dinograd";
import { goldenBytes, GOLDENS, readAny } from "./golden_files.ts";

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** A safetensors file with a header that is given as text. */
function safetensors(header: string, data: number): Uint8Array {
  const json = text(header);
  const out = new Uint8Array(8 + json.length + data);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  return out;
}

Deno.test("safetensors headers follow the format's rules", () => {
  const f32 = (from: number, to: number, shape = "[1]") =>
    `{"dtype":"F32","shape":${shape},"data_offsets":[${from},${to}]}`;
  for (
    const [header, data, message] of [
      [`{"a":${f32(0, 4)},"b":${f32(0, 4)}}`, 4, "another tensor lies there"],
      [`{"a":${f32(0, 4)},"b":${f32(2, 6)}}`, 6, "another tensor lies there"],
      [`{"a":${f32(4, 8)}}`, 8, "nothing lies before it"],
      [`{"a":${f32(0, 4)}}`, 8, "MetadataIncompleteBuffer"],
      [`{"a":${f32(0, 4)}}`, 2, "MetadataIncompleteBuffer"],
      [`{"a":${f32(0, 4, "[2]")}}`, 4, "TensorInvalidInfo"],
      [`{"a":${f32(4, 0)}}`, 4, "TensorInvalidInfo"],
      [`{"a":${f32(-4, 0)}}`, 4, "InvalidOffset"],
      [`{"a":${f32(0, 4, "[-1]")}}`, 4, "a dimension of a shape is -1"],
      [`{"a":${f32(0, 4, "[1.5]")}}`, 4, "a dimension of a shape is 1.5"],
      [
        `{"a":${f32(0, 0, "[0,1e308]")}}`,
        0,
        "a dimension of a shape is 1e+308",
      ],
      [`{"a":${f32(0, 0, "[0,9007199254740991,2]")}}`, 0, "too large"],
      [`{"a":${f32(0, 4)},"a":${f32(0, 4)}}`, 4, "a name comes twice"],
      [
        `{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}`,
        4,
        "a name comes twice",
      ],
      [`{"a":${f32(0, 4, "[[1]]")}}`, 4, "nested too deeply"],
      [`{"a":${f32(0, 4, "1")}}`, 4, "has no shape"],
      [`{"a":{"dtype":"F32","shape":[1]}}`, 4, "has no data_offsets"],
      [`{"a":{"dtype":"F9","shape":[1],"data_offsets":[0,4]}}`, 4, '"F9"'],
      [
        `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`,
        4,
        "has a field x",
      ],
      [`{"a":1}`, 0, "is no object"],
      [`{"__metadata__":{"a":1}}`, 0, "holds only text"],
      [`{"__metadata__":[]}`, 0, "__metadata__ is no object"],
      [`{"a":`, 0, "InvalidHeaderDeserialization"],
      [` {}`, 0, "InvalidHeaderStart"],
      [`[]`, 0, "InvalidHeaderStart"],
    ] as const
  ) {
    assertThrows(
      () => dg.io.loadSafetensors(safetensors(header, data)),
      dg.RuntimeError,
      message,
      header,
    );
  }
  const long = new Uint8Array(16).fill(255);
  assertThrows(() => dg.io.loadSafetensors(long), Error, "HeaderTooLarge");
  const beyond = new Uint8Array(16);
  beyond[0] = 200;
  assertThrows(() => dg.io.loadSafetensors(beyond), Error, "InvalidHeaderLen");
  const short = new Uint8Array(7);
  assertThrows(() => dg.io.loadSafetensors(short), Error, "HeaderTooSmall");
  const letters = safetensors("{}", 0);
  letters[9] = 0xff;
  assertThrows(() => dg.io.loadSafetensors(letters), Error, "not UTF-8");
});

function npy(header: string, version = 1): Uint8Array {
  const body = text(`${header}\n`);
  const out = new Uint8Array(10 + body.length);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, body.length]);
  out.set(body, 10);
  return out;
}

Deno.test("npy headers follow the format's rules", () => {
  const rest = "'fortran_order': False";
  for (
    const [header, message] of [
      [`{'descr': '<f4', ${rest}, 'shape': (3,), }`, "ends too early"],
      [`{'descr': '<f4', ${rest}, 'shape': (99999999999999999999,)}`, "shape"],
      [`{'descr': '<f4', ${rest}, 'shape': (-1,)}`, "unexpected -"],
      [`{'descr': '<f4', ${rest}, 'shape': (4294967296, 4294967296)}`, "large"],
      [`{'descr': '<f4', ${rest}, 'shape': ${"(1,".repeat(9)}}`, "shape"],
      [`{'descr': '<f4', ${rest}, 'shape': (${"1,".repeat(65)})}`, "65 dim"],
      [`{'descr': '<f4', ${rest}, }`, "correct keys"],
      [`{'descr': '<f4', ${rest}, 'shape': (), 'x': 1}`, "unknown entry x"],
      [`{'descr': '<f4', 'fortran_order': 1, 'shape': ()}`, "valid bool"],
      [`{'descr': '<q9', ${rest}, 'shape': ()}`, "not supported"],
      [`{'descr': 'f4', ${rest}, 'shape': ()}`, "not supported"],
      [`{'descr': __import__('os'), ${rest}, 'shape': ()}`, "unexpected _"],
      [`{'descr': '<f4', ${rest}, 'shape': ()} 1`, "goes on"],
      ["  ", "lacks a {"],
    ] as const
  ) {
    assertThrows(() => dg.io.loadNpy(npy(header)), Error, message, header);
  }
  const fine = `{'descr': '<f4', ${rest}, 'shape': (0,), }`;
  assertEquals(dg.io.loadNpy(npy(fine)).shape, [0]);
  assertThrows(() => dg.io.loadNpy(npy(fine, 9)), Error, "not (9,0)");
  const huge = npy(fine, 2);
  huge.fill(255, 8, 12);
  assertThrows(() => dg.io.loadNpy(huge), Error, "may not be safe");
});

/** Changes bytes of a file from a place that a text marks. */
function patch(bytes: Uint8Array, mark: string, at: number, values: number[]) {
  const out = bytes.slice();
  const start = new TextDecoder("latin1").decode(bytes).lastIndexOf(mark);
  out.set(values, start + at);
  return out;
}

Deno.test("zip files follow the format's rules", () => {
  const bytes = dg.io.encodeNpz({ x: dg.ones(4), y: dg.ones(4) });
  const deflated = dg.io.encodeNpz({ x: dg.ones(4) }, { compressed: true });
  const listed = "PK\x01\x02";
  for (
    const [damaged, message] of [
      [patch(bytes, "PK\x05\x06", 0, [0]), "failed finding central directory"],
      [patch(bytes, "PK\x05\x06", 8, [255, 255, 255, 255]), "too short"],
      [patch(bytes, "PK\x05\x06", 12, [255, 255, 255, 127]), "too early"],
      [patch(bytes, listed, 0, [0]), "Bad magic number for central"],
      [patch(bytes, listed, 8, [1]), "is encrypted"],
      [patch(bytes, listed, 10, [12]), "method 12"],
      [patch(bytes, listed, 24, [1]), "does not fit"],
      [patch(bytes, listed, 42, [0, 0, 0, 0]), "does not fit"],
      [patch(bytes, listed, 16, [1, 2, 3, 4]), "Bad CRC-32"],
      [patch(bytes, listed, 46, [0x78]), "two entries"],
      [patch(bytes, "PK\x03\x04", 0, [0]), "Bad magic number for the header"],
      [patch(deflated, listed, 24, [200]), "instead of"],
      [patch(deflated, listed, 24, [1, 0, 0, 0]), "more than 1 bytes"],
      [patch(deflated, listed, 24, [0, 0, 0, 255]), "decompressed"],
    ] as const
  ) {
    assertThrows(() => dg.io.loadNpz(damaged), dg.RuntimeError, message);
  }
});

/** Bytes of text in which each letter is one. */
function latin1(value: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(value, (letter) => letter.charCodeAt(0));
}

/** A zip file of entries of one's own. */
function zip(entries: Record<string, Uint8Array>): Uint8Array {
  const contents = Object.entries(entries)
    .map(([name, data]) => ({ name, parts: [data] }));
  return joinBytes(zipChunks(contents, { compressed: false, alignment: 1 }));
}

/** A .pt file with a pickle of one's own, in which each letter is a byte. */
function pickled(pickle: string): Uint8Array {
  return zip({ "archive/data.pkl": latin1(pickle) });
}

Deno.test("pickles build containers and nothing else", () => {
  for (
    const [pickle, message] of [
      ["cos\nsystem\nX\x02\0\0\0ls\x85R.", "GLOBAL os.system was not an allow"],
      ["cbuiltins\neval\n.", "GLOBAL builtins.eval"],
      ["\x8c\x08builtins\x8c\x04eval\x93.", "GLOBAL builtins.eval"],
      ["c__builtin__\ngetattr\n.", "GLOBAL __builtin__.getattr"],
      ["i__main__\nFoo\n.", "Unsupported operand 105"],
      ["P0\n.", "Unsupported operand 80"],
      ["\0.", "Unsupported operand 0"],
      [".", "takes a value where there is none"],
      ["t.", "takes a value where there is none"],
      ["]]((R.", "takes a value where there is none"],
      ["h\x05.", "refers to what is not there"],
      ["}Na.", "appends to what is no list"],
      ["N]\x90.", "takes a value where there is none"],
      ["](N\x90.", "adds to what is no set"],
      ["]NNs.", "sets an entry of what is no dict"],
      ["}(Nu.", "sets an entry of what is no dict"],
      ["}NNs.", "neither text nor an integer"],
      ["])R.", "calls what cannot be called"],
      ["ctorch\nFloatStorage\n)R.", "calls what cannot be called"],
      ["ccollections\nOrderedDict\n}R.", "without arguments"],
      ["ccollections\nOrderedDict\nN\x85R.", "calls OrderedDict wrongly"],
      ["ctorch\nSize\nN\x85R.", "calls torch.Size wrongly"],
      [")Q.", "names a storage wrongly"],
      ["NQ.", "names a storage wrongly"],
      ["\x80\x63.", "unsupported pickle protocol: 99"],
      ["", "the pickle ends too early"],
      ["X\xff\xff\xff\xff.", "the pickle ends too early"],
      ["cabc", "the pickle ends too early"],
      ["]}b.", "sets the state of what is no OrderedDict"],
      ["ctorch\nSize\n.", "it holds torch.Size"],
      ["ctorch\nFloatStorage\n\x85.", "it holds a storage"],
      ["ctorch._utils\n_rebuild_tensor_v2\n)R.", "_rebuild_tensor wrongly"],
      ["ctorch._utils\n_rebuild_parameter\n)R.", "_rebuild_parameter wrongly"],
    ] as const
  ) {
    assertThrows(
      () => dg.io.loadTorch(pickled(pickle)),
      dg.RuntimeError,
      message,
      pickle,
    );
  }
});

Deno.test("pickles cannot fill the memory", () => {
  const long = 3_000_000;
  for (const op of ["}", "]", ")", "\x8f", "]\x94"]) {
    assertThrows(
      () => dg.io.loadTorch(pickled(op.repeat(long / op.length))),
      dg.RuntimeError,
      "far more memory",
    );
  }
  // Names for names for names: nothing of that is copied.
  const laughs = `]q\0${"(h\0h\0h\0lq\0".repeat(10_000)}.`;
  assertEquals(dg.io.loadTorch<unknown[]>(pickled(laughs)).length, 3);
  const deep = `${"]".repeat(50_000)}${"a".repeat(49_999)}.`;
  assertEquals(dg.io.loadTorch<unknown[]>(pickled(deep)).length, 1);
  const cyclic = dg.io.loadTorch<unknown[]>(pickled("]q\0h\0a."));
  assertEquals(cyclic[0] === cyclic, true);
});

Deno.test("tensors stay inside of their storages", () => {
  const tensor = (
    { length = 10, offset = 0, size = 10, step = 1, key = "0" },
  ) =>
    zip({
      "x/data.pkl": latin1(
        "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\n" +
          `FloatStorage\nX\x01\0\0\0${key}X\x03\0\0\0cpu` +
          `K${String.fromCharCode(length)}tQK${String.fromCharCode(offset)}` +
          `K${String.fromCharCode(size)}\x85K${String.fromCharCode(step)}\x85` +
          "\x89)tR.",
      ),
      "x/data/0": new Uint8Array(40),
    });
  const load = (bytes: Uint8Array) => dg.io.loadTorch<dg.Tensor>(bytes);
  assertEquals(load(tensor({})).shape, [10]);
  assertEquals(load(tensor({ size: 5, step: 2, offset: 1 })).shape, [5]);
  assertEquals(load(tensor({ size: 200, step: 0 })).sum().item(), 0);
  for (
    const [wrong, message] of [
      [{ size: 11 }, "reaches beyond its storage of 10 elements"],
      [{ offset: 1 }, "reaches beyond its storage of 10 elements"],
      [{ size: 6, step: 2 }, "reaches beyond its storage of 10 elements"],
      [{ length: 9 }, "has 40 bytes instead of 36"],
      [{ length: 200 }, "has 40 bytes instead of 800"],
      [{ key: "1" }, "failed locating file data/1"],
    ] as const
  ) assertThrows(() => load(tensor(wrong)), dg.RuntimeError, message);
});

Deno.test("zip files of something else are told apart", () => {
  const one = new Uint8Array([0x4e, 0x2e]);
  for (
    const [entries, message] of [
      [{ "a.txt": one }, "failed locating file data.pkl"],
      [{ "data.pkl": one }, "failed locating file data.pkl"],
      [{ "a/data.pkl": one, "b/data.pkl": one }, "failed locating file data"],
      [{ "a/data.pkl": one, "a/constants.pkl": one }, "TorchScript"],
      [{ "a/data.pkl": one, "a/byteorder": one }, "Unknown endianness type"],
    ] as const
  ) {
    assertThrows(() => dg.io.loadTorch(zip(entries)), dg.RuntimeError, message);
  }
});

Deno.test("every file that ends early is an error", () => {
  for (const [name, { error }] of Object.entries(GOLDENS)) {
    if (error !== undefined) continue;
    const bytes = goldenBytes(name);
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let length = 0; length < bytes.length; length += step) {
      assertThrows(
        () => readAny(name, bytes.slice(0, length)),
        dg.RuntimeError,
        undefined,
        `${name} of ${length} bytes`,
      );
    }
  }
});

Deno.test("other things than files are refused", () => {
  const load = dg.io.loadNpy as (from: unknown) => unknown;
  assertThrows(() => load(5), TypeError, "expected a path");
  assertThrows(() => load([1]), TypeError, "expected a path");
  assertThrows(() => dg.load("absent.npy"), Deno.errors.NotFound);
  const folder = new URL("./", import.meta.url);
  assertThrows(() => dg.io.loadNpy(folder), Error);
  assertThrows(() => dg.io.loadTorch(text("hello")), Error, "no file of torch");
});
