import { Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Replaces an empty list: says that it is empty, and what to do next. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="sm">
        <Text fw={600} ta="center">
          {title}
        </Text>
        {children !== undefined && (
          <Text c="dimmed" size="sm" ta="center" component="div" maw="min(620px, 100%)" className="empty-state">
            {children}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
