import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@sluice/embedded';
import { AwsClient } from 'aws4fetch';
import { untilListening } from './until-listening.js';

/** The folder with the Python packages of moto, a server that behaves as S3 does and verifies signatures with AWS's own code; `.ci/run` makes it. */
const MOTO = process.env['SLUICE_TEST_MOTO'] ?? '';

/** An access key of a store. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
}

/** A store that speaks S3, with one bucket that has object lock. It keeps everything in memory. */
export class S3Store {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly bucket: string,
    readonly key: AccessKey,
  ) {}

  /** Whether the store is here. */
  static get present(): boolean {
    return existsSync(path.join(MOTO, 'moto'));
  }

  static async start(bucket: string): Promise<S3Store> {
    const port = await freePort();
    const env = { ...process.env, PYTHONPATH: MOTO, INITIAL_NO_AUTH_ACTION_COUNT: '4' }; // the next four requests make user, key, policy and bucket
    const child = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { env, stdio: 'ignore' });
    await untilListening(port, child);
    const url = `http://127.0.0.1:${port}`;
    const iam = async (fields: Record<string, string>): Promise<string> => {
      const body = new URLSearchParams({ Version: '2010-05-08', UserName: 'export', ...fields });
      const scope = 'Credential=none/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none';
      return (await fetch(url, { method: 'POST', headers: { authorization: `AWS4-HMAC-SHA256 ${scope}` }, body })).text();
    };
    await iam({ Action: 'CreateUser' });
    const made = await iam({ Action: 'CreateAccessKey' });
    const valueOf = (name: string): string => new RegExp(`<${name}>(.+)</${name}>`).exec(made)?.[1] ?? '';
    const statement = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await iam({ Action: 'PutUserPolicy', PolicyName: 'all', PolicyDocument: document });
    await fetch(`${url}/${bucket}`, { method: 'PUT', headers: { 'x-amz-bucket-object-lock-enabled': 'true' } });
    return new S3Store(child, url, bucket, { id: valueOf('AccessKeyId'), secret: valueOf('SecretAccessKey') });
  }

  /** The names of all objects. */
  async names(): Promise<string[]> {
    const list = await this.get('?list-type=2');
    return [...list.toString().matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, name = '']) => name);
  }

  /** The content of an object, or the response to a query. */
  async get(name: string): Promise<Buffer> {
    const response = await this.request('GET', name);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** Sends a signed request about an object, or about the bucket for a query. */
  request(method: string, name: string): Promise<Response> {
    const client = new AwsClient({
      accessKeyId: this.key.id,
      secretAccessKey: this.key.secret,
      service: 's3',
      region: 'us-east-1',
    });
    return client.fetch(`${this.url}/${this.bucket}${name.startsWith('?') ? name : `/${name}`}`, { method });
  }

  /** Makes it respond to nothing, or respond again. */
  hang(hangs: boolean): void {
    this.child.kill(hangs ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
