import { describe, expect, it } from 'vitest';
import { Drains } from './drains.js';
import { GatewayRun } from './gateway-run.js';

const HERE = 'relay';
const THROUGH = new GatewayRun('gateway');
const OTHER = new GatewayRun('other');
const at = (ms: number): string => new Date(ms).toISOString();

/** A relay whose policy has these drains, by node, with their deadlines. */
function drains(wanted: Record<string, string | null>): Drains {
  const find = ((_: string, id: string) => {
    const deadline = wanted[id];
    return deadline === undefined ? undefined : { id, kind: 'relay', cluster: null, deadline };
  }) as ConstructorParameters<typeof Drains>[0]['find'];
  return new Drains({ find }, HERE);
}

describe('a relay', () => {
  it('accepts sessions through every gateway and ends none while nothing is drained', () => {
    const none = drains({ another: at(0) });
    expect([none.here, none.closesIdle(THROUGH), none.closesIdle(null)]).toEqual([false, false, false]);
    expect([none.ending(THROUGH, 1e15), none.ending(null, 1e15)]).toEqual([undefined, undefined]);
  });

  it('that is drained accepts none, closes every idle link, and ends sessions at the deadline and not before', () => {
    const drained = drains({ [HERE]: at(5000) });
    expect([drained.here, drained.closesIdle(THROUGH), drained.closesIdle(null)]).toEqual([true, true, true]);
    expect([drained.ending(THROUGH, 4999), drained.ending(null, 4999)]).toEqual([undefined, undefined]);
    expect([drained.ending(THROUGH, 5000)?.reason, drained.ending(null, 5000)?.reason]).toEqual(['drained', 'drained']);
  });

  it('that is drained without a deadline ends nothing', () => {
    const drained = drains({ [HERE]: null });
    expect([drained.here, drained.ending(null, 1e15)]).toEqual([true, undefined]);
  });

  it('whose gateway is drained goes on, except with what comes through that gateway', () => {
    const drained = drains({ [THROUGH.id]: at(5000) });
    expect([drained.here, drained.closesIdle(THROUGH), drained.closesIdle(OTHER), drained.closesIdle(null)]).toEqual([
      ...[false, true, false, false],
    ]);
    expect([drained.ending(OTHER, 5000), drained.ending(null, 5000)]).toEqual([undefined, undefined]);
    expect(drained.ending(THROUGH, 4999)).toBeUndefined();
    expect(drained.ending(THROUGH, 5000)?.message).toContain('gateway');
  });

  it('whose gateway stops goes on, except with what comes through that run of it', () => {
    const [none, stopped, next] = [drains({}), new GatewayRun('gateway'), new GatewayRun('gateway')];
    stopped.stop(1000, 4000);
    expect([none.here, none.closesIdle(stopped), none.closesIdle(next)]).toEqual([false, true, false]);
    expect([none.ending(stopped, 4999), none.ending(stopped, 5000)?.reason]).toEqual([undefined, 'drained']);
    expect(none.ending(next, 5000)).toBeUndefined();
  });

  it('whose gateway stops and does not say when ends nothing, because the gateway cuts it', () => {
    const stopped = new GatewayRun('gateway');
    stopped.stop(1000);
    expect([drains({}).closesIdle(stopped), drains({}).ending(stopped, 1e15)]).toEqual([true, undefined]);
  });

  it.each([
    [0, 'was stopped without waiting for its sessions'],
    [1, 'was stopped, and the session was still running at the deadline'],
  ])('says what ended a session: a stop with %i ms left, or a drain', (withinMs, why) => {
    const [stopping, gateway] = [drains({}), new GatewayRun('gateway')];
    gateway.stop(1000, withinMs);
    expect(stopping.ending(gateway, 1001)?.message).toBe(`its gateway ${why}`);
    stopping.stop(1000, withinMs);
    expect(stopping.ending(null, 1001)?.message).toBe(`the relay ${why}`);
    const wanted = drains({ [HERE]: at(1000) }).ending(null, 1001);
    expect(wanted?.message).toBe('the relay was drained, and the session was still running at the deadline');
    const through = drains({ [THROUGH.id]: at(1000) }).ending(THROUGH, 1001);
    expect(through?.message).toBe('its gateway was drained, and the session was still running at the deadline');
  });

  it('that stops is drained for good, with the earlier of the two deadlines', () => {
    const wanted: Record<string, string | null> = { [HERE]: at(5000) };
    const stopping = drains(wanted);
    stopping.stop(1000, 8000);
    expect(stopping.ending(null, 5000)?.reason).toBe('drained');
    Reflect.deleteProperty(wanted, HERE);
    expect([stopping.here, stopping.ending(null, 8999), stopping.ending(null, 9000)?.reason]).toEqual([
      true,
      undefined,
      'drained',
    ]);
  });
});
