import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./tree.mjs";

/** Runs a command; resolves to its output, rejects with it if the command fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let all = "";
    child.stdout.on("data", (text) => ((stdout += text), (all += text)));
    child.stderr.on("data", (text) => (all += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(stdout) : reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${all}`)),
    );
  });
}

/** Packs the project as a release would be; resolves to the tarball's path and the paths inside. */
export async function packProject() {
  const folder = mkdtempSync(join(tmpdir(), "treeline-pack-"));
  const output = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root });
  const [packed] = JSON.parse(output.slice(output.indexOf("[")));
  return { tarball: join(folder, packed.filename), files: packed.files.map((file) => file.path) };
}

/** A user's project that has installed `packages`, install scripts blocked, and the programs of test/package/consumer. */
export async function makeConsumer(packages, ...options) {
  const folder = mkdtempSync(join(tmpdir(), "treeline-user-"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "name": "user", "private": true, "type": "module" }\n`);
  cpSync(join(root, "test/package/consumer"), folder, { recursive: true });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm", ["install", ...quiet, ...options, ...packages], { cwd: folder });
  return folder;
}
