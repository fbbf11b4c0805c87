import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { AgentConfig } from '../config.js';
import { makeProgram } from './program.js';

const program = makeProgram(new AgentConfig({ SLUICE_CONFIG_HOME: '/tmp/none' }), '1.2.3');

const pathOf = (command: Command): string => (command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name());
const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const commands = all(program);

it.each(commands.map((command): [string, Command] => [pathOf(command), command]))('describes %s completely', (_, command) => {
  expect(command.description()).not.toBe('');
  for (const option of command.options) expect([option.flags, option.description]).not.toContain('');
  for (const argument of command.registeredArguments) expect([argument.name(), argument.description]).not.toContain('');
});

it.each(
  commands.filter((command) => command.commands.length === 0).map((command): [string, Command] => [pathOf(command), command]),
)('gives an example of %s that calls it', (name, command) => {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const example = /Example:\n {2}\$ (.*)/.exec(help)?.[1];
  expect(example?.replace(/^source <\((.*)\)$/, '$1')).toMatch(new RegExp(`^${name}( |$)`));
});

it('offers every output format for every command that prints a response', () => {
  const without = commands.filter(
    (command) => command.commands.length === 0 && !command.options.some(({ long }) => long === '--output'),
  );
  expect(without.map(pathOf)).toEqual(['sluice agent run', 'sluice completion']);
});
