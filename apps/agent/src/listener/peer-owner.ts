import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { type Ends, SockDiag } from './sock-diag.js';

/** Reading the whole table takes milliseconds: a worker that has not answered after this time hangs. */
const READ_TIMEOUT_MS = 5000;

type Answer = (uid: number | null) => void;
type Question = { readonly id: number } & Ends;

/**
 * Finds out which operating-system user is at the other end of a local connection. It first asks the kernel about that one
 * socket. If the kernel cannot be asked, or does not find the socket, a worker reads the table of all sockets, once for all
 * look-ups that are waiting. A worker that died or hangs is replaced, and its pending look-ups resolve without an owner.
 */
export class PeerOwner {
  private worker: Worker | undefined;
  /** Look-ups that the worker is busy with, by their number. */
  private readonly waiting = new Map<number, Answer>();
  /** Look-ups that its next reading of the table will serve. */
  private asked: { readonly question: Question; readonly answer: Answer }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private next = 1;
  private closed = false;

  constructor(
    private readonly startWorker = () => new Worker(new URL('./peer-owner-worker.js', import.meta.url)),
    private readonly timeoutMs = READ_TIMEOUT_MS,
    private readonly diag = new SockDiag(),
  ) {}

  /** The user id at the other end; null when that end is closed already, or its owner cannot be found out. */
  async of(socket: Socket): Promise<number | null> {
    const ends = {
      local: `${socket.remoteAddress}:${socket.remotePort}`,
      remote: `${socket.localAddress}:${socket.localPort}`,
    };
    return (await this.diag.owner(ends)) ?? this.inTable(ends);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.diag.close();
    const { worker } = this;
    if (worker) this.giveUp(worker);
    await worker?.terminate();
  }

  private inTable(ends: Ends): Promise<number | null> {
    return new Promise((answer) => {
      this.asked.push({ question: { id: this.next++, ...ends }, answer });
      this.read();
    });
  }

  private read(): void {
    if (this.waiting.size > 0 || this.asked.length === 0) return;
    const asked = this.asked.splice(0);
    const worker = this.closed ? undefined : (this.worker ?? this.start());
    if (!worker) {
      for (const { answer } of asked) answer(null);
      return;
    }
    for (const { question, answer } of asked) this.waiting.set(question.id, answer);
    this.timer = setTimeout(() => this.giveUp(worker), this.timeoutMs);
    worker.postMessage(asked.map(({ question }) => question));
  }

  /** Starts a worker; undefined when the machine cannot start another thread at the moment. */
  private start(): Worker | undefined {
    let worker: Worker;
    try {
      worker = this.startWorker();
    } catch {
      return undefined;
    }
    this.worker = worker;
    worker.unref();
    worker.on('message', (answers: { id: number; uid: number | null }[]) => {
      const uids = new Map(answers.map(({ id, uid }) => [id, uid]));
      if (worker === this.worker) this.answer((id) => uids.get(id) ?? null);
    });
    worker.on('error', () => this.giveUp(worker)).on('exit', () => this.giveUp(worker));
    return worker;
  }

  private answer(uidOf: (id: number) => number | null): void {
    clearTimeout(this.timer);
    const answered = [...this.waiting];
    this.waiting.clear();
    for (const [id, answer] of answered) answer(uidOf(id));
    this.read();
  }

  /** This worker is unusable: pending look-ups resolve without an owner, and the next one starts another worker. */
  private giveUp(worker: Worker): void {
    if (worker !== this.worker) return;
    this.worker = undefined;
    void worker.terminate();
    this.answer(() => null);
  }
}
