import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { type AuthorityRecord, endorseNextText, endorsePreviousText } from '@sluice/contracts';
import { signBytes, signedBy } from './proof.js';

/** An authority whose certificates are accepted. */
export interface TrustedAuthority {
  /** PEM. */
  readonly certificate: string;
  /** Nothing that was signed later is accepted, milliseconds since 1970; undefined while it is in use. */
  readonly retiredAt?: number | undefined;
}

/** An authority that others endorse: its record, with its certificate read. */
interface Read {
  readonly record: AuthorityRecord;
  readonly certificate: X509Certificate;
  readonly fingerprint: string;
}

/** SHA-256 of a certificate (DER), in hexadecimal. */
export const fingerprintOfCertificate = ({ raw }: X509Certificate): string => createHash('sha256').update(raw).digest('hex');

/** The certificates in a text of PEM, each as a text of its own. A text without any is returned as it is, to be reported by whoever reads it. */
export function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [text];
}

/** SHA-256 of each certificate in a text of PEM, in hexadecimal. @throws Error if one cannot be read */
export const fingerprintsOf = (pem: string): string[] =>
  splitPem(pem).map((one) => fingerprintOfCertificate(new X509Certificate(one)));

/** Signs with an authority's key that the authority after it is genuine: 64 bytes in base64. Authorities are named by their fingerprints. */
export const endorseNext = (key: KeyObject, own: string, next: string): string =>
  signBytes(key, Buffer.from(endorseNextText(own, next))).toString('base64');

/** Signs with an authority's key that the authority before it is genuine, and when it was retired: 64 bytes in base64. */
export const endorsePrevious = (key: KeyObject, own: string, previous: string, retiredAt: string | null): string =>
  signBytes(key, Buffer.from(endorsePreviousText(own, previous, retiredAt))).toString('base64');

/**
 * The authorities that follow from those that are trusted already, oldest first: each next one that the one before it endorses,
 * and each earlier one that the one after it endorses. What a list says about itself proves nothing without a pin.
 *
 *   pinned: 2      1 ◄─endorsesPrevious─ [2] ─endorsesNext─► 3    4 (not endorsed by 3: not accepted, nor what follows)
 *
 * @param pins fingerprints of the authorities that are trusted
 * @param records as they were received, oldest first
 */
export function provenAuthorities(pins: ReadonlySet<string>, records: readonly AuthorityRecord[]): TrustedAuthority[] {
  const read = records.map(readRecord);
  const proven = read.map((one) => one !== undefined && pins.has(one.fingerprint));
  for (let at = 1; at < read.length; at++) proven[at] ||= proven[at - 1] === true && endorsesNext(read[at - 1], read[at]);
  for (let at = read.length - 2; at >= 0; at--)
    proven[at] ||= proven[at + 1] === true && endorsesPrevious(read[at + 1], read[at]);
  return read.flatMap((one, at) => {
    if (!one || proven[at] !== true) return [];
    const { certificate, retiredAt } = one.record;
    const isProven = proven[at + 1] === true && endorsesPrevious(read[at + 1], one);
    return [{ certificate, retiredAt: isProven && retiredAt !== null ? Date.parse(retiredAt) : undefined }];
  });
}

function readRecord(record: AuthorityRecord): Read | undefined {
  try {
    const certificate = new X509Certificate(record.certificate);
    return { record, certificate, fingerprint: fingerprintOfCertificate(certificate) };
  } catch {
    return undefined;
  }
}

const endorsesNext = (by: Read | undefined, next: Read | undefined): boolean =>
  by !== undefined &&
  next !== undefined &&
  hasSigned(by, by.record.endorsesNext, endorseNextText(by.fingerprint, next.fingerprint));

const endorsesPrevious = (by: Read | undefined, previous: Read | undefined): boolean =>
  by !== undefined &&
  previous !== undefined &&
  hasSigned(by, by.record.endorsesPrevious, endorsePreviousText(by.fingerprint, previous.fingerprint, previous.record.retiredAt));

const hasSigned = ({ certificate }: Read, signature: string | null, text: string): boolean =>
  signature !== null && signedBy(certificate, Buffer.from(text), Buffer.from(signature, 'base64'));

/**
 * Checks the authorities that came with a certificate against those that are trusted already, by an enrolment token or by the
 * certificate before: a gateway that was taken over must not be able to add one of its own.
 * @param trusted their fingerprints
 * @param certified the authorities, PEM, and their records, which older releases do not send
 * @throws Error if one is neither trusted already nor endorsed by one that is
 */
export function assertAuthorities(
  trusted: readonly string[],
  certified: { readonly ca: string; readonly authorities?: readonly AuthorityRecord[] | undefined },
): void {
  const accepted = new Set(trusted);
  for (const { certificate } of provenAuthorities(new Set(trusted), certified.authorities ?? []))
    accepted.add(fingerprintOfCertificate(new X509Certificate(certificate)));
  for (const fingerprint of fingerprintsOf(certified.ca))
    if (!accepted.has(fingerprint)) throw new Error(`the authority ${fingerprint} is not endorsed by one that is accepted here`);
}
