import '@sluice/process/tune';
import { Command, CommanderError } from 'commander';
import { addClusterCommands, addClusterKeyCommands } from './cli/admin-clusters.js';
import { addNodeCommands, addRoleCommands, addUserCommands } from './cli/admin-people.js';
import { addPortOverrideCommands } from './cli/admin-port-overrides.js';
import { addServerCommands } from './cli/admin-servers.js';
import { addSettingCommands } from './cli/admin-settings.js';
import { addAdminLoginCommands, addLoginCommands } from './cli/login-commands.js';
import { allowReaderToLeave, fail } from './cli/output.js';
import { addOwnCommands } from './cli/own-commands.js';
import { addAuditCommands, addSessionCommands } from './cli/sessions.js';
import { AgentConfig } from './config.js';
import { VERSION } from './program.js';

// The `sluice` command: for oneself `sluice VERB`, for administrators `sluice admin NOUN VERB`, for auditors `sluice audit VERB`.
// Exit status: 0 done, 1 failed, 2 used wrongly, 3 committed while some relay does not have it yet.

const run = async (json: boolean, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    fail(error, json);
  }
};

allowReaderToLeave(process.stdout);
allowReaderToLeave(process.stderr);

try {
  const config = new AgentConfig(process.env);
  const program = new Command('sluice')
    .description('reach TCP services through Sluice')
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(see --help)');
  addOwnCommands(program, config, run);
  addLoginCommands(program, config, run);
  const admin = program.command('admin').description('for administrators');
  addServerCommands(admin, config, run);
  addPortOverrideCommands(admin, config, run);
  addClusterCommands(admin, config, run);
  addClusterKeyCommands(admin, config, run);
  addNodeCommands(admin, config, run);
  addUserCommands(admin, config, run);
  addAdminLoginCommands(admin, config, run);
  addRoleCommands(admin, config, run);
  addSessionCommands(admin, config, run);
  addSettingCommands(admin, config, run);
  addAuditCommands(program, config, run);
  await program.parseAsync();
} catch (error) {
  // commander has said what is wrong already; asking for help is not wrong
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else fail(error, false);
}
