// fetchOpenml against a server on 127.0.0.1 that plays OpenML: nothing outside is asked.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { TreelineError } from "../../src/base/errors.js";
import { fetchOpenml, type OpenmlOptions } from "../../src/datasets/index.js";
import { ARFF, cutAfter, OpenmlServer, Proxy } from "./openml-server.js";

interface Context {
  server: OpenmlServer;
  home: string;
}
const test = suite<Context>("fetchOpenml");

test.before(() => {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"]) {
    Reflect.deleteProperty(process.env, name);
  }
});
test.before.each(async (context) => {
  context.server = await OpenmlServer.start();
  context.home = await mkdtemp(join(tmpdir(), "treeline-test-"));
});
test.after.each(async ({ server, home }) => {
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

const options = ({ server, home }: Context): Partial<OpenmlOptions> & { dataId: number } => ({
  dataId: 7,
  baseUrl: server.url,
  dataHome: home,
  delay: 0.001,
});

/** The error a call ends with. */
async function errorOf(promise: Promise<unknown>): Promise<TreelineError> {
  const error: unknown = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  assert.instance(error, Error);
  return error as TreelineError;
}

test("an ARFF data set becomes a frame with its categories, target and description", async (context) => {
  const bunch = await fetchOpenml(options(context));
  assert.equal(bunch.featureNames, ["x one", "colour"]);
  assert.equal(bunch.targetNames, ["Class"]);
  assert.equal(await bunch.frame.head(9), [
    { row: 1, "x one": 1.5, colour: "red", Class: "0" },
    { row: 2, "x one": null, colour: "dark blue", Class: "1" },
    { row: 3, "x one": -2000, colour: "green", Class: "1" },
    { row: 4, "x one": 7, colour: null, Class: "0" },
  ]);
  assert.equal(bunch.data.columns, ["x one", "colour"]);
  assert.equal(bunch.data.categories, [undefined, ["red", "dark blue", "green"]]);
  assert.equal(await bunch.target?.toArray(), ["0", "1", "1", "0"]);
  assert.is(bunch.DESCR, "A toy.");
  assert.is(bunch.details.version, "2");
  assert.is(bunch.url, "https://www.openml.org/d/7");
});

test("the second call answers from the cache, without the network", async (context) => {
  await fetchOpenml(options(context));
  const asked = context.server.requests.length;
  const byId = options(context);
  const byName = { ...byId, dataId: null, name: "toy" };
  await fetchOpenml(byName);
  assert.is(context.server.requests.length, asked + 1); // the name was not asked for before
  await context.server.stop();
  for (const again of [byId, byName]) {
    assert.equal((await fetchOpenml(again)).featureNames, ["x one", "colour"]);
  }
  assert.equal(
    (await readdir(join(context.home, "openml"), { recursive: true })).filter((f) => /part|tmp|lock/.test(f)),
    [],
  );
});

test("downloadIfMissing: false reads the cache only", async (context) => {
  const given = { ...options(context), downloadIfMissing: false };
  const error = await errorOf(fetchOpenml(given));
  assert.is(error.code, "ERR_IO");
  assert.match(error.message, /not in the cache/);
  await fetchOpenml(options(context));
  const asked = context.server.requests.length;
  assert.is(await (await fetchOpenml(given)).frame.countRows(), 4);
  assert.is(context.server.requests.length, asked);
});

test("refresh asks the server again", async (context) => {
  await fetchOpenml(options(context));
  const asked = context.server.requests.length;
  await fetchOpenml({ ...options(context), refresh: true });
  assert.is(context.server.requests.length, 2 * asked);
});

test("targetColumn names others, several or none", async (context) => {
  const colour = await fetchOpenml({ ...options(context), targetColumn: "colour" });
  assert.equal(colour.data.columns, ["x one", "Class"]);
  const both = await fetchOpenml({ ...options(context), targetColumn: ["colour", "Class"] });
  assert.is(both.target, undefined);
  assert.equal(
    both.targets.map((column) => column.name),
    ["colour", "Class"],
  );
  const none = await fetchOpenml({ ...options(context), targetColumn: null });
  assert.equal(none.data.columns, ["x one", "colour", "Class"]);
  const error = await errorOf(fetchOpenml({ ...options(context), targetColumn: "color" }));
  assert.is(error.message, 'fetchOpenml: targetColumn: toy has no column "color"');
});

test("a Parquet file is preferred, and ARFF taken when it is gone", async (context) => {
  const { server, home } = context;
  const { path } = await fetchOpenml(options(context));
  server.parquet = await readFile(path);
  const other = { ...options(context), dataHome: join(home, "other") };
  server.requests.length = 0;
  assert.equal(await (await fetchOpenml(other)).target?.toArray(), ["0", "1", "1", "0"]);
  assert.ok(server.requests.includes("/files/toy.pq"));
  assert.not.ok(server.requests.includes("/files/toy.arff"));
  server.hook = (request, response) => {
    if (request.url !== "/files/toy.pq") return false;
    response.writeHead(404).end();
    return true;
  };
  await fetchOpenml({ ...options(context), dataHome: join(home, "third") });
  assert.ok(server.requests.includes("/files/toy.arff"));
  const refused = await errorOf(fetchOpenml({ ...options(context), dataHome: join(home, "4th"), format: "parquet" }));
  assert.is(refused.code, "ERR_IO");
  assert.match(refused.message, /toy\.pq answered 404/);
});

test("a truncated Parquet file is refused and not kept", async (context) => {
  context.server.parquet = Buffer.from("PAR1 and then nothing more");
  const error = await errorOf(fetchOpenml(options(context)));
  assert.is(error.code, "ERR_IO");
  assert.match(error.message, /is no whole Parquet file; nothing was kept/);
  assert.equal(
    await readdir(join(context.home, "openml", (await readdir(join(context.home, "openml")))[0]!, "data")),
    [],
  );
});

test("a wrong checksum is an error, and nothing is kept", async (context) => {
  context.server.md5 = "0".repeat(32);
  const error = await errorOf(fetchOpenml(options(context)));
  assert.is(error.code, "ERR_IO");
  assert.match(error.message, /has the MD5 checksum [0-9a-f]{32}, but 0{32} was expected; nothing was kept/);
  const files = await readdir(join(context.home, "openml"), { recursive: true });
  assert.equal(
    files.filter((file) => /arff|parquet/.test(file)),
    [],
  );
});

test("a connection that breaks in the middle is resumed where it stopped", async (context) => {
  const { server } = context;
  let cuts = 0;
  server.hook = (request, response) => {
    if (request.url !== "/files/toy.arff" || cuts++ > 0) return false;
    cutAfter(response, server.file, 100, server.etag);
    return true;
  };
  const seen: number[] = [];
  await fetchOpenml({ ...options(context), onProgress: (p) => seen.push(p.done) });
  assert.equal(server.ranges, ["bytes=100-"]);
  assert.equal(seen, [100, ARFF.length]);
});

test("a later call goes on with what an earlier one left", async (context) => {
  const { server } = context;
  server.hook = (request, response) => {
    if (request.url !== "/files/toy.arff") return false;
    cutAfter(response, server.file, 120, server.etag);
    return true;
  };
  const error = await errorOf(fetchOpenml({ ...options(context), nRetries: 0 }));
  assert.is(error.code, "ERR_IO");
  server.hook = () => false;
  await fetchOpenml(options(context));
  assert.equal(server.ranges, ["bytes=120-"]);
});

test("a file that changed between two halves is downloaded from its start", async (context) => {
  const { server } = context;
  for (const etag of ['"second"', undefined]) {
    const home = join(context.home, String(etag?.length));
    server.etag = etag === undefined ? undefined : '"first"';
    server.hook = (request, response) => {
      if (request.url !== "/files/toy.arff") return false;
      cutAfter(response, Buffer.alloc(500, "x"), 90, server.etag);
      return true;
    };
    await errorOf(fetchOpenml({ ...options(context), dataHome: home, nRetries: 0 }));
    server.hook = () => false;
    server.etag = etag;
    // With an ETag the server sends the whole; without one, the checksum tells.
    assert.is(await (await fetchOpenml({ ...options(context), dataHome: home })).frame.countRows(), 4);
  }
});

test("a leftover as long as the file, or longer, is thrown away", async (context) => {
  const { server } = context;
  server.hook = (request, response) => {
    if (request.url !== "/files/toy.arff") return false;
    response.writeHead(200, { "content-length": "9999", etag: '"first"' });
    response.write(Buffer.alloc(5000, "x"), () => setTimeout(() => response.destroy(), 300));
    return true;
  };
  await errorOf(fetchOpenml({ ...options(context), nRetries: 0 }));
  server.hook = () => false;
  assert.is(await (await fetchOpenml(options(context))).frame.countRows(), 4);
  assert.equal(server.ranges, ["bytes=5000-", undefined]);
});

test("server errors are retried, and reported when they stay", async (context) => {
  let failures = 2;
  context.server.hook = (_request, response) => {
    if (failures-- <= 0) return false;
    response.writeHead(503).end();
    return true;
  };
  await fetchOpenml(options(context));
  failures = Infinity;
  const error = await errorOf(fetchOpenml({ ...options(context), refresh: true, nRetries: 1 }));
  assert.is(error.code, "ERR_IO");
  assert.match(
    error.message,
    /^fetchOpenml: http:\/\/127\.0\.0\.1:\d+\/api\/v1\/json\/data\/7 answered 503; try again later$/,
  );
});

test("an unknown number or name is a clear error and not retried", async (context) => {
  const byId = await errorOf(fetchOpenml({ ...options(context), dataId: 8 }));
  assert.is(byId.code, "ERR_INVALID_ARGUMENT");
  assert.is(byId.message, "fetchOpenml: OpenML has no data set 8 (OpenML: Unknown dataset)");
  const byName = await errorOf(fetchOpenml({ ...options(context), dataId: null, name: "toys", version: 3 }));
  assert.is(byName.message, 'fetchOpenml: OpenML has no data set named "toys" of version 3 (OpenML: Unknown dataset)');
  assert.is(context.server.requests.length, 2);
});

test("a file that is gone is a clear error", async (context) => {
  context.server.hook = (request, response) => {
    if (request.url !== "/files/toy.arff") return false;
    response.writeHead(404).end();
    return true;
  };
  const error = await errorOf(fetchOpenml(options(context)));
  assert.is(error.code, "ERR_IO");
  assert.match(error.message, /toy\.arff answered 404; is the data set still there\?/);
});

test("without a network the error says what to do", async (context) => {
  const given = { ...options(context), nRetries: 1 };
  await context.server.stop();
  const error = await errorOf(fetchOpenml(given));
  assert.is(error.code, "ERR_IO");
  assert.match(
    error.message,
    /^fetchOpenml: cannot download from http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Check the network/,
  );
  assert.match(error.message, /HTTPS_PROXY.*scanParquet or scanCsv/);
});

test("an abort ends a slow download at once with its reason, and keeps what came for the next call", async (context) => {
  const { server } = context;
  const reason = new Error("enough");
  const controller = new AbortController();
  server.hook = (request, response) => {
    if (request.url !== "/files/toy.arff") return false;
    response.writeHead(200, { "content-length": String(server.file.length), etag: '"first"' });
    response.write(server.file.subarray(0, 80));
    return true;
  };
  const error = await errorOf(
    fetchOpenml({ ...options(context), signal: controller.signal, onProgress: () => controller.abort(reason) }),
  );
  assert.is(error, reason);
  server.hook = () => false;
  await fetchOpenml(options(context));
  assert.equal(server.ranges, ["bytes=80-"]);
  assert.is(await errorOf(fetchOpenml({ ...options(context), signal: AbortSignal.abort(reason) })), reason);
});

test("a server that says nothing is given up after the timeout", async (context) => {
  context.server.hook = () => true;
  const error = await errorOf(fetchOpenml({ ...options(context), timeout: 0.2, nRetries: 0 }));
  assert.is(error.code, "ERR_IO");
  assert.match(error.message, /UND_ERR_HEADERS_TIMEOUT/);
});

test("what onProgress throws ends the download", async (context) => {
  const thrown = new TypeError("no bar");
  const throwing = (): void => {
    throw thrown;
  };
  assert.is(await errorOf(fetchOpenml({ ...options(context), onProgress: throwing })), thrown);
});

test("the proxy of HTTP_PROXY is used, but not for hosts of NO_PROXY", async (context) => {
  const proxy = await Proxy.start();
  try {
    process.env["HTTP_PROXY"] = proxy.url;
    await fetchOpenml(options(context));
    assert.ok(proxy.tunnels.length > 0);
    assert.ok(proxy.tunnels.every((target) => target === `127.0.0.1:${context.server.port}`));
    proxy.tunnels.length = 0;
    process.env["NO_PROXY"] = "localhost,127.0.0.1";
    await fetchOpenml({ ...options(context), refresh: true });
    assert.is(proxy.tunnels.length, 0);
  } finally {
    Reflect.deleteProperty(process.env, "HTTP_PROXY");
    Reflect.deleteProperty(process.env, "NO_PROXY");
    await proxy.stop();
  }
});

test("several calls at once do not spoil each other's file", async (context) => {
  const bunches = await Promise.all(Array.from({ length: 4 }, () => fetchOpenml(options(context))));
  for (const bunch of bunches) assert.is(await bunch.frame.countRows(), 4);
  const files = await readdir(join(context.home, "openml"), { recursive: true });
  assert.equal(
    files.filter((file) => /part|tmp|lock|arff/.test(file)),
    [],
  );
});

test("the lock of a process that died is not respected", async (context) => {
  await fetchOpenml(options(context));
  const [host] = await readdir(join(context.home, "openml"));
  const folder = join(context.home, "openml", host as string, "data");
  await rm(join(folder, "7.parquet"));
  await writeFile(join(folder, "7.parquet.part.lock"), "999999999");
  await fetchOpenml(options(context));
  assert.equal(await readdir(folder), ["7.parquet"]);
});

test("several active versions are told of", async (context) => {
  context.server.versions = [
    { did: 7, name: "toy", version: 2 },
    { did: 9, name: "toy", version: 3 },
  ];
  const warned = new Promise<string>((resolve) => process.once("warning", (warning) => resolve(warning.message)));
  await fetchOpenml({ ...options(context), dataId: null, name: "Toy" });
  assert.match(await warned, /several versions of "Toy"; taking version 2 \(dataId 7\)/);
});

for (const [name, given, message] of [
  ["neither number nor name", { dataId: null }, /give either dataId or name/],
  ["both", { name: "toy" }, /give either dataId or name/],
  ["a wrong number", { dataId: 1.5 }, /dataId must be an integer >= 1, or null, got 1.5/],
  ["a misspelt option", { data_home: "x" }, /spelt dataHome here/],
  ["another protocol", { baseUrl: "ftp://openml.org" }, /baseUrl must be an http or https URL/],
  ["Parquet that OpenML lacks", { format: "parquet" }, /OpenML has no Parquet file of toy; use format: "arff"/],
] as const) {
  test(`refused: ${name}`, async (context) => {
    const error = await errorOf(fetchOpenml({ ...options(context), ...(given as object) }));
    assert.is(error.code, "ERR_INVALID_ARGUMENT");
    assert.match(error.message, message);
  });
}

test.run();
