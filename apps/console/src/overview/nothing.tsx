import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Says that a part of the overview has nothing to show. */
export const Nothing = ({ children }: { readonly children: ReactNode }) => (
  <Text size="sm" c="dimmed">
    {children}
  </Text>
);
