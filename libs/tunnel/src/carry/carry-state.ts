/**
 * Where a carry stands: its two directions, and the whole.
 *
 *   outward, socket to link     reading ──► checking ──► ended            checking: is this end a reset?
 *                                  └─────────────────────►┘
 *   inward, link to socket      flowing ◄──► held ──► ended ──► delivered    held: the socket's queue is full
 *                                  └──────────────────►┘
 *   the whole                   carrying ──► settled here ───► settled       both ends have said `settled`
 *                                  │  └────► settled there ──►┘
 *                                  └──► cut                                  from everywhere but `settled`
 *
 * `settled here` needs both directions ended and everything delivered; `settled there` needs both ended, because the other
 * end cannot have seen our end before we sent it.
 */
const OUTWARD = {
  reading: ['checking', 'ended'],
  checking: ['ended'],
  ended: [],
} as const;
const INWARD = {
  flowing: ['held', 'ended'],
  held: ['flowing', 'ended'],
  ended: ['delivered'],
  delivered: [],
} as const;
const WHOLE = {
  carrying: ['settled here', 'settled there', 'cut'],
  'settled here': ['settled', 'cut'],
  'settled there': ['settled', 'cut'],
  settled: [],
  cut: [],
} as const;

/** The direction from the socket to the link. */
type Outward = keyof typeof OUTWARD;
/** The direction from the link to the socket. */
type Inward = keyof typeof INWARD;
/** Both directions together. */
type Whole = keyof typeof WHOLE;

/** The states of one carry. Every move is one of the tables above. */
export class CarryState {
  outward: Outward = 'reading';
  inward: Inward = 'flowing';
  whole: Whole = 'carrying';

  /** Whether nothing moves any more. */
  get over(): boolean {
    return this.whole === 'settled' || this.whole === 'cut';
  }

  /** Whether the other end has ended its direction. */
  get inwardEnded(): boolean {
    return this.inward === 'ended' || this.inward === 'delivered';
  }

  /** @throws Error for a move that the table does not have. */
  moveOutward(to: Outward): void {
    this.outward = moved('socket to link', OUTWARD, this.outward, to);
  }

  /** @throws Error for a move that the table does not have. */
  moveInward(to: Inward): void {
    this.inward = moved('link to socket', INWARD, this.inward, to);
  }

  /** @throws Error for a move that the table does not have, or for one that comes before the directions are so far. */
  moveWhole(to: Whole): void {
    const ready =
      to === 'settled here'
        ? this.outward === 'ended' && this.inward === 'delivered'
        : to !== 'settled there' || (this.outward === 'ended' && this.inwardEnded);
    if (!ready) throw new Error(`"${to}" before its time: ${this.outward} outward, ${this.inward} inward`);
    this.whole = moved('the whole', WHOLE, this.whole, to);
  }
}

function moved<S extends string>(what: string, table: Record<S, readonly S[]>, from: S, to: S): S {
  if (!table[from].includes(to)) throw new Error(`a carry (${what}) cannot go from ${from} to ${to}`);
  return to;
}
