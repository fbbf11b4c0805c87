/** An error on a tunnel connection. `code` is stable and used as a metric label; the message is meant for the log. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError';
  constructor(
    readonly code:
      | 'timeout'
      | 'overloaded'
      | 'closed'
      | 'too-long'
      | 'not-sluice'
      | 'bad-message'
      | 'bad-version'
      | 'upgrade-needed'
      | 'bad-certificate'
      | 'bad-proof'
      | 'refused'
      | 'bad-frame'
      | 'bad-proxy-header',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
