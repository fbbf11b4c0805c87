import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/**
 * Finds out which operating-system user is at the other end of a local connection, from the kernel's own table. The table
 * is read in a worker, once for all connections that came meanwhile.
 */
export class PeerOwner {
  private readonly worker = new Worker(new URL('./peer-owner-worker.js', import.meta.url));
  private readonly waiting = new Map<number, (uid: number | null) => void>();
  private asked: { id: number; local: string; remote: string }[] = [];
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
  of(socket: Socket): Promise<number | null> {
    const id = this.next++;
    const plain = (address: string | undefined) => (address ?? '').replace(/^::ffff:/, '');
    this.asked.push({
      id,
      local: `${plain(socket.remoteAddress)}:${socket.remotePort}`,
      remote: `${plain(socket.localAddress)}:${socket.localPort}`,
    });
    const answer = new Promise<number | null>((resolve) => this.waiting.set(id, resolve));
    this.read();
    return answer;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private read(): void {
    if (this.reading || this.asked.length === 0) return;
    this.reading = true;
    this.worker.postMessage(this.asked);
    this.asked = [];
  }
}
