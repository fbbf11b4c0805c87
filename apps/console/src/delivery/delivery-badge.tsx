import { Badge } from '@mantine/core';
import { useNow } from '../words/time.js';
import type { Delivery } from './delivery.js';
import { deliveryState } from './delivery-state.js';

const COLORS = { 'up to date': 'green', receiving: 'blue', 'not receiving': 'yellow', behind: 'red', unknown: 'gray' } as const;

/** Whether a reader follows the stream. */
export function DeliveryBadge({ delivery }: { readonly delivery: Delivery | null }) {
  const state = deliveryState(delivery, useNow());
  return (
    <Badge variant="light" color={COLORS[state]} tt="none">
      {state}
    </Badge>
  );
}
