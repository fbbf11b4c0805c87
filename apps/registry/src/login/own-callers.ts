import { Injectable } from '@nestjs/common';
import type { Actor } from '@sluice/contracts';
import { type Caller, Callers, type DeniedCall } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { noteDeniedCall } from '../refusal/note-refusal.js';
import { actorOfToken } from './logins.js';

/** Identifies the callers of the registry's own operations. Other services ask the registry; the registry has the logins itself. */
@Injectable()
export class OwnCallers extends Callers {
  constructor(private readonly database: DataSource) {
    super();
  }

  identify({ token, clientAddress }: Caller): Promise<Actor> {
    return actorOfToken(this.database, token, clientAddress);
  }

  noteDenied({ actor, operation, caller }: DeniedCall): Promise<void> {
    return noteDeniedCall(this.database, actor, operation.id, caller.clientAddress);
  }
}
