import { expect, it } from 'vitest';
import { emptyForm, hasInput, validateServer } from './server-form.js';

const NETWORK = { loopbackRange: '127.0.0.1', virtualNetworking: false, virtualSubnet: '100.64.0.0/24', dnsZones: [] };

it('knows which fields have an input, so that no problem of another one is lost beside it', () => {
  const form = emptyForm();
  for (const field of ['name', 'hostname', 'port', 'portOverride', 'tags', 'proxyCluster'])
    expect(hasInput(field, form, NETWORK)).toBe(true);
  for (const field of ['bindAddress', 'dns', 'connectivityMode', 'idleTimeoutSeconds', 'version'])
    expect(hasInput(field, form, NETWORK)).toBe(false);
  expect(hasInput('bindAddress', form, { ...NETWORK, loopbackRange: '127.1.0.0/16' })).toBe(true);
  const virtual = { ...form, connectivityMode: 'virtual-network' as const };
  for (const field of ['bindAddress', 'dns', 'connectivityMode'])
    expect(hasInput(field, virtual, { ...NETWORK, virtualNetworking: true })).toBe(true);
});

it('names a setting as the form does', () => {
  const form = { ...emptyForm(), name: 'db', hostname: 'db.example' };
  form.settings = { ...form.settings, idleTimeoutSeconds: '-1' };
  expect(validateServer(form, NETWORK)['settings.idleTimeoutSeconds']).toMatch(/^"Idle timeout, seconds" is a whole number/);
});
