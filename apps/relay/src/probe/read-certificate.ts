import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { TLS_LIMITS, type TlsSeen } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';

type Certificate = NonNullable<TlsSeen['certificate']>;

/** A name that clients may expect a service to prove. */
export type ExpectedName = Pick<Certificate['fits'][number], 'name' | 'use'>;

/** One alternative name in Node's list of them. A value with characters that would be ambiguous is a JSON string there. */
const ALTERNATIVE_NAME = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g;

/** What verification says, in a sentence. Others are shown by their code. */
const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not one that is trusted there',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not one that is trusted there',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not one that is trusted there',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its authority is not one that is trusted there, or the service does not send the certificates in between',
};

/**
 * What people are shown of a service's certificate. Everything in it was chosen by whoever runs the service, so every text is
 * cleaned and bounded, however many names there are.
 * @param error code of why it could not be verified; null if it was
 */
export function readCertificate(
  certificate: X509Certificate,
  error: string | null,
  expected: readonly ExpectedName[],
): Certificate {
  const names = alternativeNames(certificate.subjectAltName ?? '');
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    names: names.slice(0, TLS_LIMITS.names).map((name) => cleanText(name, TLS_LIMITS.name)),
    nameCount: names.length,
    validFrom: moment(certificate.validFrom),
    validUntil: moment(certificate.validTo),
    fingerprint: certificate.fingerprint256,
    trusted: error === null,
    untrustedBecause: error === null ? null : (REASONS[error] ?? cleanText(error, TLS_LIMITS.text)),
    fits: expected.map(({ name, use }) => ({ name: cleanText(name, TLS_LIMITS.name), use, fits: fitsName(certificate, name) })),
  };
}

/** Whether a client that expects this name accepts the certificate. The common name does not count, because most clients ignore it. */
const fitsName = (certificate: X509Certificate, name: string): boolean =>
  (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !== undefined;

function alternativeNames(list: string): string[] {
  return [...list.matchAll(ALTERNATIVE_NAME)].map(([, kind = '', value = '']) => (kind === 'DNS' ? value : `${kind}:${value}`));
}

/** A distinguished name on one line. Node puts each part on a line of its own, and omits an empty name. */
const nameText = (name: string | undefined): string =>
  cleanText((name ?? '').slice(0, TLS_LIMITS.text).replaceAll('\n', ', '), TLS_LIMITS.text);

function moment(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
