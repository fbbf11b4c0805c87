import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { AuthorityRecord, endorseNextText, endorsePreviousText } from '@sluice/contracts';
import { signBytes, signedBy } from './proof.js';

/** An authority whose certificates are accepted. */
export interface TrustedAuthority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate (DER), in hexadecimal. */
  readonly fingerprint: string;
  /** Nothing that was signed later is accepted, milliseconds since 1970; infinite until another one signs. */
  readonly acceptedUntil: number;
}

/** An authority that others endorse: its record, with its certificate read. */
interface Read {
  readonly record: AuthorityRecord;
  readonly certificate: X509Certificate;
  readonly fingerprint: string;
}

/** SHA-256 of a certificate (DER), in hexadecimal. */
export const fingerprintOfCertificate = ({ raw }: X509Certificate): string => createHash('sha256').update(raw).digest('hex');

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a text of PEM, each as a text of its own. A text without any is returned as it is, to be reported by whoever reads it. */
export function splitPem(text: string): string[] {
  return text.match(PEM) ?? [text];
}

/**
 * Reads a certificate, PEM. What comes after it within the text is read by some and ignored by others, so there may be nothing.
 * @throws Error if it cannot be read, or is not in DER alone
 */
export function readPem(pem: string): X509Certificate {
  const certificate = new X509Certificate(pem);
  const bytes = Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64');
  if (!certificate.raw.equals(bytes)) throw new Error('this is not a certificate in DER alone');
  return certificate;
}

/** SHA-256 of each certificate in a text of PEM, in hexadecimal. @throws Error if one cannot be read */
export const fingerprintsOf = (pem: string): string[] =>
  splitPem(pem).map((one) => fingerprintOfCertificate(new X509Certificate(one)));

/** Signs with an authority's key that the authority after it is genuine: 64 bytes in base64. Authorities are named by their fingerprints. */
export const endorseNext = (key: KeyObject, own: string, next: string): string =>
  signBytes(key, Buffer.from(endorseNextText(own, next))).toString('base64');

/** Signs with an authority's key that the authority before it is genuine, and until when it is accepted: 64 bytes in base64. */
export const endorsePrevious = (key: KeyObject, own: string, previous: string, acceptedUntil: string): string =>
  signBytes(key, Buffer.from(endorsePreviousText(own, previous, acceptedUntil))).toString('base64');

/**
 * The authorities that follow from those that are trusted already, oldest first: each next one that the one before it endorses,
 * and each earlier one that the one after it endorses. What a list says about itself proves nothing without a pin.
 *
 *   pinned: 2      1 ◄─endorsesPrevious─ [2] ─endorsesNext─► 3    4 (not endorsed by 3: not accepted, nor what follows)
 *
 * An earlier one is accepted until the time that the one after it has signed, and no longer than that one itself: so the key of a
 * replaced authority can extend neither its own time nor that of others.
 * @param pins fingerprints of the authorities that are trusted
 * @param records as they were received, oldest first
 */
export function provenAuthorities(pins: ReadonlySet<string>, records: readonly AuthorityRecord[]): TrustedAuthority[] {
  const read = records.map(readRecord);
  /** Until when each is accepted; undefined: it is not. */
  const until = read.map((one) => (one !== undefined && pins.has(one.fingerprint) ? Number.POSITIVE_INFINITY : undefined));
  for (let at = 1; at < read.length; at++)
    if (until[at - 1] !== undefined && endorsesNext(read[at - 1], read[at])) until[at] = Number.POSITIVE_INFINITY;
  for (let at = read.length - 2; at >= 0; at--) {
    const limit = endorsedUntil(read[at + 1], read[at]);
    const after = until[at + 1];
    if (limit !== undefined && after !== undefined) until[at] = Math.min(until[at] ?? Number.POSITIVE_INFINITY, limit, after);
  }
  const proven = new Map<string, TrustedAuthority & { acceptedUntil: number }>();
  for (const [at, one] of read.entries()) {
    const limit = until[at];
    if (!one || limit === undefined) continue;
    const acceptedUntil = Math.min(limit, proven.get(one.fingerprint)?.acceptedUntil ?? limit); // the same one twice
    proven.set(one.fingerprint, { certificate: one.record.certificate, fingerprint: one.fingerprint, acceptedUntil });
  }
  return [...proven.values()];
}

/** What every key on P-256 begins with in DER (SubjectPublicKeyInfo), before the point. */
const P256 = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');

/** Undefined for anything that is not exactly as it must be: whoever uses the text of a certificate must not find another one in it. */
function readRecord(record: AuthorityRecord): Read | undefined {
  if (!AuthorityRecord.safeParse(record).success) return undefined;
  try {
    const certificate = readPem(record.certificate);
    const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
    if (!key.subarray(0, P256.length).equals(P256)) return undefined;
    return { record, certificate, fingerprint: fingerprintOfCertificate(certificate) };
  } catch {
    return undefined;
  }
}

const endorsesNext = (by: Read | undefined, next: Read | undefined): boolean =>
  by !== undefined &&
  next !== undefined &&
  hasSigned(by, by.record.endorsesNext, endorseNextText(by.fingerprint, next.fingerprint));

/** Until when an authority endorses the one before it, milliseconds since 1970; undefined if it does not. */
function endorsedUntil(by: Read | undefined, previous: Read | undefined): number | undefined {
  const acceptedUntil = previous?.record.acceptedUntil;
  if (by === undefined || previous === undefined || typeof acceptedUntil !== 'string') return undefined;
  const text = endorsePreviousText(by.fingerprint, previous.fingerprint, acceptedUntil);
  return hasSigned(by, by.record.endorsesPrevious, text) ? Date.parse(acceptedUntil) : undefined;
}

const hasSigned = ({ certificate }: Read, signature: string | null, text: string): boolean =>
  signature !== null && signedBy(certificate, Buffer.from(text), Buffer.from(signature, 'base64'));

/**
 * Checks the authorities that came with a certificate against the one that is trusted, by an enrolment token or as the signer of
 * the certificate before: a gateway that was taken over must not be able to add one of its own, nor to keep one that was replaced.
 * That others were accepted with the previous certificate proves nothing: the signer must state the end of a replaced one each time.
 * @param trusted its fingerprint
 * @param certified the authorities, PEM, and their records, which older releases do not send
 * @param now milliseconds since 1970
 * @throws Error if one is neither trusted already nor follows from the one that is, or is not accepted any more
 */
export function assertAuthorities(
  trusted: string,
  certified: { readonly ca: string; readonly authorities?: readonly AuthorityRecord[] | undefined },
  now: number = Date.now(),
): void {
  const accepted = new Map([[trusted, Number.POSITIVE_INFINITY]]);
  for (const { fingerprint, acceptedUntil } of provenAuthorities(new Set([trusted]), certified.authorities ?? []))
    accepted.set(fingerprint, acceptedUntil);
  if (certified.ca.replace(PEM, '').trim() !== '') throw new Error('among the authorities is something else than certificates');
  for (const fingerprint of fingerprintsOf(certified.ca)) {
    const until = accepted.get(fingerprint);
    if (until === undefined) throw new Error(`the authority ${fingerprint} is not endorsed by one that is accepted here`);
    if (until <= now) throw new Error(`the authority ${fingerprint} is not accepted since ${new Date(until).toISOString()}`);
  }
}
