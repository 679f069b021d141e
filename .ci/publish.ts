// Publishes the package: the sources, which types and documentation are read
// from, and beside them one bundle of JavaScript, which runs. Deno loads that in
// half the time that the modules take, and fetches some thirty files in place of
// seven hundred. Everything is put into a temporary folder; nothing here changes.
//
//     deno run -A .ci/publish.ts --dry-run     what it is given goes to `deno publish`
//     deno run -A .ci/publish.ts --stage DIR   only fills a folder

const ROOT = new URL("../", import.meta.url);
/** Where the bundle lies in the package. */
const BUNDLE = "dist/";

/** What of deno.json is needed here. */
interface Config {
  exports: Record<string, string>;
  readonly publish: { readonly include: readonly string[] };
  readonly [key: string]: unknown;
}

async function run(cwd: URL, args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd });
  const { success } = await command.spawn().status;
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
}

/** Copies a file or a folder. */
async function copy(name: string, from: URL, to: URL): Promise<void> {
  const source = new URL(name, from);
  if (!(await Deno.stat(source)).isDirectory) {
    return await Deno.copyFile(source, new URL(name, to));
  }
  const [inner, outer] = [new URL(`${name}/`, from), new URL(`${name}/`, to)];
  await Deno.mkdir(outer, { recursive: true });
  for await (const entry of Deno.readDir(inner)) {
    await copy(entry.name, inner, outer);
  }
}

/** Fills a folder with the package. */
async function stage(folder: URL): Promise<void> {
  const config: Config = JSON.parse(withoutComments(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  ));
  for (const name of config.publish.include) await copy(name, ROOT, folder);
  const entries = Object.values(config.exports);
  await run(ROOT, [
    "bundle",
    "--quiet",
    "--platform=deno",
    "--code-splitting",
    // Modules print the names of their classes.
    "--keep-names",
    "--external=protobufjs",
    `--outdir=${decodeURIComponent(new URL(BUNDLE, folder).pathname)}`,
    ...entries,
  ]);
  for (const [name, path] of Object.entries(config.exports)) {
    const bundled = `./${BUNDLE}${path.slice(2).replace(/\.ts$/, ".js")}`;
    const file = new URL(bundled, folder);
    const up = "../".repeat(bundled.split("/").length - 2);
    const types = `// @ts-self-types="${up}${path.slice(2)}"\n`;
    await Deno.writeTextFile(file, types + await Deno.readTextFile(file));
    config.exports[name] = bundled;
  }
  const publish = { include: [...config.publish.include, BUNDLE] };
  await Deno.writeTextFile(
    new URL("deno.json", folder),
    JSON.stringify({ ...config, publish, tasks: undefined }, null, 2),
  );
}

/** deno.json has whole lines of comments. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\/.*$/gm, "");
}

const [first, second] = Deno.args;
if (first === "--stage" && second !== undefined) {
  await stage(new URL(`${second}/`, `file://${Deno.cwd()}/`));
} else {
  const path = await Deno.makeTempDir({ prefix: "dinograd_" });
  try {
    const folder = new URL(`file://${path}/`);
    await stage(folder);
    await run(folder, ["publish", "--allow-dirty", ...Deno.args]);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}
