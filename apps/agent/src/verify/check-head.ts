import { headText, RelayHead } from '@sluice/contracts';
import { CertificateError, type CertificateVerifier } from '@sluice/identity';
import type { ProblemCode } from './problems.js';
import type { Fact } from './read-fact.js';

/** A signed head whose signature and certificate are right. */
export interface ValidHead {
  readonly through: number;
  /** When it was signed. */
  readonly at: string;
}

/** Checks a head by itself. @returns what is wrong with it, or the head */
export function checkHead(
  { author = '', body }: Fact,
  authority: CertificateVerifier,
): ValidHead | { readonly code: ProblemCode; readonly message: string } {
  const parsed = RelayHead.safeParse(body.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { code: 'bad-head', message: `the head is malformed: ${issue?.path.join('.')} ${issue?.message}` };
  }
  const head = parsed.data;
  if (head.through !== body.number - 1 || head.hash !== body.previous)
    return {
      code: 'bad-head',
      message: `the head says that fact ${head.through} has the hash ${head.hash}, which is not the fact before it`,
    };
  try {
    const certificate = authority.verify(Buffer.from(head.certificate, 'base64'), Date.parse(head.at));
    const { identity } = certificate;
    if (identity.kind !== 'relay' || identity.nodeId !== author)
      return { code: 'bad-certificate', message: `the head was signed with the certificate of another node` };
    const text = Buffer.from(headText(author, body.incarnation, head), 'latin1');
    if (!certificate.signed(text, Buffer.from(head.signature, 'base64')))
      return { code: 'bad-head', message: 'the signature of the head is wrong' };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { code: 'bad-certificate', message: `the head's certificate is not valid: ${error.message}` };
  }
  return { through: head.through, at: head.at };
}
