import type { Socket } from 'node:net';
import { type CheckFailure, GREETING_WITHIN_MS } from '@sluice/domain';
import { type Greeting, readGreeting, replyToMysql } from './greeting.js';

/** How long a service may take to reply to our last message, and to close the connection after that, in milliseconds each. */
const END_WITHIN_MS = 1000;

/** Whether a service has greeted, or why not. */
export type GreetingResult =
  | { readonly greeted: true }
  | { readonly greeted: false; readonly failure: Extract<CheckFailure, 'no greeting' | 'rejected'>; readonly why: string };

/**
 * Waits for a service's greeting, and resolves as soon as it is known whether there is one. The conversation is then ended as the
 * service's protocol wants, and the socket with it. The bytes are neither kept nor logged.
 */
export async function awaitGreeting(socket: Socket): Promise<GreetingResult> {
  const deadline = AbortSignal.timeout(GREETING_WITHIN_MS);
  let received = Buffer.alloc(0);
  for (;;) {
    const chunk = await nextChunk(socket, deadline);
    received = Buffer.concat([received, chunk ?? Buffer.alloc(0)]);
    const greeting = readGreeting(received);
    if (chunk !== undefined && greeting.kind === 'incomplete') continue;
    void endConversation(socket, greeting);
    if (greeting.kind === 'rejected') return { greeted: false, failure: 'rejected', why: greeting.why };
    if (received.length > 0) return { greeted: true };
    const why = deadline.aborted ? `nothing within ${GREETING_WITHIN_MS / 1000} s` : 'the service closed the connection';
    return { greeted: false, failure: 'no greeting', why };
  }
}

async function endConversation(socket: Socket, greeting: Greeting): Promise<void> {
  if (greeting.kind === 'greeted' && greeting.reply.length > 0) {
    socket.write(greeting.reply);
    const response = await nextChunk(socket, AbortSignal.timeout(END_WITHIN_MS));
    if (greeting.protocol === 'mysql' && response) socket.write(replyToMysql(response));
  }
  socket.resume().end();
  setTimeout(() => socket.destroy(), END_WITHIN_MS).unref();
}

/** The next bytes of a socket; undefined when it has ended, or at the deadline. */
function nextChunk(socket: Socket, deadline: AbortSignal): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const finish = (chunk: Buffer | undefined): void => {
      socket.pause();
      socket.off('data', finish).off('end', giveUp).off('close', giveUp);
      deadline.removeEventListener('abort', giveUp);
      resolve(chunk);
    };
    const giveUp = (): void => finish(undefined);
    if (deadline.aborted || socket.destroyed || socket.readableEnded) return giveUp();
    deadline.addEventListener('abort', giveUp);
    socket.on('data', finish).on('end', giveUp).on('close', giveUp);
    socket.resume();
  });
}
