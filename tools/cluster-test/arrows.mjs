// Who may connect to whom, by the table of the chart and nothing else: what the policies make of it is what is to be found out.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const TABLE = path.join(import.meta.dirname, '..', '..', 'deploy', 'helm', 'sluice', 'files', 'arrows.yaml');
/** The conditions of arrows that the values of the test fulfil. */
const FULFILLED = [undefined, 'secrets.create', 'nats.replicas'];

/** The arrows that exist with the values of the test. */
export const arrows = parse(readFileSync(TABLE, 'utf8')).filter(({ only }) => FULFILLED.includes(only));

/**
 * Whether a connection may be made. A pod of the installation needs an arrow that leads out of it and one that leads in, which is the same
 * unless one of the two is anybody; nobody asks what others send or accept.
 * @param from a component of the installation, or undefined for whoever is none
 * @param to a component, `kubernetes`, or undefined for any other address
 * @param port its name in the table
 */
export function isAllowed(from, to, port) {
  const leadsOut = ({ from: source, to: destination, port: name }) =>
    source === from && (destination === 'any' || (destination === to && name === port));
  const leadsIn = ({ from: source, to: destination, port: name }) =>
    destination === to && name === port && (source === from || source === 'any');
  const out = from === undefined || arrows.some(leadsOut);
  return out && (to === undefined || to === 'kubernetes' || arrows.some(leadsIn));
}
