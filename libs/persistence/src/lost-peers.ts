/**
 * Options of PostgreSQL's session: the server notices within half a minute that the machine of its client is lost, and then
 * releases the locks of the session. By default it takes two hours, during which no other copy of a service could take over.
 */
const NOTICE_LOST_CLIENT = {
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '25000',
};

/** The option `options` of a connection. @param settings settings of the session, by name */
export const sessionOptions = (settings: Readonly<Record<string, string>> = {}): string =>
  Object.entries({ ...NOTICE_LOST_CLIENT, ...settings })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');

/** Options of a client's socket: it notices within half a minute that an idle server's machine is lost. */
export const NOTICE_LOST_SERVER = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;
