import { headText, SignedHead } from '@sluice/contracts';
import { type Identity } from './identity-name.js';
import { CertificateError, type VerifiedCertificate } from './verify-certificate.js';

/** What a head is checked against: the fact that it is, and the author that the fact's subject proves. */
export interface HeadFact {
  readonly author: string;
  readonly incarnation: string;
  readonly number: number;
  /** The hash of the fact before it, as the fact says. */
  readonly previous: string;
  readonly data: unknown;
}

/** A head whose signature and certificate are right: it covers all facts of its chain up to `through`. */
export interface ValidHead {
  readonly through: number;
  /** When it was signed, by its author's clock; ISO 8601. */
  readonly at: string;
}

/** Why a head proves nothing. `code` is stable. */
export interface InvalidHead {
  readonly code: 'bad-head' | 'bad-certificate';
  readonly message: string;
}

/** Checks certificates as of the time when they were used. */
interface Authority {
  verify(certificate: Buffer, at: number): VerifiedCertificate;
}

/**
 * Checks a signed head by itself: that it is about the fact before it, and that its author signed it with a certificate that was
 * valid then. Whether the facts before it have the hashes that they name is for the reader of the chain to check.
 */
export function checkHead(fact: HeadFact, authority: Authority): ValidHead | InvalidHead {
  const parsed = SignedHead.safeParse(fact.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { code: 'bad-head', message: `the head is malformed: ${issue?.path.join('.')} ${issue?.message}` };
  }
  const head = parsed.data;
  if (head.through !== fact.number - 1 || head.hash !== fact.previous)
    return {
      code: 'bad-head',
      message: `the head says that fact ${head.through} has the hash ${head.hash}, which is not the fact before it`,
    };
  try {
    const certificate = authority.verify(Buffer.from(head.certificate, 'base64'), Date.parse(head.at));
    if (signerOf(certificate.identity) !== fact.author)
      return { code: 'bad-certificate', message: 'the head was signed with a certificate that is not of its author' };
    const text = Buffer.from(headText(fact.author, fact.incarnation, head), 'latin1');
    if (!certificate.signed(text, Buffer.from(head.signature, 'base64')))
      return { code: 'bad-head', message: 'the signature of the head is wrong' };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { code: 'bad-certificate', message: `the head's certificate is not valid: ${error.message}` };
  }
  return { through: head.through, at: head.at };
}

/** Whose chains a certificate may sign; undefined for accounts and gateways, which have none. */
function signerOf(identity: Identity): string | undefined {
  if (identity.kind === 'relay') return identity.nodeId;
  return identity.kind === 'service' ? identity.service : undefined;
}
