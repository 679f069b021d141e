// The package's entry points as deno.json lists them, for the checks that must
// look at each. Nothing else may keep such a list: it would fall behind.

/** The repository's root folder, with a slash at the end. */
export const ROOT: URL = new URL("..", import.meta.url);

/** Reads the paths of all entry points, `./mod.ts` first. */
export function entryPoints(): string[] {
  const text = Deno.readTextFileSync(new URL("deno.json", ROOT));
  // JSON.parse knows no comments; in deno.json each has a line of its own.
  const config: { exports: Record<string, string> } = JSON.parse(
    text.replaceAll(/^\s*\/\/.*$/gm, ""),
  );
  return Object.values(config.exports);
}
