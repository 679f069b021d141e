// The command line of the examples: the same options for all of them.

import * as dg from "@dinograd/dinograd";
import { parseArgs } from "node:util";

/** What an example was asked for. */
export interface Arguments {
  /** Whether a few steps are enough, as in the tests. */
  readonly short: boolean;
  /** Where to write the picture; null for a chart in the terminal. */
  readonly plot: string | null;
  /** Where to save the state of the training, at the end and on Ctrl-C; null for nowhere. */
  readonly save: string | null;
  /** From where to go on; null for a start from nothing. */
  readonly resume: string | null;
  /** Which of the example's own flags were given. */
  readonly flags: ReadonlySet<string>;
}

const USAGE = `options:
  --device cpu|webgpu  where tensors live
  --short              a few steps only
  --plot FILE.svg      the picture as a file (--allow-write)
  --save FILE.pt       the state of the training, also on Ctrl-C (--allow-read --allow-write)
  --resume FILE.pt     goes on from there (--allow-read)`;

function parse(
  flags: readonly string[],
): Record<string, string | boolean | undefined> {
  const own = flags.map((name) => [name, { type: "boolean" }] as const);
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      ...Object.fromEntries(own),
      device: { type: "string" },
      short: { type: "boolean" },
      plot: { type: "string" },
      save: { type: "string" },
      resume: { type: "string" },
      help: { type: "boolean" },
    },
  });
  return values;
}

/** Fails with a message and the usage. */
function usage(message: string): never {
  console.error(`${message}\n${USAGE}`);
  Deno.exit(2);
}

/** Reads the command line, in which `flags` may stand too, and makes the device that it names the default. */
export async function readArguments(
  flags: readonly string[] = [],
): Promise<Arguments> {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(flags);
  } catch (error) {
    usage(error instanceof Error ? error.message : String(error));
  }
  if (values.help === true) {
    console.log(USAGE);
    Deno.exit(0);
  }
  const { device = "cpu" } = values;
  if (device !== "cpu" && device !== "webgpu") {
    usage(`--device is cpu or webgpu, not ${device}`);
  }
  if (device === "webgpu") dg.setDefaultDevice(await dg.requestGpu());
  const text = (name: string) => {
    const value = values[name];
    return typeof value === "string" ? value : null;
  };
  return {
    short: values.short === true,
    plot: text("plot"),
    save: text("save"),
    resume: text("resume"),
    flags: new Set(flags.filter((name) => values[name] === true)),
  };
}
