import { notifications } from '@mantine/notifications';
import { unwrap } from '@sluice/sdk';
import { api } from '../api/client.js';
import { queryClient } from '../api/query-client.js';
import { DangerButton } from '../layout/confirm.js';
import { counted } from '../words/quantity.js';
import type { Session } from './sessions.js';

/** Ends the sessions of a user that run now, one after another. */
export function EndAll({ sessions, who }: { readonly sessions: readonly Session[]; readonly who: string }) {
  const end = async () => {
    let count = 0;
    try {
      for (const { id } of sessions) {
        const { ended } = await unwrap(api.POST('/api/v1/sessions/{id}/end', { params: { path: { id } }, body: {} }));
        if (ended) count++;
      }
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['session'] });
    }
    notifications.show({ message: `${counted(count, 'session')} of ${who} ${count === 1 ? 'was' : 'were'} ended` });
  };
  return (
    <DangerButton
      label="End all"
      size="compact-xs"
      title={`End all sessions of ${who}?`}
      confirm={`End ${counted(sessions.length, 'session')}`}
      onConfirm={end}
    >
      {counted(sessions.length, 'live session')} {sessions.length === 1 ? 'ends' : 'end'} at once. They may connect again; suspend
      them to prevent it.
    </DangerButton>
  );
}
