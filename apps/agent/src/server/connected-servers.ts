import { Mutex } from '@sluice/domain';
import type { Schemas } from '@sluice/sdk';
import { JsonFile, type Log } from '@sluice/process';
import { z } from 'zod';
import type { Listener } from '../listener/listener.js';

type Resource = Schemas['AgentFeed']['resources'][number];

const Kept = z.record(z.string(), z.object({ port: z.int().optional(), id: z.string().optional() }));

/** A server that the person wants connected. It has a listener once the server is known and its address is free. */
interface Wanted {
  name: string;
  id: string | undefined;
  /** The port that the person asked for; undefined for the server's own. */
  port: number | undefined;
}

/** A connected server and its listener. */
export interface Connected {
  resource: Resource;
  readonly listener: Listener;
  readonly port: number | undefined;
}

/** Opens the listener of a server at a port. @throws Error with a message for the user */
export type Listen = (resource: Resource, port: number) => Promise<Listener>;

/**
 * The servers that a person has connected. They stay connected until they are disconnected, also across restarts of the
 * agent and while the API is unreachable. A listener that cannot be opened now is retried each time the list of servers
 * has been read.
 */
export class ConnectedServers {
  private readonly file: JsonFile<typeof Kept>;
  private readonly wanted: Wanted[];
  private readonly listeners = new Map<string, Connected>();
  private readonly reported = new Map<string, string>();
  /** Changes are made one after another: two at once could open the same listener twice. */
  private readonly changes = new Mutex();

  constructor(
    file: string,
    private readonly listen: Listen,
    private readonly log: Log,
    private readonly addressOf = ({ bindAddress }: Resource): string => bindAddress,
  ) {
    this.file = new JsonFile(file, Kept);
    this.wanted = Object.entries(readKept(this.file, log)).map(([name, { id, port }]) => ({ name, id, port }));
  }

  /** The listener of a server, by the server's id. */
  get(id: string): Connected | undefined {
    return this.listeners.get(id);
  }

  /**
   * Connects a server of the list. A listener at its address whose server is no longer in the list is closed first.
   * @throws Error with a message for the user
   */
  connect(resource: Resource, port: number | undefined, resources: readonly Resource[]): Promise<void> {
    return this.changes.run(async () => {
      await this.open(resource, port, resources);
      const known = this.wanted.find((wanted) => isOf(wanted, resource));
      if (known) Object.assign(known, { name: resource.name, id: resource.id, port });
      else this.wanted.push({ name: resource.name, id: resource.id, port });
      this.save();
    });
  }

  /** Stops listening for a server; its connections end. @returns its name and address; undefined when it is not connected */
  disconnect(name: string): Promise<{ name: string; address: string } | undefined> {
    return this.changes.run(() => {
      const at = this.wanted.findIndex((wanted) => sameName(wanted.name, name));
      const [wanted] = at < 0 ? [] : this.wanted.splice(at, 1);
      const entry = [...this.listeners.values()].find(({ resource }) => sameName(resource.name, name));
      entry?.listener.close();
      if (entry) this.listeners.delete(entry.resource.id);
      if (!wanted && !entry) return undefined;
      this.save();
      const address = entry ? `${entry.listener.address}:${entry.listener.port}` : 'an address that had no listener';
      return { name: entry?.resource.name ?? wanted?.name ?? name, address };
    });
  }

  /**
   * Adopts the present list of servers: moves the listeners of servers whose address changed, notes new names, and retries
   * what could not be connected before. A server that is not in the list keeps its listener, so that a connection to it is
   * refused by a relay with the reason, and recorded.
   */
  follow(resources: readonly Resource[]): Promise<void> {
    return this.changes.run(async () => {
      let renamed = false;
      for (const wanted of [...this.wanted]) {
        const resource = resources.find((known) => known.id === wanted.id) ?? resources.find((known) => isOf(wanted, known));
        if (!resource) continue;
        renamed ||= wanted.name !== resource.name || wanted.id !== resource.id;
        Object.assign(wanted, { name: resource.name, id: resource.id });
        const entry = this.listeners.get(resource.id);
        if (entry) entry.resource = resource;
        try {
          await this.open(resource, wanted.port, resources);
          this.reported.delete(resource.id);
        } catch (error) {
          const why = (error as Error).message;
          if (this.reported.get(resource.id) === why) continue;
          this.reported.set(resource.id, why);
          this.log.warn({ server: resource.name, why }, 'the server cannot be connected now; it will be retried');
        }
      }
      if (renamed) this.save();
    });
  }

  close(): void {
    for (const { listener } of this.listeners.values()) listener.close();
  }

  private async open(resource: Resource, port: number | undefined, resources: readonly Resource[]): Promise<void> {
    const present = this.listeners.get(resource.id);
    const wanted = port ?? resource.port;
    const address = this.addressOf(resource);
    if (present && present.listener.port === wanted && present.listener.address === address) return;
    for (const [id, { listener }] of this.listeners) {
      if (id === resource.id || listener.address !== address || listener.port !== wanted) continue;
      if (resources.some((known) => known.id === id)) continue;
      listener.close(); // its server is no longer in the list, and the address belongs to another server now
      this.listeners.delete(id);
    }
    const listener = await this.listen(resource, wanted);
    present?.listener.close();
    this.listeners.set(resource.id, { listener, resource, port });
  }

  private save(): void {
    try {
      this.file.write(Object.fromEntries(this.wanted.map(({ name, id, port }) => [name, { id, port }])));
    } catch (error) {
      this.log.warn({ err: error }, 'the list of connected servers could not be saved; the previous one stays on disk');
    }
  }
}

const isOf = (wanted: Wanted, resource: Resource): boolean => wanted.id === resource.id || sameName(wanted.name, resource.name);

/** Whether two server names are the same, regardless of case and of how accents are encoded. */
export const sameName = (a: string, b: string): boolean => a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase();

function readKept(file: JsonFile<typeof Kept>, log: Log): z.infer<typeof Kept> {
  try {
    return file.read() ?? {};
  } catch (error) {
    log.warn({ err: error }, 'the list of connected servers cannot be read; no server is connected');
    return {};
  }
}
