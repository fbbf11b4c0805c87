import {
  fingerprintOfCertificate,
  fingerprintsOf,
  provenAuthorities,
  readPem,
  splitPem,
  type TrustedAuthority,
} from '@sluice/identity';
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
    const pins = pinned.map((pem) => fingerprintOfCertificate(readPem(pem)));
    const byPrint = new Map(
      provenAuthorities(new Set(pins), header.authorities ?? []).map((proven) => [proven.fingerprint, proven]),
    );
    for (const [at, certificate] of pinned.entries()) {
      const fingerprint = pins[at] as string;
      if (!byPrint.has(fingerprint))
        byPrint.set(fingerprint, { certificate, fingerprint, acceptedUntil: Number.POSITIVE_INFINITY });
    }
    const accepted = [...byPrint.values()];
    const fingerprints = [...byPrint.keys()];
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
