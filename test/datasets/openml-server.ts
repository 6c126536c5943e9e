import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** Rows of the data set the server has: two numbers, a nominal column, the class. */
export const ARFF = `% a comment
@RELATION toy
@ATTRIBUTE row INTEGER
@ATTRIBUTE 'x one' REAL
@ATTRIBUTE colour {red, 'dark blue', green}
@ATTRIBUTE Class {'0','1'}
@DATA
1, 1.5, red, '0'
2, ?, 'dark blue', '1'
% another
3, -2e3, green, '1'
4, 7, ?, '0'
`;

/** A server on 127.0.0.1 that plays OpenML, with one ARFF data set: 7, "toy". */
export class OpenmlServer {
  readonly requests: string[] = [];
  readonly ranges: (string | undefined)[] = [];
  file: Buffer = Buffer.from(ARFF);
  md5 = createHash("md5").update(ARFF).digest("hex");
  etag: string | undefined = '"first"';
  parquet: Buffer | undefined;
  status = "active";
  versions = [{ did: 7, name: "toy", version: 2 }];
  /** Called first for each request; true: it has answered. */
  hook: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(): Promise<OpenmlServer> {
    const server = new OpenmlServer();
    await new Promise<void>((done) => server.#server.listen(0, "127.0.0.1", done));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#sockets.forEach((socket) => socket.destroy());
    if (this.#server.listening) await new Promise((done) => this.#server.close(done));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "";
    this.requests.push(path);
    if (this.hook(request, response)) return;
    if (path === "/files/toy.arff") return this.#sendFile(request, response, this.file);
    if (path === "/files/toy.pq" && this.parquet !== undefined) return this.#sendFile(request, response, this.parquet);
    const answer = this.#api(path.replace("/api/v1/json/", ""));
    if (answer === undefined) {
      response.writeHead(412, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "111", message: "Unknown dataset" } }));
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  #api(path: string): object | undefined {
    if (path === "data/7") {
      return {
        data_set_description: {
          id: "7",
          name: "toy",
          version: "2",
          description: "A toy.",
          status: this.status,
          format: "ARFF",
          url: `${this.url}/files/toy.arff`,
          md5_checksum: this.md5,
          default_target_attribute: "Class",
          row_id_attribute: "row",
          ...(this.parquet === undefined ? {} : { parquet_url: `${this.url}/files/toy.pq` }),
        },
      };
    }
    if (path === "data/features/7") {
      const feature = (name: string, type: string, values?: string[], extra: object = {}): object => ({
        name,
        data_type: type,
        is_target: "false",
        is_ignore: "false",
        is_row_identifier: "false",
        ...(values === undefined ? {} : { nominal_value: values }),
        ...extra,
      });
      return {
        data_features: {
          feature: [
            feature("row", "numeric", undefined, { is_row_identifier: "true" }),
            feature("x one", "numeric"),
            feature("colour", "nominal", ["red", "dark blue", "green"]),
            feature("Class", "nominal", ["0", "1"], { is_target: "true" }),
          ],
        },
      };
    }
    if (path.startsWith("data/list/data_name/toy/")) return { data: { dataset: this.versions } };
    return undefined;
  }

  #sendFile(request: IncomingMessage, response: ServerResponse, file: Buffer): void {
    const { range } = request.headers;
    this.ranges.push(range);
    const headers: Record<string, string> = this.etag === undefined ? {} : { etag: this.etag };
    const valid = request.headers["if-range"] === undefined || request.headers["if-range"] === this.etag;
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    if (range === undefined || !valid) {
      response.writeHead(200, { ...headers, "content-length": String(file.length) }).end(file);
    } else if (start >= file.length) {
      response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    } else {
      const part = file.subarray(start);
      response.writeHead(206, {
        ...headers,
        "content-length": String(part.length),
        "content-range": `bytes ${start}-${file.length - 1}/${file.length}`,
      });
      response.end(part);
    }
  }
}

/** Answers with the beginning of a file, then cuts the connection. */
export function cutAfter(response: ServerResponse, file: Buffer, bytes: number, etag: string | undefined): void {
  response.writeHead(200, { "content-length": String(file.length), ...(etag === undefined ? {} : { etag }) });
  response.write(file.subarray(0, bytes), () => setTimeout(() => response.destroy(), 30));
}

/** A proxy on 127.0.0.1 that tunnels (CONNECT) and counts. */
export class Proxy {
  readonly tunnels: string[] = [];
  readonly #server = createServer((_request, response) => response.writeHead(400).end());
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<Proxy> {
    const proxy = new Proxy();
    proxy.#server.on("connect", (request, client: Socket) => {
      proxy.tunnels.push(request.url ?? "");
      const [host, port] = (request.url ?? "").split(":");
      const upstream = connect(Number(port), host ?? "", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [client, upstream]) {
        proxy.#sockets.add(socket);
        socket.on("error", () => undefined);
      }
    });
    await new Promise<void>((done) => proxy.#server.listen(0, "127.0.0.1", done));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#sockets.forEach((socket) => socket.destroy());
    await new Promise((done) => this.#server.close(done));
  }
}
