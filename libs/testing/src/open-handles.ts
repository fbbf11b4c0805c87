import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Kinds of resources that keep a process running: timers, sockets and servers. */
const KINDS = new Set(['Timeout', 'TCPWRAP', 'TCPSERVERWRAP', 'TLSWRAP', 'PIPEWRAP']);

interface Resource {
  hasRef?(): boolean;
}

/**
 * Tracks resources that are opened from now on and keep the process running, because a service that has stopped must leave none.
 * Resources that were open before do not count, nor do those that the event loop does not wait for (`unref`).
 */
export class OpenHandles {
  private readonly opened = new Map<
    number,
    { readonly kind: string; readonly from: string; readonly resource: WeakRef<Resource> }
  >();
  private readonly hook = createHook({
    init: (id, kind, _trigger, resource: object) => {
      if (KINDS.has(kind)) this.opened.set(id, { kind, from: origin(), resource: new WeakRef(resource) });
    },
    destroy: (id) => void this.opened.delete(id),
  }).enable();

  /** Waits up to a second until everything is closed, and stops tracking. @returns what is still open, and where it was opened */
  async left(): Promise<string[]> {
    for (let tries = 0; tries < 50 && this.open().length > 0; tries++) await sleep(20, undefined, { ref: false });
    this.hook.disable();
    return this.open();
  }

  private open(): string[] {
    return [...this.opened.values()].flatMap(({ kind, from, resource }) =>
      resource.deref()?.hasRef?.() === true ? [`${kind} ${from}`] : [],
    );
  }
}

/** Where in the code of this repository, or else of a package, a resource was opened. */
function origin(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(3);
  return (lines.find((line) => /\/(apps|libs)\//.test(line)) ?? lines.find((line) => !line.includes('node:')) ?? '').trim();
}
