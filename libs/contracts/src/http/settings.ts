import { z } from 'zod';
import { ADMINISTRATORS, operation, READERS } from '../operation.js';
import { withReach } from './reach.js';

const none = '0: none';
/** Shape of the settings for which a resource may have its own values. The domain checks the values. */
export const SessionSettingsShape = z.object({
  dialTimeoutSeconds: z.number().meta({ description: 'how long a relay tries to connect to the server, 1-120' }),
  idleTimeoutSeconds: z.number().meta({ description: `ends a session that has carried nothing for this long; ${none}` }),
  maxSessionSeconds: z.number().meta({ description: `maximum length of a session; ${none}` }),
  keepAliveSeconds: z.number().meta({ description: `idle time before TCP keep-alive probes; ${none}` }),
  noDelay: z.boolean().meta({ description: 'TCP_NODELAY at both ends of a session' }),
  sessionsPerServer: z.number().meta({ description: `maximum number of sessions to one server at one relay; ${none}` }),
});
/** Shape of the settings of checks, for which a resource may have its own values too. The domain checks the values. */
export const CheckSettingsShape = z.object({
  checkIntervalSeconds: z
    .number()
    .meta({ description: 'a healthy server that no session has reached for this long is checked, 5-86400' }),
  checkBudgetSeconds: z.number().meta({
    description: 'all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600',
  }),
});
/** Shape of the settings that relays and gateways apply. */
export const OrganizationSettingsShape = SessionSettingsShape.extend({
  sessionsPerAccount: z.number().meta({ description: `maximum number of sessions of one account at one relay; ${none}` }),
  linksPerAccount: z
    .number()
    .meta({ description: `maximum number of links of one account at one gateway or listening relay; ${none}` }),
  sessionsPerAddress: z
    .number()
    .meta({ description: `maximum number of sessions from one source address at one relay; ${none}` }),
  linksPerAddress: z
    .number()
    .meta({ description: `maximum number of links from one source address at one gateway or listening relay; ${none}` }),
  preamblesPerAddress: z
    .number()
    .meta({ description: `maximum number of connections a second from one source address at one tunnel port; ${none}` }),
});

/** Shape of the settings that clients' machines see. The domain checks the values. */
const NetworkSettingsShape = z.object({
  loopbackRange: z.string().max(200).meta({ description: 'an address of 127.0.0.0/8, or a block of it ("multi-loopback")' }),
  virtualNetworking: z.boolean().meta({ description: 'whether servers may be in virtual network mode' }),
  virtualSubnet: z.string().max(200).meta({ description: 'address block for servers in virtual network mode' }),
  dnsZones: z.array(z.string().max(1000)).max(1000).meta({ description: 'zones in which such servers may have DNS names' }),
});

/** Shape of the settings of retention. The domain checks the values. */
const RetentionSettingsShape = z.object({
  sessionRetentionDays: z.number().meta({
    description:
      'how many days records of sessions and attempts are kept, with their facts and all others of relays; 0: forever. A shorter time takes effect a day later',
  }),
  activityRetentionDays: z.number().meta({
    description:
      'how many days activities are kept, with all facts of the registry; 0: forever. A shorter time takes effect a day later',
  }),
  factRetentionDays: z.number().meta({
    description:
      'how many days other facts are kept: of health, integrity and services; 0: forever. A shorter time takes effect a day later',
  }),
});

/** Shape of all settings. */
const SettingsShape = OrganizationSettingsShape.extend({
  ...CheckSettingsShape.shape,
  ...NetworkSettingsShape.shape,
  ...RetentionSettingsShape.shape,
});

/** The organization's settings. */
export const Settings = SettingsShape.extend({ version: z.int() }).meta({ id: 'Settings' });
/** The organization's settings. */
export type Settings = z.infer<typeof Settings>;

export const showSettings = operation({
  id: 'settings.show',
  owner: 'registry',
  callers: READERS,
  summary: "Show the organization's settings",
  method: 'GET',
  path: '/settings',
  input: z.strictObject({}),
  output: Settings,
});

export const updateSettings = operation({
  id: 'settings.update',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary:
    "Change the organization's settings; absent settings are kept. Running sessions follow. Refused if an existing server would violate the new settings.",
  method: 'PATCH',
  path: '/settings',
  input: SettingsShape.partial()
    .extend({ version: z.int().min(1) })
    .strict(),
  output: withReach(Settings, 'ChangedSettings'),
  awaitsRelays: true,
});
