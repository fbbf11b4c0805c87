import { Stack, Text } from '@mantine/core';
import { ActivityLog } from '../activity/activity-log.js';
import { TextLink } from '../layout/text-link.js';
import type { Server } from './servers.js';

/** What administrators did to a server, and with it in roles. */
export const ServerActivity = ({ server: { id } }: { readonly server: Server }) => (
  <Stack gap="xs">
    <Text size="sm" c="dimmed">
      What was done to it, and roles that it was put into or taken out of.{' '}
      <TextLink underline="always" to="/activity" search={{ object: id }}>
        Show this in Activity
      </TextLink>
    </Text>
    <ActivityLog filters={{ object: id }} />
  </Stack>
);
