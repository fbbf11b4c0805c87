import type { Schemas } from '@sluice/sdk';
import { CircleCheck, CircleDashed, CircleX } from 'lucide-react';

type Health = Schemas['ServerHealth'];

/** Health as an administrator sees it: a server that no node has checked yet is neither healthy nor unhealthy. */
export type HealthView = 'healthy' | 'unhealthy' | 'not checked yet';

/** What the health of a server is, and why. */
export function viewOf({ state, nodes }: Health): { view: HealthView; why: string } {
  if (state === 'healthy') {
    const reached = nodes.filter((node) => node.state === 'healthy');
    return { view: 'healthy', why: `${reached.map(({ nodeName }) => nodeName).join(', ')} can reach it` };
  }
  const failed = nodes.filter((node) => node.state === 'unhealthy');
  if (failed.length === 0) {
    return {
      view: 'not checked yet',
      why: nodes.length === 0 ? 'No relay has checked it yet' : 'The first check has not finished',
    };
  }
  return {
    view: 'unhealthy',
    why: failed.map(({ nodeName, lastError }) => `${nodeName}: ${lastError ?? 'not reached'}`).join('; '),
  };
}

const ICONS = {
  healthy: { icon: CircleCheck, color: 'var(--mantine-color-green-text)' },
  unhealthy: { icon: CircleX, color: 'var(--mantine-color-red-text)' },
  'not checked yet': { icon: CircleDashed, color: 'var(--mantine-color-dimmed)' },
} as const;

/** The health icon: green when a node reaches the server, red when none does, grey until the first check. */
export function HealthIcon({ health, withText = false }: { readonly health: Health; readonly withText?: boolean }) {
  const { view, why: reason } = viewOf(health);
  const changes = health.flapping?.length;
  const why = changes === undefined ? reason : `Flapping: ${changes} changes within ten minutes. ${reason}`;
  const { icon: Icon, color } = ICONS[view];
  return (
    <span className="health" style={{ color }} tabIndex={0} role="img" aria-label={`${view}: ${why}`} data-tip={why}>
      <Icon size={18} aria-hidden />
      {withText && <span aria-hidden>{changes === undefined ? view : `${view}, flapping`}</span>}
    </span>
  );
}
