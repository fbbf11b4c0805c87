import { Text } from '@mantine/core';

/** Stands above a form whose fields are only read, and says why. */
export const OnlyAdministrators = () => (
  <Text size="sm" c="dimmed" mb="md">
    Only administrators can change this.
  </Text>
);
