import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, collect, createSluiceClient, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { Dice } from './dice.js';

/** Something that an administrator did to sessions: it took effect between two moments. */
export interface Action {
  readonly kind: 'grant taken' | 'session ended';
  /** The server, or the session. */
  readonly of: string;
  readonly from: number;
  to: number;
}

/** How long after a response sessions may still end because of a change: a disconnected relay receives it when it reconnects. */
const SHOWS_FOR_MS = 60_000;

/** Revokes grants and grants them again, ends sessions; through any gateway that responds. */
export class Administrator {
  readonly actions: Action[] = [];
  private readonly gateways: SluiceClient[];

  constructor(
    urls: readonly string[],
    token: string,
    private readonly roleId: string,
    private readonly dice: Dice,
  ) {
    this.gateways = urls.map((server) => createSluiceClient({ server, token, timeoutMs: 5000 }));
  }

  /** Retries until there is a response. @throws Error after the time (milliseconds) */
  async ask<T>(question: (api: SluiceClient) => Promise<T>, withinMs: number): Promise<T> {
    const deadline = Date.now() + withinMs;
    for (let tries = 0; ; tries++) {
      try {
        return await question(this.gateways[tries % this.gateways.length] as SluiceClient);
      } catch (error) {
        if (Date.now() > deadline || isRefused(error)) throw error;
        await sleep(200); // no event reports that a gateway serves again
      }
    }
  }

  /** Takes a server away from the role for a moment. It is given back in any case. */
  async takeGrant(server: Schemas['Server']): Promise<void> {
    const params = { path: { id: this.roleId, serverId: server.id } };
    const action: Action = { kind: 'grant taken', of: server.id, from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.actions.push(action);
    const taken = this.ask((api) => unwrap(api.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params })), 5000);
    await taken.catch(unanswered); // it may have been done, with or without a response
    await sleep(this.dice.wait(1000)); // how long the server stays out of reach is random
    await this.ask((api) => unwrap(api.PUT('/api/v1/roles/{id}/servers/{serverId}', { params })), 300_000);
    action.to = Date.now() + SHOWS_FOR_MS;
  }

  /** Ends a session that runs, if one is found. */
  async endSession(server: Schemas['Server']): Promise<void> {
    const query = { resource: server.id, live: true, limit: 1 };
    const found = await this.ask((api) => unwrap(api.GET('/api/v1/sessions', { params: { query } })), 1000).catch(unanswered);
    const session = found?.items[0];
    if (!session) return;
    const action: Action = { kind: 'session ended', of: session.id, from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.actions.push(action);
    const params = { path: { id: session.id } };
    await this.ask((api) => unwrap(api.POST('/api/v1/sessions/{id}/end', { params, body: { why: 'chaos' } })), 1000).catch(
      unanswered,
    );
    action.to = Date.now() + SHOWS_FOR_MS;
  }

  /** All records of the installation. */
  records(): Promise<Schemas['AuditRecord'][]> {
    return collect((cursor) => {
      const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
      return this.ask((api) => unwrap(api.GET('/api/v1/sessions', { params: { query } })), 10_000);
    });
  }
}

/** Whether the API understood the question and says no to it: then it is wrong. A session may have ended meanwhile. */
const isRefused = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && ![404, 409, 429].includes(error.status);

function unanswered(error: unknown): undefined {
  if (isRefused(error)) throw error;
}
