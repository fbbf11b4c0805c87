import { Dice } from './dice.js';

/** How a connection is to end, if nobody is killed. */
export type Ending = 'client first' | 'resource first' | 'each when done' | 'client resets' | 'resource resets';

/** What one side of a connection does. */
export interface SidePlan {
  /** Bytes that it sends, the token not counted. */
  readonly bytes: number;
  /** Bytes a write. */
  readonly piece: number;
  /** Pauses between writes, milliseconds; mostly 0. */
  readonly pauseMs: number;
  /** How long it reads nothing, milliseconds, at how many received bytes. */
  readonly stall: { readonly at: number; readonly ms: number } | undefined;
  /** Waits so long when it has sent everything. */
  readonly lingerMs: number;
  /** Resets the connection once it has sent so many bytes. */
  readonly resetAt: number | undefined;
  /** Ends its direction only when the other side has ended its own; or never, because one of them is to reset. */
  readonly ends: 'when done' | 'second' | 'never';
}

/** What is to happen on one connection. */
export interface ConnectionPlan {
  readonly ending: Ending;
  readonly client: SidePlan;
  readonly resource: SidePlan;
}

const LARGEST = 3 * 1024 * 1024;

/** The plan of the connection of a number: the same for the same seed, whatever came before it. */
export function planConnection(seed: number, number: number): ConnectionPlan {
  const dice = new Dice(seed, `connection ${number}`);
  const ending = dice.pick<Ending>([
    ['client first', 4],
    ['resource first', 3],
    ['each when done', 3],
    ['client resets', 2],
    ['resource resets', 2],
  ]);
  const side = (resets: boolean, ends: SidePlan['ends']): SidePlan => {
    const bytes = dice.size(LARGEST);
    return {
      bytes,
      piece: dice.whole(1 + Math.floor(bytes / 2000), 65_536),
      pauseMs: dice.chance(0.3) ? dice.whole(1, 30) : 0,
      stall: dice.chance(0.2) ? { at: dice.size(LARGEST), ms: dice.whole(50, 1500) } : undefined,
      lingerMs: dice.chance(0.3) ? dice.wait(1200) : 0,
      resetAt: resets ? dice.whole(0, bytes) : undefined,
      ends,
    };
  };
  const resets = ending.endsWith('resets');
  // In half of the connections, the side that does not reset has ended before: a reset may follow an end.
  const other = dice.chance(0.5) ? 'when done' : 'never';
  const client = ending === 'client resets' ? 'never' : resets ? other : ending === 'resource first' ? 'second' : 'when done';
  const resource = ending === 'resource resets' ? 'never' : resets ? other : ending === 'client first' ? 'second' : 'when done';
  return { ending, client: side(ending === 'client resets', client), resource: side(ending === 'resource resets', resource) };
}
