import type { CheckMode } from '../health/server-checks.js';
import type { OwnSettings } from '../settings/session-settings.js';

/** A role in the policy: the resources that it gives access to. */
export interface PolicyRole {
  readonly id: string;
  readonly name: string;
  readonly resources: readonly string[];
}

/** An account in the policy, which contains only active accounts that have a role. */
export interface PolicyAccount {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** A resource in the policy. */
export interface PolicyResource {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Its own values, which replace the organization's. */
  readonly settings: OwnSettings;
  /** Whether a PROXY protocol v2 header with the client's address is sent before the first byte. */
  readonly proxyProtocol: boolean;
  /** Under which names and addresses clients find it; absent from an older registry. */
  readonly clientNames?: readonly string[] | undefined;
  /** How it is checked; absent from an older registry. */
  readonly check?: CheckMode | undefined;
}

/** What a decision is based on: a relay's copy of the policy. */
export interface AccessPolicy {
  account(id: string): PolicyAccount | undefined;
  role(id: string): PolicyRole | undefined;
  resource(id: string): PolicyResource | undefined;
  revoked(kind: 'account' | 'login', id: string): boolean;
}

/** Who requests access to what. The login is the one in the certificate. */
export interface AccessRequest {
  readonly accountId: string;
  readonly loginId: string;
  readonly resourceId: string;
}

/** The reasons for which access is refused. */
export type AccessDenial = 'account suspended' | 'login ended' | 'resource deleted' | 'no grant';

/** Allowed by a rule, or refused for one of the listed reasons. */
export type AccessDecision =
  | { readonly allowed: true; readonly account: PolicyAccount; readonly resource: PolicyResource; readonly rule: string }
  | { readonly allowed: false; readonly reason: AccessDenial; readonly message: string };

const deny = (reason: AccessDenial, message: string): AccessDecision => ({ allowed: false, reason, message });

/** Decides whether an account may reach a resource now. A pure function. */
export function decideAccess(policy: AccessPolicy, request: AccessRequest): AccessDecision {
  if (policy.revoked('account', request.accountId)) return deny('account suspended', 'your account was suspended or deleted');
  if (policy.revoked('login', request.loginId)) return deny('login ended', 'your login has ended: sign in again');
  const resource = policy.resource(request.resourceId);
  if (!resource) return deny('resource deleted', 'there is no such server here');
  const account = policy.account(request.accountId);
  const role = account?.roles.map((id) => policy.role(id)).find((held) => held?.resources.includes(resource.id));
  if (!account || !role) return deny('no grant', `no role of yours reaches ${resource.name}`);
  return { allowed: true, account, resource, rule: `role ${role.name}` };
}
