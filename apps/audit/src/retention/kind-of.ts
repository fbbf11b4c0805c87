import type { RetentionKind } from '@sluice/contracts';

/** What kind of evidence a fact is, by its subject. What the registry says of itself, such as its signatures, goes with its activities. */
export function kindOf(subject: string): RetentionKind {
  const [, , noun, , service] = subject.split('.');
  if (noun === 'session' || noun === 'relay' || noun === 'attempt') return 'sessions';
  return noun === 'activity' || (noun === 'service' && service === 'registry') ? 'activities' : 'facts';
}
