import { createRequire } from "node:module";
import { TreelineError } from "../base/errors.js";
import type { Addon } from "./addon.js";

const require = createRequire(import.meta.url);
let loaded: Addon | undefined;

/**
 * The native addon, loaded on first use. Tried in order: the file named by TREELINE_ADDON, a local build, the prebuilt
 * binary of this platform.
 *
 * @throws TreelineError ERR_NATIVE that lists what was tried and how to get a binary.
 */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
  const tried: string[] = [];
  for (const path of candidates()) {
    try {
      return require(path) as Addon;
    } catch (error) {
      tried.push(`  ${path}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    }
  }
  throw new TreelineError(
    "ERR_NATIVE",
    `treeline: no native binary for ${platformTag()} (Node ${process.version}) could be loaded. Tried:\n${tried.join("\n")}\n` +
      "Build one from source (a C++20 compiler and CMake are needed): npm run build:native, in a clone of the repository.",
  );
}

function* candidates(): Generator<string> {
  const override = process.env["TREELINE_ADDON"];
  if (override) {
    yield override;
    return;
  }
  yield "../../build/Release/treeline.node";
  yield `../../prebuilds/${platformTag()}.node`;
}

/** For example linux-x64 or linux-arm64-musl: the name of the prebuilt binary. */
export function platformTag(): string {
  return `${process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;
}

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean };
  const before = report.excludeNetwork;
  report.excludeNetwork = true; // otherwise the report looks every open connection up in the DNS
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before;
  return header?.glibcVersionRuntime === undefined;
}
