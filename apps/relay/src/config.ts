import { type AddressBlock, type EgressRules, parseBlock } from '@sluice/domain';
import { configuration, hostPort, milliseconds, operationsAddress } from '@sluice/process';
import { z } from 'zod';

const addressBlocks = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .refine(
    (parts) => parts.every((part) => parseBlock(part) !== undefined),
    'is a list of addresses or blocks such as 10.0.0.0/8,fd00::/8',
  )
  .transform((parts) => parts.map((part) => parseBlock(part) as AddressBlock))
  .default([]);

const EVERY_ADDRESS = ['0.0.0.0', '::'];

const mebibytes = (count: number): number => count * 1024 * 1024;

const settings = {
  operations: ['SLUICE_OPERATIONS_ADDRESS', operationsAddress],
  /** Folder of the relay's identity and journal. */
  home: ['SLUICE_RELAY_HOME', z.string()],
  enrolmentToken: ['SLUICE_ENROLMENT_TOKEN', z.string().optional()],
  /** A file that holds the token. It may be written after the relay has started. */
  enrolmentTokenFile: ['SLUICE_ENROLMENT_TOKEN_FILE', z.string().optional()],
  /** Name of this relay if it enrols with the key of a cluster. With a token, it must be the token's. */
  name: ['SLUICE_RELAY_NAME', z.string().max(60).optional()],
  /** URL of the API, if it differs from the one in the enrolment token. */
  gatewayUrl: ['SLUICE_GATEWAY_URL', z.url().optional()],
  /** Whether the journal's folder survives the loss of the machine or container (`persistent`) or not (`ephemeral`). */
  journal: ['SLUICE_JOURNAL', z.enum(['persistent', 'ephemeral']).default('ephemeral')],
  journalLimitBytes: ['SLUICE_JOURNAL_LIMIT_MIB', z.coerce.number().int().min(1).max(65_536).default(256).transform(mebibytes)],
  egressAllow: ['SLUICE_EGRESS_ALLOW', addressBlocks],
  egressDeny: ['SLUICE_EGRESS_DENY', addressBlocks],
  drainMs: ['SLUICE_DRAIN_SECONDS', z.coerce.number().min(0).max(86_400).default(30).transform(milliseconds)],
  maxSessions: ['SLUICE_MAX_SESSIONS', z.coerce.number().int().min(1).default(10_000)],
  /** Maximum number of links at the same time, idle or not. */
  maxLinks: ['SLUICE_MAX_LINKS', z.coerce.number().int().min(1).default(20_000)],
  /** Age of the policy from which new sessions are refused. */
  staleNewMs: ['SLUICE_POLICY_STALE_NEW_SECONDS', z.coerce.number().min(1).max(86_400).default(300).transform(milliseconds)],
  /** Age of the policy from which live sessions are ended. */
  staleLiveMs: ['SLUICE_POLICY_STALE_LIVE_SECONDS', z.coerce.number().min(1).max(86_400).default(900).transform(milliseconds)],
  /** Address at which this relay listens for agents; undefined when it only dials out. */
  tunnel: ['SLUICE_TUNNEL_ADDRESS', hostPort.optional()],
  /** Address that agents dial, if it differs from the address listened on. */
  advertised: ['SLUICE_TUNNEL_ADVERTISED', z.string().max(300).optional()],
} as const;

/** What the operator configures through the environment, as opposed to the settings that the registry publishes. */
export class RelayConfig extends configuration(settings, [
  {
    variable: 'SLUICE_TUNNEL_ADVERTISED',
    message: 'is not set; agents cannot dial a wildcard address, so set the address at which they reach this relay',
    holds: ({ tunnel, advertised }) => !tunnel || !EVERY_ADDRESS.includes(tunnel.host) || advertised !== undefined,
  },
  {
    variable: 'SLUICE_POLICY_STALE_LIVE_SECONDS',
    message:
      'is less than SLUICE_POLICY_STALE_NEW_SECONDS: a policy that is too old for live sessions must also be too old for new ones',
    holds: ({ staleNewMs, staleLiveMs }) => staleLiveMs >= staleNewMs,
  },
]) {
  readonly egress: EgressRules = { allow: this.egressAllow, deny: this.egressDeny };
}
