import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What a run of the program left. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunCliOptions {
  /** What it reads from stdin. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with every piece of stderr. */
  readonly onTalk?: (text: string, child: ChildProcess) => void;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
let built: Promise<string> | undefined;

/**
 * The program, bundled from its sources as it is published (tools/build-ts.mjs), once for a file of tests: it starts in a fraction
 * of the time that compiling hundreds of modules takes.
 */
async function program(): Promise<string> {
  const outdir = join(root, `build-cli-${process.pid}`); // as deep as dist/: paths relative to import.meta.url hold
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    entryPoints: [join(root, "src/cli/main.ts")],
    outdir,
    outbase: join(root, "src"),
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "warning",
  });
  return join(outdir, "cli/main.js");
}

/** The arguments of node that run the program. */
export async function cliArgs(args: readonly string[]): Promise<string[]> {
  return [await (built ??= program()), ...args];
}

/** Runs the real program. */
export async function runCli(args: readonly string[], { input = "", env, onTalk }: RunCliOptions = {}): Promise<Ran> {
  const given = await cliArgs(args);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, given, { env: { ...process.env, ...env } });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => {
      stderr += text.toString();
      onTalk?.(text.toString(), child);
    });
    child.stdin.on("error", () => undefined); // it may end without reading
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A shop's customers: numbers with gaps, texts with gaps, booleans, and a target of texts that follows from them. */
export function shopCsv(rows = 400): string {
  let state = 7;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const lines = ["id,age,city,member,amount,bought"];
  for (let i = 0; i < rows; i++) {
    const age = Math.round(20 + 50 * random());
    const city = ["Bonn", "Köln", "Ulm, am Fluss"][Math.floor(3 * random())]!;
    const member = random() < 0.5;
    const amount = 100 * random();
    const bought = Number(age > 45) + 0.7 * Number(city.startsWith("Ulm")) + 0.6 * Number(amount > 60) + 0.4 * random();
    const [ageText, cityText] = [i % 20 === 3 ? "" : String(age), i % 30 === 5 ? "" : `"${city}"`];
    lines.push(`${i},${ageText},${cityText},${member},${amount.toFixed(2)},${bought > 1.3 ? "sale" : "none"}`);
  }
  return `${lines.join("\n")}\n`;
}
