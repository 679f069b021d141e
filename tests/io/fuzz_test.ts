// The short mode of fuzz.ts: some damaged files of each format. As a script it
// reads as many as one likes.

import { assert } from "@std/assert";
import { FORMATS, fuzz } from "./fuzz.ts";

for (const name of Object.keys(FORMATS)) {
  Deno.test(`damaged ${name} files are read or refused`, () => {
    const { read, refused } = fuzz(name, 1000, 7);
    assert(refused > 0 && read > 0);
  });
}
