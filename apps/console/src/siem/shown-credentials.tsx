import { Facts } from '../layout/facts.js';
import { Copyable } from '../layout/copyable.js';
import type { Secret } from '../layout/shown-once.js';
import { clientCommand } from './client-command.js';
import type { SiemCredentials } from './siem-readers.js';

/** Credentials that were made, as they are shown once: files to save, and what the client needs besides. */
export function shownCredentials(made: SiemCredentials): Secret {
  const { name, credentials, ca, servers, consumer, inboxPrefix } = made;
  return {
    title: `Credentials of ${name}`,
    what: 'the credentials',
    value: credentials.trimEnd(),
    files: [{ name: `${fileName(name)}.creds`, text: credentials }, ...(ca === null ? [] : [{ name: 'bus-ca.pem', text: ca }])],
    note: (
      <>
        Whoever has them can receive the reader&apos;s events. They do not expire.
        <Facts
          rows={[
            ['Servers', servers.map((server) => <Copyable key={server} value={server} what="the address of NATS" />)],
            ['Consumer', <Copyable key="c" value={consumer} what="the consumer" />],
            ['Inbox prefix', <Copyable key="i" value={inboxPrefix} what="the inbox prefix" />],
          ]}
        />
      </>
    ),
    commands: [
      {
        title: 'To try it, with the nats command',
        text: clientCommand(made, `${fileName(name)}.creds`, servers[0], ca !== null),
      },
    ],
  };
}

/** A name as a file can have it anywhere. */
const fileName = (name: string): string => name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '') || 'reader';
