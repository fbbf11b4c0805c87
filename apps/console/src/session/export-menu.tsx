import { Button, Menu } from '@mantine/core';
import { Download } from 'lucide-react';
import { sessionsAsCsv, sessionsAsNdjson } from './export-sessions.js';
import type { Session } from './sessions.js';

function save(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

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
        <Menu.Item onClick={() => save(sessionsAsCsv(sessions), `${name}.csv`, 'text/csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => save(sessionsAsNdjson(sessions), `${name}.ndjson`, 'application/x-ndjson')}>NDJSON</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
