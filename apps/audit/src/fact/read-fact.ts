import { Envelope, SESSION_FACTS, type SessionFactKind } from '@sluice/contracts';

/** A fact as it came: its bytes, and what they say. */
export interface ReceivedFact {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly envelope: Envelope;
  /** For session facts: the kind, and the data that fits its schema. */
  readonly session: { kind: SessionFactKind; data: unknown } | undefined;
}

/** Reads a message as a fact, or says why it is none: then it is set aside. */
export function readFact(subject: string, bytes: Uint8Array): { fact: ReceivedFact } | { reason: string } {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(bytes));
  } catch {
    return { reason: 'not JSON' };
  }
  const envelope = Envelope.safeParse(body);
  if (!envelope.success)
    return { reason: `envelope: ${envelope.error.issues[0]?.path.join('.')} ${envelope.error.issues[0]?.message}` };
  const [, , noun, kind, , node] = subject.split('.');
  if (noun !== 'session' && noun !== 'relay') return { fact: { subject, bytes, envelope: envelope.data, session: undefined } };
  if (envelope.data.node === undefined || envelope.data.node !== node)
    return { reason: `the fact says node ${envelope.data.node}, its subject says ${node}` };
  if (envelope.data.incarnation === undefined) return { reason: 'a fact of a relay without an incarnation' };
  const chained = envelope.data.number !== undefined && envelope.data.previous !== undefined;
  if (chained === (kind === 'checkpoint')) return { reason: `a ${kind} fact ${chained ? 'with' : 'without'} a number` };
  if (noun === 'relay') return { fact: { subject, bytes, envelope: envelope.data, session: undefined } };
  const schema = SESSION_FACTS[kind as SessionFactKind];
  if (!schema) return { reason: `there is no session fact "${kind}"` };
  const data = schema.safeParse(envelope.data.data);
  if (!data.success) return { reason: `data: ${data.error.issues[0]?.path.join('.')} ${data.error.issues[0]?.message}` };
  return { fact: { subject, bytes, envelope: envelope.data, session: { kind: kind as SessionFactKind, data: data.data } } };
}
