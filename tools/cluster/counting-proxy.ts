import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A forwarded request, with the size of its response body in bytes. */
export interface Passed {
  readonly method: string;
  /** The path and query as sent. */
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
}

/** A proxy in front of a local server that counts the traffic. Keeps the Host header, because it is signed. */
export class CountingProxy {
  readonly passed: Passed[] = [];
  /** Called for each response. */
  onPassed: (passed: Passed) => void = () => undefined;
  readonly #target: URL;
  readonly #server = createServer((request, response) => this.#pass(request, response));

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { hostname, port } = this.#target;
    const { method = 'GET', url = '/', headers } = request;
    const onward = ask({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      const { statusCode: status = 502 } = answer;
      response.writeHead(status, answer.headers);
      let bytes = 0;
      answer.on('data', (piece: Buffer) => (bytes += piece.length));
      answer.on('error', () => response.destroy());
      answer.on('end', () => {
        const passed = { method, path: url, status, bytes };
        this.passed.push(passed);
        this.onPassed(passed);
      });
      answer.pipe(response);
    });
    // The client sees the same as from a server that is gone.
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
