import type { Socket } from 'node:net';
import { Carry, type CarryEnd, type Link, Opened, readBody, Refused } from '@sluice/tunnel';

/** A request for a session, as it is sent to a relay. */
export interface SessionRequest {
  readonly resourceId: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly sharedListener: boolean;
  readonly traceparent?: string;
}

/** What became of a request: the session was carried to its end, the relay refused it, or the link was lost before an answer. */
export type Answer =
  | { readonly kind: 'carried'; readonly end: CarryEnd }
  | ({ readonly kind: 'refused' } & Refused)
  | { readonly kind: 'lost'; readonly message: string };

/**
 * Requests a session on a link. When the relay opens it, carries the client's bytes to the end.
 * @param answerMs how long the relay may take to answer, in milliseconds
 * @param onOpened called when the relay has opened the session
 * @param onReusable called when the session has ended and the link may carry another one
 */
export function openAndCarry(
  client: Socket,
  link: Link,
  request: SessionRequest,
  answerMs: number,
  onOpened: () => void,
  onReusable: () => void,
): Promise<Answer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => link.destroy(new Error('the relay did not answer in time')), answerMs);
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      link.use(undefined);
      resolve(answer);
    };
    /** Must begin while the `opened` frame is handled, because the resource's first bytes may be in the same read. */
    const begin = () => {
      clearTimeout(timer);
      onOpened();
      const carry = new Carry(link, client, (end) => {
        if (end.kind === 'ended') onReusable();
        resolve({ kind: 'carried', end });
      });
      carry.start();
    };
    link.use({
      onData: () => link.destroy(new Error('data before opened')),
      onFrame: (type, bytes) => {
        const refused = type === 'refused' ? readBody(bytes, Refused) : undefined;
        if (type === 'opened' && readBody(bytes, Opened)) return begin();
        if (refused) return finish({ kind: 'refused', ...refused });
        link.destroy(new Error(`unexpected ${type} frame in place of an answer`));
      },
      onGone: (error) => finish({ kind: 'lost', message: error?.message ?? 'the link was closed' }),
    });
    link.send('open', { ...request });
  });
}
