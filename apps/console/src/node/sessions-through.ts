import { type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import type { Node } from './nodes.js';

/** A session that is running. */
export type RunningSession = Schemas['AuditRecord'];

/** How many sessions are read at most. */
export const MOST_CARRIED = 500;

/** The filter of the session log that selects what a node carries. */
export const carriedBy = ({ id, kind }: Pick<Node, 'id' | 'kind'>): { node?: string; gateway?: string } =>
  kind === 'relay' ? { node: id } : { gateway: id };

/** The running sessions that a node carries, newest first. */
export const sessionsThrough = (node: Pick<Node, 'id' | 'kind'>) =>
  queryOptions({
    queryKey: ['session', 'through', node.id],
    queryFn: async () => {
      const found: RunningSession[] = [];
      let cursor: string | undefined;
      do {
        const query = { ...carriedBy(node), live: true, limit: MOST_CARRIED, ...(cursor !== undefined && { cursor }) };
        const page = await unwrap(api.GET('/api/v1/sessions', { params: { query } }));
        found.push(...page.items); // a page can be empty although others follow: a search looks at so many records at a time
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && found.length < MOST_CARRIED);
      return found.slice(0, MOST_CARRIED);
    },
    refetchInterval: 5000,
  });
