import { type AddressBlock, blockHolds, parseBlock } from './ip.js';

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => parseBlock(text) as AddressBlock);

/**
 * Whether the host name of a URL is this machine, so that what is sent there in plain text is on no wire. It takes
 * `URL.hostname`, which has made dotted decimals of short and hexadecimal forms already: a name that begins like an
 * address is a name.
 */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || LOOPBACK.some((block) => blockHolds(block, host.replace(/^\[(.*)\]$/, '$1')));
