/**
 * What is said of a SIEM reader that has done nothing since NATS was started, because it is new or because NATS forgets when that was.
 * @param number the number in the stream that it continues after, as numbers are displayed there
 */
export const nothingYet = (done: 'fetched' | 'acknowledged', number: string): string =>
  `nothing ${done} yet since NATS was started; it continues after number ${number}`;
