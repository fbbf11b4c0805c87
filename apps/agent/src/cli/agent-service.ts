import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { installService, type ServiceState } from '../service/install-service.js';
import { uninstallService } from '../service/uninstall-service.js';
import { addCommand, run } from '../command/command.js';
import type { OutputOptions } from '../terminal/output.js';

const WHAT_NEXT: Record<ServiceState, string> = {
  written:
    'Start it, now and at each login to this machine: systemctl --user daemon-reload && systemctl --user enable --now sluice-agent',
  beside:
    'Another agent is running, so systemd starts this one at your next login to this machine. To switch now (connections end): sluice agent stop; systemctl --user start sluice-agent',
  waiting: 'Nobody is signed in. Sign in, then start it: sluice login ...; systemctl --user start sluice-agent',
  started: 'It is running, and starts at each login to this machine. Its log: journalctl --user -u sluice-agent',
  kept: 'The agent keeps running with the old unit. To use the new one now (connections end): systemctl --user restart sluice-agent',
};

/** Adds `sluice agent install` and `sluice agent uninstall`. */
export function addAgentServiceCommands(agent: Command, config: AgentConfig): void {
  addCommand(agent, 'install', {
    summary: 'have systemd run the agent for you: writes a user unit, and starts it if systemd answers',
    example: 'agent install',
    more: 'The unit names the Node and the program by their paths: repeat the command when they have moved.',
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const done = await installService(config);
      out.done(done, `Wrote ${done.file}. ${WHAT_NEXT[done.state]}`);
    }),
  );
  addCommand(agent, 'uninstall', {
    summary: 'undo `sluice agent install`; connections of that agent end',
    example: 'agent uninstall',
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const done = await uninstallService(config);
      out.done(done, `Removed ${done.file}.`);
    }),
  );
}
