import { ApiError } from '@sluice/sdk';
import { QueryClient } from '@tanstack/react-query';

/** An answer that stays the same however often one asks: the caller made a mistake, or may not. */
const isFinal = (error: unknown): boolean => error instanceof ApiError && error.status >= 400 && error.status < 500;

/**
 * What the console has read. Keys begin with the kind of object (`server`, `session`, `node` ...), which is what the event
 * stream names when something changed, so that a change reads again what is shown of that kind and nothing else.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => !isFinal(error) && failures < 3,
      retryDelay: (failures) => Math.min(1000 * 2 ** failures, 10_000),
    },
  },
});
