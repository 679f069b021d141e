// CSV: quotes, line ends, types that are found or given, and what is wrong,
// told by line and column.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import * as dg from "@dinograd/dinograd";

const { parseCsv, readCsv } = dg.utils.data;

Deno.test("types of columns are found", () => {
  const table = parseCsv(
    "int,float,gap,flag,text,big,none\n" +
      "1,1.5,2,true,a,9223372036854775807,\n" +
      "-2,1e-3,NA,False,,-1,NaN\n",
  );
  const found = Object.entries(table.columns).map(([name, column]) => [
    name,
    dg.isTensor(column) ? (column as dg.Tensor).dtype : "text",
  ]);
  assertEquals(Object.fromEntries(found), {
    int: "int64",
    float: "float32",
    gap: "float32",
    flag: "bool",
    text: "text",
    big: "int64",
    none: "float32",
  });
  assertEquals(table.column("gap").tolist(), [2, NaN]);
  assertEquals(table.column("flag").tolist(), [true, false]);
  assertEquals(table.text("text"), ["a", null]);
  assertEquals(table.column("big").at(0).itemBigInt(), 2n ** 63n - 1n);
  assertEquals(table.length, 2);
  assertEquals(table.tensor().shape, [2, 6]);
  const precise = parseCsv("a,b\n1,0.1\n2,1e-3\n", { dtype: "float64" });
  assertEquals(precise.tensor().tolist(), [[1, 0.1], [2, 1e-3]]);
  assertEquals(precise.tensor(["b"], { dtype: "float16" }).dtype, "float16");
  // One more than int64 holds is a number all the same.
  const beyond = parseCsv("x\n9223372036854775808\n").column("x");
  assertEquals([beyond.dtype, beyond.item()], ["float32", 2 ** 63]);
});

Deno.test("types of columns are given", () => {
  const table = parseCsv("a,b,c,d,e\n1,0,007,x,3\n2,1,8,y,300\n", {
    columns: {
      a: "float64",
      b: "bool",
      c: "string",
      d: "category",
      e: "int16",
    },
  });
  assertEquals(table.column("a").dtype, "float64");
  assertEquals(table.column("b").tolist(), [false, true]);
  assertEquals(table.text("c"), ["007", "8"]);
  assertEquals(table.column("d").tolist(), [0, 1]);
  assertEquals(table.classes("d"), ["x", "y"]);
  assertEquals(table.column("e").dtype, "int16");
});

Deno.test("quotes, line ends, comments and names", () => {
  const text = '\ufeff# made by hand\r\n"a ""b""";c\r\n\r\n' +
    '"1;2";"two\nlines"\r\n# end\r\n"";last';
  const table = parseCsv(text, { separator: ";", comment: "#" });
  assertEquals(table.names, ['a "b"', "c"]);
  assertEquals(table.text('a "b"'), ["1;2", null]);
  assertEquals(table.text("c"), ["two\nlines", "last"]);
  const plain = parseCsv("1 2\r3 4", { header: ["x", "y"], separator: " " });
  assertEquals(plain.tensor().tolist(), [[1, 2], [3, 4]]);
  const late = parseCsv("2,1,a\n\na,b\n5,6\n", { skip: 2 });
  assertEquals(late.column("b").tolist(), [6]);
  const single = parseCsv("'a','b'\n'it''s',1\n", { quote: "'" });
  assertEquals(single.text("a"), ["it's"]);
  assertEquals(parseCsv("a,__proto__\n1,2\n").column("__proto__").item(), 2);
  assertEquals(parseCsv("", { header: ["a"] }).length, 0);
  assertEquals(parseCsv("a,b\n").column("a").shape, [0]);
  const missing = parseCsv("x\n?\n3\n", { missing: ["?"] });
  assertEquals(missing.column("x").tolist(), [NaN, 3]);
});

Deno.test("what is wrong is told by line and column", () => {
  for (
    const [text, options, message] of [
      ["a,b\n1\n", {}, "csv, line 2: 1 fields instead of 2"],
      ["a,b\n1,2\n\n1,2,3\n", {}, "csv, line 4: 3 fields instead of 2"],
      ['a\n"b\nc', {}, "csv, line 2: a quote is opened and never closed"],
      ['a\n"b"c\n', {}, "csv, line 2: a field goes on after its closing quote"],
      ["a,a\n1,2\n", {}, 'two columns have the name "a"'],
      ["a\n1\n", { header: ["x", "y"] }, "1 columns and 2 names"],
      ["a\n1\n", { columns: { b: "int64" } }, 'there is no column "b"'],
      [
        'a\n"x\ny"\n1\n',
        { columns: { a: "float32" } },
        'csv, line 2, column "a": "x\\ny" is no float32',
      ],
      ["a\n1.5\n", { columns: { a: "int64" } }, '"1.5" is no int64'],
      ["a\nyes\n", { columns: { a: "bool" } }, '"yes" is no bool'],
      ["a\n300\n", { columns: { a: "uint8" } }, "out of range for uint8"],
      ["a\n-1\n", { columns: { a: "uint8" } }, "out of range for uint8"],
      [
        "a\n9223372036854775808\n",
        { columns: { a: "int64" } },
        "out of range for int64",
      ],
      [
        "a,b\n1,2\n,2\n",
        { columns: { a: "int32" } },
        'csv, line 3, column "a": the value is missing, and int32 has no NaN',
      ],
      ["a\n1\n", { columns: { a: "int63" } }, "unknown dtype"],
      ["a\n1\n", { separator: "ab" }, "one letter each"],
      ["a\n1\n", { delimiter: ";" }, "unexpected option"],
    ] as const
  ) {
    assertThrows(
      () => Reflect.apply(parseCsv, null, [text, options]),
      Error,
      message,
      text,
    );
  }
  const table = parseCsv("x,t\n1,a\n");
  assertThrows(() => table.column("y"), dg.IndexError, '"y"');
  assertThrows(() => table.column("t"), TypeError, "is text");
  assertThrows(() => table.text("x"), TypeError, "is int64");
  assertThrows(() => table.classes("t"), TypeError, "no classes");
  assertThrows(() => table.tensor([]), dg.ValueError);
  const letters = new Uint8Array([0x61, 0xff]);
  assertThrows(() => readCsv(letters), dg.RuntimeError, "not UTF-8");
});

Deno.test("fields survive being written and read", () => {
  const field = fc.string({ unit: "grapheme" });
  fc.assert(fc.property(
    fc.array(fc.tuple(field, field), { minLength: 1 }),
    (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = rows.map((row) => row.map(quoted).join(",")).join("\n");
      const table = parseCsv(text, {
        header: ["a", "b"],
        columns: { a: "string", b: "string" },
        missing: [],
      });
      const wanted = [rows.map(([a]) => a), rows.map(([, b]) => b)];
      assertEquals([table.text("a"), table.text("b")], wanted);
    },
  ));
});

Deno.test("compressed files are read", async () => {
  const bytes = new TextEncoder().encode("x,y\n1,2\n3,4\n");
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const packed = await new Response(stream).bytes();
  assertEquals(readCsv(packed).tensor().tolist(), [[1, 2], [3, 4]]);
  assertThrows(
    () => readCsv(packed, { maxBytes: 5 }),
    dg.RuntimeError,
    "more than 5 bytes",
  );
  assertThrows(
    () => readCsv(packed.subarray(0, 20)),
    dg.RuntimeError,
    "damaged",
  );
  const zeros = new Blob([new Uint8Array(40 * 2 ** 20)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const bomb = await new Response(zeros).bytes();
  assert(bomb.length < 50_000);
  assertThrows(() => readCsv(bomb), dg.RuntimeError, "more than 16777216");
});

Deno.test("idx files follow the format's rules", () => {
  const { readIdx } = dg.utils.data;
  for (
    const [bytes, message] of [
      [[], "ends too early"],
      [[0, 0, 8], "ends too early"],
      [[0, 0, 7, 1, 0, 0, 0, 0], "begins differently"],
      [[1, 0, 8, 1, 0, 0, 0, 0], "begins differently"],
      [[0, 0, 8, 1, 0, 0], "ends too early"],
      [[0, 0, 8, 1, 0, 0, 0, 2, 5], "ends too early"],
      [[0, 0, 8, 1, 0, 0, 0, 1, 5, 6], "goes on for 1 bytes"],
      [[0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255], "too large"],
      [[0, 0, 8, 65, ...Array(260).fill(0)], "65 dimensions"],
    ] as const
  ) {
    const run = () => readIdx(new Uint8Array(bytes));
    assertThrows(run, dg.RuntimeError, message);
  }
});
