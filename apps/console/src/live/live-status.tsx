import { Badge } from '@mantine/core';
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { queryClient } from '../api/query-client.js';
import { exactTime } from '../words/moment.js';
import { EventStream, type LiveState } from './event-stream.js';

const Live = createContext<EventStream | undefined>(undefined);

/** Follows the event stream as long as somebody is signed in. */
export function LiveUpdates({ children }: { readonly children: ReactNode }) {
  const [stream, setStream] = useState<EventStream>();
  useEffect(() => {
    const made = new EventStream(queryClient);
    setStream(made);
    return () => made.close();
  }, []);
  return <Live.Provider value={stream}>{children}</Live.Provider>;
}

const CONNECTING: LiveState = { live: false, since: 0 };
const nothing = () => () => undefined;

/** Says whether the page follows what happens, or since when it does not. */
export function LiveStatus() {
  const stream = useContext(Live);
  const state = useSyncExternalStore(stream?.subscribe ?? nothing, stream?.read ?? (() => CONNECTING));
  const label = state.live
    ? 'What is shown follows what happens'
    : state.since === 0
      ? 'Connecting'
      : `What is shown may be out of date since ${exactTime(new Date(state.since).toISOString())}; reconnecting`;
  return (
    <Badge
      variant="dot"
      color={state.live ? 'green' : 'orange'}
      tt="none"
      fw={500}
      role="status"
      aria-label={label}
      data-tip={label}
    >
      {state.live ? 'Live' : 'Behind'}
    </Badge>
  );
}
