import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const script = fileURLToPath(new URL("../../tools/build-native.mjs", import.meta.url));

/** What the build says on a machine that has only these programs: name → the shell script it is. */
function buildWith(programs: Record<string, string>): { status: number | null; said: string[] } {
  const path = mkdtempSync(join(tmpdir(), "treeline-path-"));
  try {
    symlinkSync("/bin/sh", join(path, "sh"));
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(path, name), 0o755);
    }
    const env = { ...process.env, PATH: path, CXX: "" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--force"], { env, encoding: "utf8" });
    return { status, said: `${stdout}${stderr}`.trim().split("\n") };
  } finally {
    rmSync(path, { recursive: true });
  }
}

const cmake = 'echo "cmake version 3.25.1"';
const cases: [string, Record<string, string>, RegExp][] = [
  ["no CMake", {}, /needs CMake 3\.18 or newer: install it \(Debian\/Ubuntu: apt install cmake/],
  ["an old CMake", { cmake: 'echo "cmake version 3.10.2"' }, /needs CMake 3\.18 or newer, this is 3\.10: install it/],
  ["no compiler", { cmake }, /needs a C\+\+20 compiler: install one \(Debian\/Ubuntu: apt install g\+\+/],
  [
    "an old compiler",
    { cmake, "g++": '[ "$1" = --version ]' },
    /needs a C\+\+20 compiler \(GCC 11, Clang 14 or newer\), g\+\+ is none: install one/,
  ],
];

for (const [what, programs, expected] of process.platform === "win32" ? [] : cases) {
  test(`with ${what} the build says in one line what to install`, () => {
    const { status, said } = buildWith(programs);
    assert.is(status, 1);
    assert.is(said.length, 1, said.join("\n"));
    assert.match(said[0] ?? "", expected);
  });
}

test.run();
