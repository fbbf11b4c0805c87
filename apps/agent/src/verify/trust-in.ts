import { fingerprintOf, fingerprintsOf, provenAuthorities, splitPem, type TrustedAuthority } from '@sluice/identity';
import type { ExportHeader } from '../export/export-line.js';
import { NotAnExportError } from './not-an-export.js';

/** The authorities whose certificates are accepted in an export. */
export interface Trust {
  readonly accepted: readonly TrustedAuthority[];
  /** Their fingerprints. */
  readonly fingerprints: readonly string[];
  /** Fingerprint of the authority that is trusted to begin with. */
  readonly pin: string;
  /** Fingerprint of the authority that the file names if it is not accepted; null otherwise, or if it cannot be read. */
  readonly other: string | null;
}

/**
 * Decides which authorities are accepted: what the verifier has given, else the one that the file names, and those of the file
 * that are endorsed, one by the next, from there. A file can name any authority; that alone makes none of them accepted.
 * @param given PEM, of one or more authorities
 * @throws NotAnExportError if a certificate cannot be read
 */
export function trustIn(header: ExportHeader, given: string | undefined): Trust {
  try {
    const pinned = given === undefined ? splitPem(header.authority).slice(0, 1) : splitPem(given);
    const pins = pinned.map(fingerprintOf);
    const proven = provenAuthorities(new Set(pins), header.authorities ?? []);
    const known = new Set(proven.map(({ fingerprint }) => fingerprint));
    const others = pinned.map((certificate, at) => ({ certificate, fingerprint: pins[at] as string }));
    const accepted = [
      ...proven,
      ...others
        .filter(({ fingerprint }) => !known.has(fingerprint))
        .map((pin) => ({ ...pin, acceptedUntil: Number.POSITIVE_INFINITY })),
    ];
    const fingerprints = accepted.map(({ fingerprint }) => fingerprint);
    const named = given === undefined ? null : nameIn(header);
    const other = named !== null && !fingerprints.includes(named) ? named : null;
    return { accepted, fingerprints, pin: pins[0] as string, other };
  } catch (cause) {
    throw new NotAnExportError('the certificate of the authority cannot be read', { cause });
  }
}

function nameIn({ authority }: ExportHeader): string | null {
  try {
    return fingerprintsOf(authority)[0] ?? null;
  } catch {
    return null;
  }
}
