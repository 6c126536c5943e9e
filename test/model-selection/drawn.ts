import { PassThrough } from "node:stream";

/** What `run` draws on a terminal, verbose and not. */
export async function drawnBy(
  run: (params: { readonly verbose: boolean }) => Promise<unknown>,
): Promise<{ readonly verbose: string; readonly quiet: string }> {
  const real = Object.getOwnPropertyDescriptor(process, "stderr") as PropertyDescriptor;
  const drawn = async (verbose: boolean): Promise<string> => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
    let text = "";
    terminal.on("data", (part: Buffer) => (text += part.toString()));
    Object.defineProperty(process, "stderr", { value: terminal, configurable: true });
    try {
      await run({ verbose });
    } finally {
      Object.defineProperty(process, "stderr", real);
    }
    await new Promise(setImmediate);
    return text;
  };
  return { verbose: await drawn(true), quiet: await drawn(false) };
}
