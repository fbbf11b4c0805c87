import type { ProblemCode } from '../problem-code.js';
import { accept, type Outcome, refuse } from '../refusal.js';

/** The port a new resource has when none is given. */
export const DEFAULT_PORT = 49150;

/** A port that a relay dials: exactly one, 1-65535. Text is accepted too, so that a list or range gets its own error. */
export function parsePort(
  input: number | string,
  field = 'port',
  lowest = 1,
  highest = 65535,
  code: ProblemCode = 'port_invalid',
): Outcome<number> {
  const text = String(input);
  const range = `from ${lowest} to ${highest}`;
  if (/^\d+\s*[-,:;]\s*\d+/.test(text))
    return refuse(code, `exactly one port ${range}: a list or a range is not possible`, field, text);
  if (!/^-?\d+$/.test(text)) return refuse(code, `a port is a whole number ${range}`, field, text);
  const port = Number(text);
  if (port < lowest || port > highest) return refuse(code, `a port is a whole number ${range}`, field, text);
  return accept(port);
}
