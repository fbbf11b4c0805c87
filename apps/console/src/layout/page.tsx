import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { parted } from './email.js';
import { TextLink } from './text-link.js';

/** A page: its title (which is the tab's too), what can be done there, and its content. */
export function Page({
  title,
  above,
  description,
  actions,
  children,
}: {
  readonly title: string;
  /** The list that the page was reached from. */
  readonly above?: { readonly title: string; readonly to: string };
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Sluice`;
  }, [title]);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          {above && (
            <TextLink mb={4} display="inline-block" to={above.to}>
              ‹ {above.title}
            </TextLink>
          )}
          <Title order={1} size="h2" className="breakable">
            {parted(title)}
          </Title>
          {description !== undefined && (
            <Text c="dimmed" size="sm" mt={4} component="div">
              {description}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
