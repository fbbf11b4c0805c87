import { Button, Menu } from '@mantine/core';
import { Download } from 'lucide-react';
import { saveFile } from '../layout/save-file.js';
import { sessionsAsCsv, sessionsAsNdjson } from './export-sessions.js';
import type { Session } from './sessions.js';

/** Saves the sessions that are shown to a file. */
export function ExportMenu({ sessions }: { readonly sessions: readonly Session[] }) {
  const name = `sluice-sessions-${new Date().toISOString().slice(0, 10)}`;
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} />} disabled={sessions.length === 0}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>The {sessions.length} sessions that are shown</Menu.Label>
        <Menu.Item onClick={() => saveFile(sessionsAsCsv(sessions), `${name}.csv`, 'text/csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => saveFile(sessionsAsNdjson(sessions), `${name}.ndjson`, 'application/x-ndjson')}>
          NDJSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
