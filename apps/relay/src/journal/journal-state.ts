import { hash } from 'node:crypto';
import { FIRST_PREVIOUS, type SessionClosed, type SessionOpened } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import { z } from 'zod';
import type { JournalLine, OpenSession } from './journal-line.js';

/** A fact as the journal holds it, with exactly the bytes that are published. */
export interface JournalFact {
  readonly number: number;
  readonly id: string;
  readonly subject: string;
  readonly bytes: Buffer;
}

const FactBody = z.object({ type: z.string(), data: z.unknown() });

/** SHA-256 of a fact's bytes in hexadecimal, which is the `previous` of the next fact. */
export const hashFact = (bytes: Buffer): string => hash('sha256', bytes, 'hex');

/** The state that results from the lines of a journal. Writing and replaying use the same code. */
export class JournalState {
  next = 1;
  previous = FIRST_PREVIOUS;
  readonly open = new Map<string, OpenSession>();

  constructor(
    readonly node: string,
    readonly incarnation: string,
  ) {}

  /** The state as the head of a new segment. */
  get head(): JournalLine {
    return {
      line: 'head',
      format: 1,
      node: this.node,
      incarnation: this.incarnation,
      next: this.next,
      previous: this.previous,
      open: [...this.open.values()],
    };
  }

  /** Applies a line of a replayed journal. */
  apply(line: JournalLine): void {
    switch (line.line) {
      case 'head':
        this.next = line.next;
        this.previous = line.previous;
        this.open.clear();
        for (const session of line.open) this.open.set(session.opened.sessionId, session);
        return;
      case 'fact': {
        const { type, data } = FactBody.parse(parseJson(line.body));
        return this.takeFact(line.number, hashFact(Buffer.from(line.body)), type, data);
      }
      case 'checkpoint': {
        const session = this.open.get(line.data.sessionId);
        if (session) this.open.set(line.data.sessionId, { ...session, checkpoint: line.data });
        return;
      }
    }
  }

  /** Applies the next fact of the chain. */
  takeFact(number: number, ownHash: string, type: string, data: unknown): void {
    this.next = number + 1;
    this.previous = ownHash;
    if (type === 'sluice.session.opened.v1')
      this.open.set((data as SessionOpened).sessionId, { opened: data as SessionOpened, checkpoint: null });
    if (type === 'sluice.session.closed.v1') this.open.delete((data as SessionClosed).sessionId);
  }
}
