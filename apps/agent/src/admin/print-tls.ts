import type { Schemas } from '@sluice/sdk';
import type { Output } from '../terminal/output.js';
import { showMoment, showNames } from '../terminal/show.js';

type TlsSeen = Schemas['TlsSeen'];
type Certificate = NonNullable<TlsSeen['certificate']>;

/** Prints what a relay saw of a server's TLS, for people. */
export function printTls(out: Output, { message, certificate }: TlsSeen): void {
  out.line(`\nTLS: ${message}`);
  if (!certificate) return;
  const { subject, issuer, names, nameCount, validFrom, validUntil, fingerprint, trusted, untrustedBecause } = certificate;
  out.fields([
    ['Subject', subject],
    ['Issuer', issuer],
    ['Names', nameCount === 0 ? 'none: most clients ignore the common name' : showNames(names, nameCount)],
    ['Valid from', validFrom && showMoment(validFrom)],
    ['Valid until', validUntil && showMoment(validUntil)],
    ['Trusted', trusted ? "by the public authorities or those of the relay's system" : `no: ${untrustedBecause}`],
    ['SHA-256', fingerprint],
    ...certificate.fits.map((each): [string, string] => [`Fits ${each.name}`, fitText(each)]),
  ]);
}

const fitText = ({ use, fits }: Certificate['fits'][number]): string => {
  const place =
    use === 'endpoint'
      ? 'a client that is configured to expect this name'
      : 'a client that expects the name to which it connects';
  return `${fits ? 'yes' : 'no'} (${place})`;
};
