/** What the codes of Node, OpenSSL and undici mean to a person. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the connection was closed before a response arrived',
  EPIPE: 'the connection was closed before a response arrived',
  UND_ERR_SOCKET: 'the connection was closed before a response arrived',
  ENOTFOUND: 'this name is not found: check its spelling, and DNS',
  EAI_AGAIN: 'the name could not be looked up, because DNS does not respond',
  ETIMEDOUT: 'timeout while connecting',
  UND_ERR_CONNECT_TIMEOUT: 'timeout while connecting',
  UND_ERR_HEADERS_TIMEOUT: 'timeout: connected, but received no response',
  UND_ERR_BODY_TIMEOUT: 'timeout: the response was not complete in time',
  EHOSTUNREACH: 'this machine has no route to that address',
  ENETUNREACH: 'this machine has no route to that network',
  EADDRNOTAVAIL: 'this machine has no address to connect from',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted because it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is not trusted because the authority that issued it is not one that this machine knows',
  UNABLE_TO_GET_ISSUER_CERT:
    'its certificate is not trusted because the authority that issued it is not one that this machine knows',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is not trusted because the authority that issued it is not one that this machine knows',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is not trusted because the authority that issued it is not one that this machine knows',
  CERT_HAS_EXPIRED: 'its certificate is not trusted because it has expired; is the clock of this machine right?',
  CERT_NOT_YET_VALID: 'its certificate is not trusted because it is not valid yet; is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is not trusted because it is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: is it a plain http address?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS: is it a plain http address?',
};

/** How to trust a certificate whose authority this machine does not know. */
const TRUST = 'NODE_EXTRA_CA_CERTS names a file with more authorities';

interface NodeError {
  readonly code?: unknown;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly NodeError[];
  readonly address?: unknown;
  readonly port?: unknown;
}

/**
 * Explains in a sentence why a request received no response: which addresses were tried, and why each failed.
 * @param waitedMs the timeout of the request, in milliseconds
 */
export function whyNoAnswer(url: URL, thrown: unknown, waitedMs: number): string {
  const error = innermost(thrown as NodeError);
  const place = `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`;
  if ((thrown as Error).name === 'TimeoutError')
    return `${url.origin} does not answer: tried ${place}, and received no response within ${waitedMs / 1000} s`;
  // a name may have several addresses, which are tried one after the other
  const tried = (error.errors ?? [error]).map((each) => `tried ${addressOf(each) ?? place}, ${meaningOf(each)}`);
  return `${url.origin} does not answer: ${[...new Set(tried)].join('; ')}`;
}

function innermost(error: NodeError): NodeError {
  return typeof error.cause === 'object' && error.cause !== null ? innermost(error.cause) : error;
}

function addressOf({ address, port }: NodeError): string | undefined {
  if (typeof address !== 'string') return undefined;
  return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;
}

function meaningOf({ code, message = 'it failed' }: NodeError): string {
  const meaning = typeof code === 'string' ? MEANINGS[code] : undefined;
  if (meaning?.includes('not one that this machine knows') === true) return `${meaning}; ${TRUST}`;
  if (meaning !== undefined) return meaning;
  if (message === 'bad port') return 'HTTP clients refuse to use this port, because it belongs to another protocol';
  if (message === 'unexpected redirect')
    return 'it responds with a redirect, but passwords and tokens are not sent on to another address';
  return typeof code === 'string' && !message.includes(code) ? `${message} (${code})` : message;
}
