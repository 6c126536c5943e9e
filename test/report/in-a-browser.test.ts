// The report in a real browser (Chromium without a window): the page as a picture, compared with a stored one as an eye would
// that does not read: the means of tiles, since fonts and times differ. TREELINE_UPDATE=1 stores the picture anew.
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { PNG } from "pngjs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  GaussianNB,
  HistGradientBoostingClassifier,
  loadBreastCancer,
  LogisticRegression,
  makePipeline,
  report,
  StandardScaler,
  trainTestSplit,
} from "../../src/index.js";

const [WIDTH, HEIGHT, TILE] = [1280, 2560, 20];
/** Mean difference of tiles, of 255, that still is the same page. */
const TOLERANCE = 8;
const stored = fileURLToPath(new URL("./report.png", import.meta.url));

function findChromium(): string | undefined {
  return ["chromium", "chromium-browser", "google-chrome"].find((name) => {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/** The page as the browser draws it, in tiles of grey. */
async function tilesOf(browser: string, html: string, folder: string): Promise<Uint8Array> {
  const [page, picture] = [join(folder, "page.html"), join(folder, "page.png")];
  await writeFile(page, html);
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"];
  const size = `--window-size=${WIDTH},${HEIGHT}`;
  const place = [`--user-data-dir=${join(folder, "profile")}`, `--screenshot=${picture}`, pathToFileURL(page).href];
  await promisify(execFile)(browser, [...flags, size, ...place], { timeout: 120_000 });
  const { data, width } = PNG.sync.read(await readFile(picture));
  const columns = WIDTH / TILE;
  const tiles = new Float64Array(columns * (HEIGHT / TILE));
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = 4 * (y * width + x);
      const grey = ((data[at] as number) + (data[at + 1] as number) + (data[at + 2] as number)) / 3;
      const tile = Math.floor(y / TILE) * columns + Math.floor(x / TILE);
      tiles[tile] = (tiles[tile] as number) + grey / TILE ** 2;
    }
  }
  return Uint8Array.from(tiles, Math.round);
}

function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, k) => sum + Math.abs(value - (b[k] as number)), 0) / a.length;
}

async function page(): Promise<string> {
  const { data, target, featureNames } = await loadBreastCancer();
  const [X, XTest, y, yTest] = await trainTestSplit(data, target, { testSize: 0.4, stratify: target, randomState: 0 });
  const models = {
    "Logistic regression": makePipeline(new StandardScaler(), new LogisticRegression()),
    "Naive Bayes": new GaussianNB(),
    Boosting: new HistGradientBoostingClassifier({ maxIter: 30, randomState: 0 }),
  };
  const options = { title: "Which tumours are benign?", train: { X, y }, featureNames };
  return (await report(models, XTest, yTest, options)).toHTML();
}

const browser = findChromium();
if (browser === undefined) {
  const why = "no Chromium is installed: the report is not looked at in a browser";
  if (process.env["TREELINE_REQUIRE_BROWSER"] === "1") throw new Error(why);
  console.log(why);
}

test("the page looks as it did, and a page without its style does not", async () => {
  const html = await page();
  assert.match(html, /<style>/);
  if (browser === undefined) return;
  const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  try {
    const tiles = await tilesOf(browser, html, folder);
    const small = new PNG({ width: WIDTH / TILE, height: HEIGHT / TILE });
    tiles.forEach((grey, k) => small.data.set([grey, grey, grey, 255], 4 * k));
    if (process.env["TREELINE_UPDATE"] === "1") await writeFile(stored, PNG.sync.write(small));
    const expected = PNG.sync.read(await readFile(stored)).data.filter((_, k) => k % 4 === 0);
    const found = difference(tiles, Uint8Array.from(expected));
    assert.ok(found < TOLERANCE, `the tiles differ by ${found.toFixed(1)} on average`);
    const bare = await tilesOf(browser, html.replace(/<style>[^]*?<\/style>/, ""), folder);
    assert.ok(difference(bare, tiles) > TOLERANCE, "no page is refused");
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

test.run();
