import { expect, it } from 'vitest';
import { refusedBy } from './refused.js';

it.each([
  ['port_invalid', 422],
  ['tag_duplicate', 422],
  ['proxy_cluster_unknown', 404],
  ['name_taken', 409],
  ['bind_address_none_left', 409],
  ['last_administrator', 409],
  ['role_full', 409],
  ['cluster_is_default', 409],
  ['virtual_network_not_enabled', 409],
  ['account_suspended', 409],
])('answers %s with %i', (code, status) => expect(refusedBy({ code, message: 'no' }).problem.status).toBe(status));
