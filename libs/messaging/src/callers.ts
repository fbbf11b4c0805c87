import { Injectable } from '@nestjs/common';
import { type Actor, identifyActor, noteDenied, type Operation } from '@sluice/contracts';
import { Bus } from './bus/bus.js';

/** The origin of a request, before its token is looked up. */
export interface Caller {
  readonly token: string | undefined;
  readonly requestId: string;
  readonly clientAddress: string | undefined;
}

/** A call that the API role of its account does not allow. */
export interface DeniedCall {
  readonly actor: Actor;
  readonly operation: Operation;
  readonly caller: Caller;
}

/** Looks up the accounts of callers. Each service provides an implementation: the registry its own, every other service `CallersAtRegistry`. */
export abstract class Callers {
  /** The account of a caller's token. @throws ProblemError 401 if the token is missing or no longer valid */
  abstract identify(caller: Caller): Promise<Actor>;

  /** Records a call that was denied. */
  abstract noteDenied(denied: DeniedCall): Promise<void>;
}

/** Lets the registry look up tokens and record denied calls. */
@Injectable()
export class CallersAtRegistry extends Callers {
  constructor(private readonly bus: Bus) {
    super();
  }

  identify(caller: Caller): Promise<Actor> {
    return this.bus.call(identifyActor, {}, caller);
  }

  async noteDenied({ operation, caller }: DeniedCall): Promise<void> {
    await this.bus.call(noteDenied, { operation: operation.id }, caller);
  }
}
