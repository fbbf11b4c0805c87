import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A span as a test looks at it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** As in OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly durationMs: number;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes?: readonly OtlpAttribute[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** What a collector does with a request: accepts it, answers with an error, or never answers. */
type Manner = 'accepts' | 'fails' | 'hangs';

/** A collector of OTLP over HTTP with JSON, as far as a test needs it. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** The bodies of all requests that were accepted. */
  readonly bodies: string[] = [];
  requests = 0;
  manner: Manner = 'accepts';

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    server.on('request', (request, response) => {
      receiver.requests++;
      if (receiver.manner === 'hangs') return;
      const parts: Buffer[] = [];
      request
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => {
          if (receiver.manner === 'fails') return void response.writeHead(500).end();
          if (request.url === '/v1/traces') receiver.take(Buffer.concat(parts).toString());
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The spans that a condition holds for, when there are any. @throws Error with the names of those that there are */
  async when(wanted: (span: ReceivedSpan) => boolean, withinMs = 15_000): Promise<ReceivedSpan[]> {
    for (const until = Date.now() + withinMs; Date.now() < until; await sleep(50)) {
      const found = this.spans.filter(wanted);
      if (found.length > 0) return found;
    }
    throw new Error(
      `no such span; there are ${[...new Set(this.spans.map(({ service, name }) => `${service} ${name}`))].join(', ')}`,
    );
  }

  /** Stops at once. Its port refuses connections from then on. */
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(body: string): void {
    this.bodies.push(body);
    for (const { resource, scopeSpans } of (JSON.parse(body) as OtlpRequest).resourceSpans) {
      const service = String(valuesOf(resource.attributes)['service.name']);
      for (const span of scopeSpans.flatMap(({ spans }) => spans))
        this.spans.push({
          ...{ service, name: span.name, traceId: span.traceId, spanId: span.spanId, kind: span.kind },
          parentSpanId: span.parentSpanId ?? '',
          attributes: valuesOf(span.attributes ?? []),
          durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        });
    }
  }
}

const valuesOf = (attributes: readonly OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
