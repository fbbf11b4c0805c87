import {
  Activity,
  ArrowRightLeft,
  Boxes,
  KeyRound,
  Gauge,
  type LucideIcon,
  Network,
  Plug,
  Radio,
  Server,
  Settings,
  Users,
  Waypoints,
} from 'lucide-react';
import type { ApiRole } from '../login/account.js';

/** A page that the navigation leads to. */
export interface Destination {
  readonly to: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** Who is offered it. The API decides what may be read; this spares people pages that it would refuse. */
  readonly for: readonly ApiRole[];
  /** The letter that leads there after `g`. */
  readonly key: string;
}

const EVERYONE: readonly ApiRole[] = ['administrator', 'auditor', 'user'];
const READERS: readonly ApiRole[] = ['administrator', 'auditor'];

/** The navigation, in its order and groups. */
export const NAVIGATION: readonly { readonly title?: string; readonly pages: readonly Destination[] }[] = [
  {
    pages: [
      { to: '/overview', title: 'Overview', icon: Gauge, for: READERS, key: 'o' },
      { to: '/my-access', title: 'My access', icon: Plug, for: EVERYONE, key: 'm' },
    ],
  },
  {
    title: 'Resources',
    pages: [
      { to: '/servers', title: 'Servers', icon: Server, for: READERS, key: 's' },
      { to: '/queries', title: 'Queries', icon: ArrowRightLeft, for: EVERYONE, key: 'q' },
    ],
  },
  {
    title: 'Network',
    pages: [
      { to: '/nodes', title: 'Nodes', icon: Waypoints, for: READERS, key: 'n' },
      { to: '/clusters', title: 'Proxy clusters', icon: Boxes, for: READERS, key: 'c' },
    ],
  },
  {
    title: 'Access',
    pages: [
      { to: '/users', title: 'Users', icon: Users, for: READERS, key: 'u' },
      { to: '/roles', title: 'Roles', icon: KeyRound, for: READERS, key: 'r' },
    ],
  },
  {
    title: 'Organization',
    pages: [
      { to: '/settings', title: 'Settings', icon: Settings, for: READERS, key: 't' },
      { to: '/port-overrides', title: 'Port Overrides', icon: Network, for: READERS, key: 'p' },
      { to: '/siem-readers', title: 'SIEM readers', icon: Radio, for: READERS, key: 'i' },
      { to: '/activity', title: 'Activity', icon: Activity, for: READERS, key: 'a' },
    ],
  },
];
