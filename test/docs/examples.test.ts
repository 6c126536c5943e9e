import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as treeline from "../../src/index.js";

// Every `@example` of the sources and every ```ts block of README and docs is checked against the library's types. Names
// of the library need no import there; what else a reader takes for granted is declared in given.d.ts.

interface Example {
  /** File and line. */
  readonly where: string;
  readonly code: string;
}

const TUTORIAL = join("docs", "tutorial.md");
const FOLDER = resolve("test/docs");

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .sort()
    .map((path) => join(folder, path));
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;

/** The code of each @example in the comments of a source file: up to the next tag. */
function examplesOfSource(file: string): Example[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/\/\*\*([^]*?)\*\//g)].flatMap((comment) => {
    const lines = (comment[1] as string).split("\n").map((line) => line.replace(/^\s*\*? ?/, ""));
    return lines.flatMap((line, i) => {
      if (!line.startsWith("@example")) return [];
      const rest = lines.slice(i + 1);
      const end = rest.findIndex((other) => other.startsWith("@"));
      const code = [line.slice("@example".length), ...rest.slice(0, end < 0 ? rest.length : end)].join("\n");
      return [{ where: `${file}:${lineOf(text, comment.index) + i}`, code }];
    });
  });
}

/** The ```ts blocks of a page; those of the tutorial are one program. */
function examplesOfPage(file: string): Example[] {
  const text = readFileSync(file, "utf8");
  const blocks = [...text.matchAll(/^```ts\n([^]*?)^```/gm)].map((block) => ({
    where: `${file}:${lineOf(text, block.index) + 1}`,
    code: block[1] as string,
  }));
  return file === TUTORIAL ? [{ where: file, code: blocks.map(({ code }) => code).join("\n") }] : blocks;
}

/** Values and types that the library exports. */
const EXPORTED = new Set([
  ...Object.keys(treeline),
  ...filesUnder("src", "index.ts").flatMap((file) => readFileSync(file, "utf8").match(/\b[A-Z]\w+\b/g) ?? []),
]);

/** A module of the example, with the library's names that it uses imported. */
function moduleOf({ where, code }: Example): string {
  const names = new Set(code.match(/\b[A-Za-z]\w*\b/g));
  const imported = code.includes('from "treeline"') ? [] : [...EXPORTED].filter((name) => names.has(name));
  // In the chunked rooms X is a chunked matrix.
  const X =
    /^src.chunked|^src.linalg/.test(where) && !/\bconst \[?X\b/.test(code)
      ? 'import type { ChunkedMatrix as Chunked } from "treeline";\ndeclare const X: Chunked;'
      : "";
  return `import { ${imported.join(", ")} } from "treeline"; ${X}\nexport {};\n${code}`;
}

const pages = [
  "README.md",
  ...filesUnder("docs", ".md").filter((page) => !page.startsWith(join("docs", "api"))),
  ...filesUnder("examples", ".md"),
];
const examples = [...filesUnder("src", ".ts").flatMap(examplesOfSource), ...pages.flatMap(examplesOfPage)];

test("there are examples", () => assert.ok(examples.length > 90, String(examples.length)));

test("every example fits the library's types", () => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)).config,
    ts.sys,
    process.cwd(),
  );
  const modules = new Map(examples.map((example, i) => [join(FOLDER, `example-${i}.ts`), example]));
  const host = ts.createCompilerHost(options);
  host.readFile = (path) => {
    const example = modules.get(resolve(path));
    return example === undefined ? ts.sys.readFile(path) : moduleOf(example);
  };
  host.fileExists = (path) => modules.has(resolve(path)) || ts.sys.fileExists(path);
  const program = ts.createProgram(
    [...modules.keys(), join(FOLDER, "given.d.ts")],
    {
      ...options,
      noUnusedLocals: false,
      isolatedModules: false,
      verbatimModuleSyntax: false,
      noUncheckedIndexedAccess: false,
    },
    host,
  );
  const wrong = [...modules].flatMap(([path, { where }]) => {
    const file = program.getSourceFile(path) as ts.SourceFile;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText, start = 0, length = 0 }) =>
        `${where}: ${ts.flattenDiagnosticMessageText(messageText, " ")} (at ${file.text.slice(start, start + length).slice(0, 60)})`,
    );
  });
  assert.equal(wrong, []);
});

test("links between the pages lead somewhere", () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)/g)]
      .map((link) => link[1] as string)
      .filter((target) => !existsSync(join(dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  assert.equal(broken, []);
});

test.run();
