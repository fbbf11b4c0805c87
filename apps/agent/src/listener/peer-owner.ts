import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { type Ends, SockDiag } from './sock-diag.js';

/**
 * Finds out which operating-system user is at the other end of a local connection. The kernel is asked for that one socket;
 * where it cannot be, or knows of none, its whole table decides, which is read in a worker, once for all that ask together.
 */
export class PeerOwner {
  private readonly diag = new SockDiag();
  private readonly worker = new Worker(new URL('./peer-owner-worker.js', import.meta.url));
  private readonly waiting = new Map<number, (uid: number | null) => void>();
  private asked: ({ id: number } & Ends)[] = [];
  private reading = false;
  private next = 1;

  constructor() {
    this.worker.unref();
    this.worker.on('message', (answers: { id: number; uid: number | null }[]) => {
      for (const { id, uid } of answers) {
        this.waiting.get(id)?.(uid);
        this.waiting.delete(id);
      }
      this.reading = false;
      this.read();
    });
  }

  /** The user id at the other end; null when nobody holds that end any more. */
  async of(socket: Socket): Promise<number | null> {
    const ends = {
      local: `${plain(socket.remoteAddress)}:${socket.remotePort}`,
      remote: `${plain(socket.localAddress)}:${socket.localPort}`,
    };
    return (await this.diag.owner(ends)) ?? this.inTable(ends);
  }

  async close(): Promise<void> {
    this.diag.close();
    await this.worker.terminate();
  }

  private inTable(ends: Ends): Promise<number | null> {
    const id = this.next++;
    this.asked.push({ id, ...ends });
    const answer = new Promise<number | null>((resolve) => this.waiting.set(id, resolve));
    this.read();
    return answer;
  }

  private read(): void {
    if (this.reading || this.asked.length === 0) return;
    this.reading = true;
    this.worker.postMessage(this.asked);
    this.asked = [];
  }
}

const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');
