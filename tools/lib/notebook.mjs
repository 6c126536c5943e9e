// Runs a Jupyter notebook under tslab without Jupyter: starts the kernel and speaks its protocol
// (jupyter-client.readthedocs.io/en/latest/messaging.html) over the zeromq that tslab itself uses.
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DELIMITER = "<IDS|MSG>";

/** Ports that are free now. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer().on("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function encode(key, type, content, session) {
  const header = {
    msg_id: randomUUID(),
    session,
    username: "",
    date: new Date().toISOString(),
    msg_type: type,
    version: "5.3",
  };
  const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
  const signature = createHmac("sha256", key);
  for (const part of parts) signature.update(part);
  return { id: header.msg_id, frames: [DELIMITER, signature.digest("hex"), ...parts] };
}

function decode(frames) {
  const texts = frames.map(String);
  const [header, parent, , content] = texts.slice(texts.indexOf(DELIMITER) + 2).map((text) => JSON.parse(text));
  return { type: header.msg_type, parent: parent.msg_id, content };
}

/** An output as a notebook file holds it; undefined for what is none. */
function outputOf({ type, content }) {
  if (type === "stream") return { output_type: "stream", name: content.name, text: content.text };
  if (type === "display_data" || type === "execute_result") {
    return { output_type: "display_data", data: content.data, metadata: content.metadata ?? {} };
  }
  if (type === "error") return { output_type: "error", ...content };
  return undefined;
}

/** Joins what came of one stream in pieces. */
function joined(outputs) {
  const result = [];
  for (const output of outputs) {
    const last = result.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name)
      last.text += output.text;
    else result.push({ ...output });
  }
  return result;
}

/**
 * Runs cells one after the other in a new kernel; resolves to their outputs.
 *
 * @param folder where tslab and what the notebook imports are installed: the kernel's working directory.
 * @throws Error when a cell fails, with what it wrote.
 */
export async function runCells(cells, folder) {
  const require = createRequire(join(folder, "package.json"));
  const { Dealer, Subscriber } = createRequire(require.resolve("tslab"))("zeromq");
  const [shell, iopub, stdin, control, heartbeat] = await freePorts(5);
  const key = randomUUID();
  const connection = mkdtempSync(join(tmpdir(), "treeline-kernel-"));
  const file = join(connection, "connection.json");
  writeFileSync(
    file,
    JSON.stringify({
      transport: "tcp",
      ip: "127.0.0.1",
      key,
      signature_scheme: "hmac-sha256",
      shell_port: shell,
      iopub_port: iopub,
      stdin_port: stdin,
      control_port: control,
      hb_port: heartbeat,
    }),
  );
  const kernel = spawn(process.execPath, [require.resolve("tslab/bin/tslab"), "kernel", "--config-path", file], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  kernel.stdout.on("data", (text) => (said += text));
  kernel.stderr.on("data", (text) => (said += text));
  const [requests, news] = [new Dealer({ linger: 0 }), new Subscriber({ linger: 0 })];
  try {
    requests.connect(`tcp://127.0.0.1:${shell}`);
    news.connect(`tcp://127.0.0.1:${iopub}`);
    news.subscribe();
    const ask = async (type, content) => {
      const { id, frames } = encode(key, type, content, "run");
      await requests.send(frames);
      return id;
    };
    const heard = [];
    const waiting = new Set();
    void (async () => {
      for await (const frames of news) {
        heard.push(decode(frames));
        for (const wake of waiting) wake();
      }
    })().catch(() => undefined);
    const ended = new Promise((_, reject) =>
      kernel.once("exit", (code) => reject(new Error(`the kernel ended with ${code}:\n${said}`))),
    );
    ended.catch(() => undefined);
    const until = async (condition) => {
      while (!condition()) {
        let wake;
        const told = new Promise((resolve) => waiting.add((wake = resolve)));
        await Promise.race([told, ended]);
        waiting.delete(wake);
      }
    };
    const done = (id) =>
      heard.some(
        ({ parent, type, content }) => parent === id && type === "status" && content.execution_state === "idle",
      );
    // A subscriber that comes late hears nothing: ask until an answer is heard.
    const asked = [];
    const knocking = setInterval(() => void ask("kernel_info_request", {}).then((id) => asked.push(id)), 500);
    await until(() => asked.some(done)).finally(() => clearInterval(knocking));

    const outputs = [];
    for (const [k, code] of cells.entries()) {
      const id = await ask("execute_request", {
        code,
        silent: false,
        store_history: true,
        allow_stdin: false,
        stop_on_error: true,
      });
      const reply = (async () => {
        for (;;) {
          const message = decode(await requests.receive());
          if (message.parent === id) return message.content;
        }
      })();
      const { status } = await Promise.race([reply, ended]);
      await until(() => done(id));
      outputs.push(
        joined(
          heard
            .filter(({ parent }) => parent === id)
            .map(outputOf)
            .filter(Boolean),
        ),
      );
      if (status !== "ok") {
        const text = outputs[k].map((output) => output.text ?? JSON.stringify(output)).join("");
        throw new Error(`cell ${k + 1} ended with ${status}:\n${code}\n${text}\n${said}`);
      }
    }
    return outputs;
  } finally {
    requests.close();
    news.close();
    kernel.kill();
    rmSync(connection, { recursive: true });
  }
}

/** The code cells of a notebook, in order: the cells themselves, to be written to. */
export function codeCells(notebook) {
  return notebook.cells.filter((cell) => cell.cell_type === "code");
}

/** A cell's source as one text. */
export function sourceOf(cell) {
  return Array.isArray(cell.source) ? cell.source.join("") : cell.source;
}
