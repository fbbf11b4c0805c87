import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

/** How long to wait for a connection: a timeout, a signal, or both. */
export type ConnectBounds =
  | { readonly timeoutMs: number; readonly signal?: AbortSignal }
  | { readonly timeoutMs?: undefined; readonly signal: AbortSignal };

/**
 * A connection could not be made. `code` is stable:
 * `timeout` (by `timeoutMs`, or by a signal made with `AbortSignal.timeout`), `aborted` (by another signal), `refused`
 * (nothing listens there), `unresolved` (the name has no address), `closed` (the socket was destroyed meanwhile),
 * `unreachable` (anything else). The system's error, if there is one, is the `cause`.
 */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  constructor(
    readonly code: 'timeout' | 'aborted' | 'refused' | 'unresolved' | 'closed' | 'unreachable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Connects over TCP. The socket is returned paused, so that no data is lost before the caller reads, and without listeners, so
 * the caller must listen for `error` before it awaits anything else.
 * @param to as for `connect` of node:net
 * @throws ConnectError after destroying the socket
 */
export function connectSocket(to: TcpNetConnectOpts, within: ConnectBounds): Promise<Socket> {
  return untilOpen(connect(to).pause(), 'connect', within);
}

/**
 * Waits until a socket that is connecting (or a TLS socket during its handshake) has emitted `event`. It leaves no listener
 * and no timer behind; on failure the socket is destroyed. @throws ConnectError
 */
export function untilOpen<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  { timeoutMs, signal }: ConnectBounds,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off(event, onOpen).off('error', onError).off('close', onClose);
    };
    const fail = (error: ConnectError) => {
      settle();
      socket.on('error', () => undefined); // later errors of the destroyed socket do not matter
      socket.destroy();
      reject(error);
    };
    const onOpen = () => {
      settle();
      resolve(socket);
    };
    const onError = (cause: Error) => fail(new ConnectError(codeOf(cause), cause.message, { cause }));
    const onClose = () => fail(new ConnectError('closed', 'the connection was closed before it was ready'));
    const onTimeout = () => fail(new ConnectError('timeout', `no connection within ${timeoutMs} ms`));
    const onAbort = () => {
      const cause: unknown = signal?.reason;
      if (cause instanceof Error && cause.name === 'TimeoutError')
        fail(new ConnectError('timeout', 'no connection in time', { cause }));
      else fail(new ConnectError('aborted', 'the connection is no longer wanted', { cause }));
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs);
    if (signal?.aborted === true) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on(event, onOpen).on('error', onError).on('close', onClose);
  });
}

function codeOf({ code, syscall }: NodeJS.ErrnoException): ConnectError['code'] {
  if (syscall === 'getaddrinfo') return 'unresolved';
  return code === 'ECONNREFUSED' ? 'refused' : 'unreachable';
}
