import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { diagnose, type Finding } from '../doctor/diagnose.js';
import { addCommand, run } from '../command/command.js';
import type { OutputOptions } from '../terminal/output.js';
import { showMoment } from '../terminal/show.js';

/** Adds `sluice doctor`. */
export function addDoctorCommand(program: Command, config: AgentConfig, version: string): void {
  addCommand(program, 'doctor', {
    summary: 'check what keeps this machine from working with Sluice, and what to do about it; exit status 1 if a check fails',
    example: 'doctor',
    more: 'It checks versions, the login and its certificate, DNS, the gateway, the clock, what the system reports about itself, the tunnel ports, and whether local ports are free.',
  }).action((options: OutputOptions) =>
    run(options, async ({ out, now }) => {
      const findings: Finding[] = [];
      for await (const finding of diagnose(config, version, { now, moment: showMoment })) findings.push(finding);
      out.list(findings, {
        head: ['CHECK', 'STATUS', 'FOUND', 'WHAT TO DO'],
        row: (f) => [f.check, f.state, f.found, f.advice],
        empty: '',
        csv: ['check', 'state', 'found', 'advice'],
      });
      const bad = findings.filter(({ state }) => state === 'bad').length;
      if (bad > 0) process.exitCode = 1;
      out.line(bad > 0 ? `\n${bad} of ${findings.length} checks found something wrong.` : '\nNothing is wrong.');
    }),
  );
}
