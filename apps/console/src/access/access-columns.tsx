import { Stack, Text } from '@mantine/core';
import { TextLink } from '../layout/text-link.js';
import type { Column } from '../table/data-table.js';
import { Time } from '../words/time.js';
import type { GivingRole } from './access-lists.js';

interface Access {
  readonly roles: readonly GivingRole[];
  readonly liveSessions: number | null;
}

/** The column that says why there is access: by which roles, and when each began to give it. */
export const rolesColumn = <Row extends Access>(): Column<Row> => ({
  id: 'roles',
  title: 'By role',
  cell: ({ roles }) => (
    <Stack gap={0}>
      {roles.map(({ id, name, since }) => (
        <Text key={id} size="sm" className="breakable">
          <TextLink to="/roles/$id" params={{ id }}>
            {name}
          </TextLink>
          {since !== null && (
            <Text span size="xs" c="dimmed">
              {' '}
              given <Time at={since} />
            </Text>
          )}
        </Text>
      ))}
    </Stack>
  ),
});

/** How many sessions run, as it is shown; a count that nobody could make is not zero. */
export const liveText = ({ liveSessions }: Access): string => (liveSessions === null ? 'not known' : String(liveSessions));
