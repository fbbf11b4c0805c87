import { ApiError } from '@sluice/sdk';
import { QueryCache, QueryClient } from '@tanstack/react-query';

/** An answer that stays the same however often one asks: the caller made a mistake, or may not. */
const isFinal = (error: unknown): boolean => error instanceof ApiError && error.status >= 400 && error.status < 500;

/** Whether an answer says that the browser's login is no good any more: it ended, or its account was suspended. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 401 || error.code === 'account_suspended');

const listeners = new Set<() => void>();

/** Calls a listener when the API refuses the browser's login. */
export const whenSignedOut = (listener: () => void): void => void listeners.add(listener);

/**
 * What the console has read. Keys begin with the kind of object (`server`, `session`, `node` ...), which is what the event
 * stream names when something changed, so that a change reads again what is shown of that kind and nothing else.
 */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (isSignedOut(error)) for (const listener of listeners) listener();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => !isFinal(error) && failures < 3,
      retryDelay: (failures) => Math.min(1000 * 2 ** failures, 10_000),
    },
  },
});
