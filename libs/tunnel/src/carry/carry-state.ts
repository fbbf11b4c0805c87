/**
 * The states of a carry: one for each direction, and one for both together.
 *
 *   outward, socket to link     reading ──► checking ──► ended            checking: was this end a reset?
 *                                  └─────────────────────►┘
 *   inward, link to socket      flowing ◄──► held ──► ended ──► delivered    held: paused, the socket's queue is full
 *                                  └──────────────────►┘
 *   whole, both directions      carrying ──► settled here ───► settled       both peers have sent `settled`
 *                                  │  └────► settled there ──►┘
 *                                  └──► cut                                  possible in every state but `settled`
 *
 * `settled here` requires that both directions have ended and everything was delivered. `settled there` requires that both
 * have ended, because the peer can only settle after it has received our `end`.
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

/** The states of one carry. The tables above list every transition. */
export class CarryState {
  outward: Outward = 'reading';
  inward: Inward = 'flowing';
  whole: Whole = 'carrying';

  /** Whether a final state has been reached. */
  get over(): boolean {
    return this.whole === 'settled' || this.whole === 'cut';
  }

  /** Whether the peer has ended its direction. */
  get inwardEnded(): boolean {
    return this.inward === 'ended' || this.inward === 'delivered';
  }

  /** @throws Error for a transition that the table does not list */
  moveOutward(to: Outward): void {
    this.outward = moved('socket to link', OUTWARD, this.outward, to);
  }

  /** @throws Error for a transition that the table does not list */
  moveInward(to: Inward): void {
    this.inward = moved('link to socket', INWARD, this.inward, to);
  }

  /** @throws Error for a transition that the table does not list, or that the states of the two directions do not allow yet */
  moveWhole(to: Whole): void {
    const ready =
      to === 'settled here'
        ? this.outward === 'ended' && this.inward === 'delivered'
        : to !== 'settled there' || (this.outward === 'ended' && this.inwardEnded);
    if (!ready) throw new Error(`"${to}" is not possible yet: ${this.outward} outward, ${this.inward} inward`);
    this.whole = moved('both directions', WHOLE, this.whole, to);
  }
}

function moved<S extends string>(what: string, table: Record<S, readonly S[]>, from: S, to: S): S {
  if (!table[from].includes(to)) throw new Error(`a carry (${what}) cannot go from ${from} to ${to}`);
  return to;
}
