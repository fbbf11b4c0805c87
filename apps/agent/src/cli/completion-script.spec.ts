import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { AgentConfig } from '../config.js';
import { makeProgram } from './program.js';
import { completionScript, SHELLS } from './completion-script.js';

const program = makeProgram(new AgentConfig({ SLUICE_CONFIG_HOME: '/tmp/none' }), '1.2.3');

/** What bash itself offers after the given words. */
function offered(...words: string[]): string[] {
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=(sluice "$@"); COMP_CWORD=$#; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

it('makes bash complete commands, options and choices in their places', () => {
  expect(offered('adm')).toEqual(['admin']);
  expect(offered('admin', 'roles', '')).toEqual(expect.arrayContaining(['list', 'rename', 'delete']));
  expect(offered('admin', 'roles', 're')).toEqual(['rename', 'revoke']);
  expect(offered('admin', 'servers', 'delete', 'my db', '--y')).toEqual(['--yes']);
  expect(offered('completion', 'z')).toEqual(['zsh']);
  expect(offered('status', '--nothing')).toEqual(['']);
});

it.each(SHELLS)('names every command in the script for %s', (shell) => {
  const script = completionScript(program, shell);
  for (const place of ['admin users reset-password', 'audit quarantine retry', 'doctor']) expect(script).toContain(place);
});
