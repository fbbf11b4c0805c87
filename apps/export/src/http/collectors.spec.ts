import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchRefusedError } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import { readEvent } from '../event/read-event.js';
import { Elastic } from './elastic.js';
import { HttpSender } from './http-sender.js';
import { Splunk } from './splunk.js';

const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});
const never = new AbortController().signal;

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that responds to each request with what `answer` returns. */
async function serve(answer: (request: Request) => { status: number; body: unknown }): Promise<HttpSender> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, body } = answer({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const sender = new HttpSender({ url, timeoutMs: 5000, secrets: [] });
  cleanUps.push(
    () => server.close(),
    () => sender.close(),
  );
  return sender;
}

const eventOf = (seq: number, name = 'my-db', id = `a-${seq}`): AuditEvent => {
  const data = Buffer.from(
    JSON.stringify({ id, type: 'sluice.session.closed.v1', time: '2026-11-27T09:00:00.125Z', data: { name } }),
  );
  return readEvent(
    { seq, subject: 'audit.v1.session.closed.default.n.r', time: new Date('2026-11-27T09:00:01Z'), data },
    'AUDIT',
  );
};

describe('Splunk', () => {
  /** Accepts what an HTTP Event Collector accepts: objects one after the other, of known keys, with an event that is not empty. */
  function collect({ headers, body }: Request, taken: Record<string, unknown>[]) {
    if (headers.authorization !== 'Splunk the-token') return { status: 403, body: { text: 'Invalid token', code: 4 } };
    for (const line of body.split('\n')) {
      const entry = JSON.parse(line) as Record<string, unknown>;
      const odd = Object.keys(entry).filter(
        (name) => !['time', 'host', 'source', 'sourcetype', 'index', 'fields', 'event'].includes(name),
      );
      if (odd.length > 0 || typeof entry['time'] !== 'number')
        return { status: 400, body: { text: 'Invalid data format', code: 6 } };
      if (Object.values(entry['fields'] as object).some((value) => typeof value === 'object'))
        return { status: 400, body: { code: 15 } };
      if (JSON.stringify(entry['event']).includes('poison'))
        return { status: 400, body: { text: 'Invalid data format', code: 6 } };
      if (entry['index'] === 'missing') return { status: 400, body: { text: 'Incorrect index', code: 7 } };
      taken.push(entry);
    }
    return { status: 200, body: { text: 'Success', code: 0 } };
  }

  it('receives each event with its time, and what it can be searched by', async () => {
    const taken: Record<string, unknown>[] = [];
    const splunk = new Splunk(await serve((request) => collect(request, taken)), {
      authorization: 'Splunk the-token',
      index: 'access',
    });
    expect(await splunk.send([eventOf(1), eventOf(2, 'a\nb}{"time":0}\u2028')], never)).toEqual([]);
    expect(taken).toMatchObject([
      {
        time: 1795770000.125,
        sourcetype: 'sluice:audit',
        index: 'access',
        fields: { id: 'a-1', number: 1 },
        event: { id: 'a-1' },
      },
      { event: { data: { name: 'a\nb}{"time":0}\u2028' } } },
    ]);
  });

  it('distinguishes events that it refuses from a setting that is wrong', async () => {
    const sender = await serve((request) => collect(request, []));
    const splunk = new Splunk(sender, { authorization: 'Splunk the-token', index: undefined });
    await expect(splunk.send([eventOf(1), eventOf(2, 'poison')], never)).rejects.toThrow(BatchRefusedError);
    const failure = (given: Splunk) => given.send([eventOf(1)], never).catch((error: Error) => error);
    const index = await failure(new Splunk(sender, { authorization: 'Splunk the-token', index: 'missing' }));
    expect(index).not.toBeInstanceOf(BatchRefusedError);
    expect(index).toMatchObject({ message: 'the event collector responded 400: {"text":"Incorrect index","code":7}' });
    const token = await failure(new Splunk(sender, { authorization: 'Splunk another', index: undefined }));
    expect(token).toMatchObject({ name: 'Error', message: expect.stringContaining('Invalid token') as string });
  });

  it('has not taken what a proxy in front of it accepts with another response', async () => {
    const splunk = new Splunk(await serve(() => ({ status: 200, body: '<html>sign in</html>' })), {
      authorization: 'x',
      index: undefined,
    });
    await expect(splunk.send([eventOf(1)], never)).rejects.toThrow('200: <html>sign in</html>');
  });
});

describe('the bulk API of Elasticsearch', () => {
  /** Documents by id, with the responses of Elasticsearch to `create`. */
  class Index {
    readonly documents = new Map<string, Record<string, unknown>>();
    busy = 0;

    answer({ headers, body }: Request) {
      if (headers['content-type'] !== 'application/x-ndjson' || !body.endsWith('\n')) return { status: 400, body: 'malformed' };
      const lines = body
        .slice(0, -1)
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const items: unknown[] = [];
      for (let at = 0; at < lines.length; at += 2) {
        const { _index: index, _id: id } = lines[at]?.['create'] as Record<string, string>;
        expect([index, Object.keys(lines[at] as object)]).toEqual(['access', ['create']]);
        items.push({ create: this.create(id as string, lines[at + 1] as Record<string, unknown>) });
      }
      return { status: 200, body: { errors: true, items } };
    }

    private create(id: string, document: Record<string, unknown>) {
      if (JSON.stringify(document).includes('poison'))
        return { status: 400, error: { type: 'document_parsing_exception', reason: 'failed to parse' } };
      if (this.busy-- > 0) return { status: 429, error: { type: 'es_rejected_execution_exception' } };
      if (this.documents.has(id)) return { status: 409, error: { type: 'version_conflict_engine_exception' } };
      this.documents.set(id, document);
      return { status: 201 };
    }
  }

  const elasticOf = async (index: Index) =>
    new Elastic(await serve((request) => index.answer(request)), { authorization: 'ApiKey x', index: 'access' });

  it('has one document for each event, however often it is sent, and returns those that it refuses', async () => {
    const index = new Index();
    const elastic = await elasticOf(index);
    const [one, two, three] = [eventOf(1), eventOf(2, 'poison\n'), eventOf(3)];
    expect(await elastic.send([one, two], never)).toEqual([
      { event: two, reason: '400: document_parsing_exception, failed to parse' },
    ]);
    expect(await elastic.send([one, three], never)).toEqual([]);
    expect([...index.documents.keys()]).toEqual([expect.stringMatching(/^a-1\.[0-9a-f]{16}$/), expect.stringMatching(/^a-3\./)]);
    expect([...index.documents.values()][0]).toMatchObject({
      '@timestamp': '2026-11-27T09:00:00.125Z',
      event: { id: 'a-1', action: 'sluice.session.closed.v1', original: one.json },
      sluice: { number: 1, subject: 'audit.v1.session.closed.default.n.r' },
    });
  });

  it('has the same few fields with the same kinds of values in every document, whatever an event has', async () => {
    const index = new Index();
    const elastic = await elasticOf(index);
    const sent = async (number: number, data: unknown) => {
      await elastic.send([{ ...eventOf(number), fields: { data } }], never);
      return [...index.documents.values()].at(-1);
    };
    const account = { id: '00000000-0000-4000-8000-000000000002', email: 'ann@example.com' };
    const resource = { name: '2026-11-27', tags: { 'env.region': 'eu', env: 'test' } };
    expect(
      await sent(1, { account, resource, sessionId: 's', clientAddress: '[::1]:5432', bytesUp: 5, bytesDown: '6' }),
    ).toMatchObject({
      user: { id: account.id, email: account.email },
      source: { ip: '::1', bytes: 5 },
      destination: { bytes: 6 },
      sluice: { values: ['email=ann@example.com', 'name=2026-11-27', 'session=s'] },
    });
    const odd = {
      account: { id: 7, email: '2026-11-27' },
      clientAddress: 'here',
      bytesUp: 1e300,
      before: 7,
      resource: { name: 8 },
    };
    expect(await sent(2, odd)).toMatchObject({
      user: {},
      source: {},
      destination: {},
      sluice: { values: ['email=2026-11-27', 'name=8'] },
    });
    expect(await sent(3, { clientAddress: '192.0.2.7:1' })).toMatchObject({ source: { ip: '192.0.2.7' } });
  });

  it('does not take another event for a repetition because somebody gave it the same id', async () => {
    const index = new Index();
    const elastic = await elasticOf(index);
    await elastic.send([eventOf(1, 'forged', 'a-2')], never);
    await elastic.send([eventOf(2, 'genuine')], never);
    expect(index.documents.size).toBe(2);
  });

  it('is asked again if it was too busy for one of them, or says nothing about one', async () => {
    const index = new Index();
    index.busy = 1;
    const elastic = await elasticOf(index);
    await expect(elastic.send([eventOf(1), eventOf(2)], never)).rejects.toThrow('429: es_rejected_execution_exception');
    expect(await elastic.send([eventOf(1), eventOf(2)], never)).toEqual([]);
    expect(index.documents.size).toBe(2);
    const short = new Elastic(await serve(() => ({ status: 200, body: { items: [{ create: { status: 201 } }] } })), {
      authorization: undefined,
      index: 'access',
    });
    await expect(short.send([eventOf(1), eventOf(2)], never)).rejects.toThrow('the bulk API responded 200');
  });
});
