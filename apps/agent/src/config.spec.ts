import { homedir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '@sluice/process';
import { expect, it } from 'vitest';
import { AgentConfig } from './config.js';

it.each([
  [{}, 'HOME', path.join(homedir(), '.config', 'sluice')],
  [{ XDG_CONFIG_HOME: '/xdg' }, 'XDG_CONFIG_HOME', '/xdg/sluice'],
  [{ XDG_CONFIG_HOME: '/xdg', SLUICE_CONFIG_HOME: '/own' }, 'SLUICE_CONFIG_HOME', '/own'],
  [{ XDG_CONFIG_HOME: '', SLUICE_CONFIG_HOME: '' }, 'HOME', path.join(homedir(), '.config', 'sluice')],
])('has its folder where %o says', (env, homeFrom, home) => {
  expect(new AgentConfig(env)).toMatchObject({ homeFrom, home, loginFile: path.join(home, 'login.json') });
});

it.each(['SLUICE_CONFIG_HOME', 'XDG_CONFIG_HOME'])(
  'rejects a folder in which a control socket cannot be, from %s',
  (variable) => {
    const config = () => new AgentConfig({ [variable]: `/${'x'.repeat(90)}` });
    expect(config).toThrow(ConfigError);
    expect(config).toThrow('too long for a control socket');
  },
);
