import { type AddressBlock, blockHolds, parseBlock } from './ip.js';

/** The addresses of the machine itself. */
export const LOOPBACK_BLOCKS: readonly AddressBlock[] = ['127.0.0.0/8', '::1'].map((text) => parseBlock(text) as AddressBlock);

/**
 * Whether the host name of a URL is this machine, so that plain text sent there does not leave it. It takes `URL.hostname`, which
 * has already converted short and hexadecimal forms to dotted decimals; a name that only begins like an address is a name.
 */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || LOOPBACK_BLOCKS.some((block) => blockHolds(block, host.replace(/^\[(.*)\]$/, '$1')));
