import { accept, type Outcome, refuse } from '../refusal.js';

const NODE_NAME = /^[A-Za-z0-9][\w.-]{0,59}$/;

/** The name of a relay. It is also used as a folder name and as an argument of commands. */
export function parseNodeName(text: string): Outcome<string> {
  if (NODE_NAME.test(text)) return accept(text);
  const message =
    'the name of a node has 1 to 60 letters a to z, digits, and the characters - _ . and begins with a letter or a digit';
  return refuse('node_name_invalid', message, 'name', text);
}
