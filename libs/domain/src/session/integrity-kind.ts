/**
 * What can be wrong with facts.
 *
 *   quarantined   a fact that could not become a record
 *   conflict      a fact whose number or id its author has already used for another one
 *   foreign       a fact about a session that another author began
 *   altered       a fact that does not have the hash that the next one of its chain says
 *   unproven      a signed head that proves nothing: its signature or certificate is wrong, or the clock of its author was put back
 *   gap           numbers that did not arrive in time
 *   late          a fact whose number had been given up as a gap, or the end of a session whose presumed end was final
 *   unopened      checkpoints of sessions without an `opened`
 *   flood         an author whose facts of one hour make up a large share of the stream
 */
export const INTEGRITY_KINDS = [
  'quarantined',
  'conflict',
  'foreign',
  'altered',
  'unproven',
  'gap',
  'late',
  'unopened',
  'flood',
] as const;
/** What can be wrong with facts. */
export type IntegrityKind = (typeof INTEGRITY_KINDS)[number];
