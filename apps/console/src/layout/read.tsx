import { Center, Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Problem } from '../api/problem.js';

/** What was read, as soon as it is there; until then that it is being read, or why it could not be. */
export function Read<T>({
  query: { data, error, refetch },
  what,
  children,
}: {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  /** What is being read, for screen readers: `the users`. */
  readonly what: string;
  readonly children: (data: T) => ReactNode;
}) {
  if (data !== undefined) return children(data);
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  return (
    <Center p="xl">
      <Loader aria-label={`Loading ${what}`} />
    </Center>
  );
}
