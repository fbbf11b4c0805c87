import { Command } from 'commander';
import { type SignedIn, signedIn } from '../command/api.js';
import type { AgentConfig } from '../config.js';
import { colorsOf } from '../terminal/colors.js';
import { readLogin } from '../login/stored-login.js';
import { addActivityCommands } from '../admin/activities.js';
import { addAuthorityCommands } from '../admin/authority.js';
import { addClusterKeyCommands } from '../admin/cluster-keys.js';
import { addClusterCommands } from '../admin/clusters.js';
import { addAdminLoginCommands } from '../admin/logins.js';
import { addNodeCommands } from '../admin/nodes.js';
import { addPortOverrideCommands } from '../admin/port-overrides.js';
import { addRoleCommands } from '../admin/roles.js';
import { addServerCommands } from '../admin/servers.js';
import { addSessionCommands } from '../admin/sessions.js';
import { addSettingCommands } from '../admin/settings.js';
import { addSiemCommands } from '../admin/siem.js';
import { addUserCommands } from '../admin/users.js';
import { addExport } from '../audit/export.js';
import { addQuarantineCommands } from '../audit/quarantine.js';
import { addRetentionCommands } from '../audit/retention.js';
import { addOverview } from '../audit/overview.js';
import { addSessionFacts } from '../audit/facts.js';
import { addAuditStatus } from '../audit/status.js';
import { addSessionSearch } from '../audit/sessions.js';
import { addVerify } from '../audit/verify.js';
import { addAgentCommands } from './agent.js';
import { addCompletionCommand } from './completion.js';
import { addConnectCommands } from './connect.js';
import { addDoctorCommand } from './doctor.js';
import { addLoginCommands } from './login.js';
import { addOwnLoginsCommands } from './logins.js';
import { addLogoutCommand } from './logout.js';
import { addReadyCommand } from './ready.js';
import { addStatusCommand } from './status.js';

const EXIT_STATUS = `Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 committed but not yet applied by every relay.`;

/** The `sluice` command: for oneself `sluice VERB`, for administrators `sluice admin NOUN VERB`, for auditors `sluice audit VERB`. */
export function makeProgram(config: AgentConfig, version: string): Command {
  const api: SignedIn = () => signedIn(config);
  const program = new Command('sluice')
    .description('reach TCP services through Sluice')
    .version(version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, colorsOf(process.stderr).red('sluice:'))) }) // as all other errors begin
    .showHelpAfterError('(see --help)')
    .addHelpText('after', `\n${EXIT_STATUS}`);
  addLoginCommands(program, config);
  addLogoutCommand(program, config);
  addOwnLoginsCommands(program, api);
  addStatusCommand(program, config);
  addConnectCommands(program, config);
  addReadyCommand(program, config.controlSocket);
  addDoctorCommand(program, config, version);
  addAgentCommands(program, config);
  addCompletionCommand(program);
  const admin = program.command('admin').description('administer servers, users, roles and nodes');
  addServerCommands(admin, api);
  addPortOverrideCommands(admin, api);
  addClusterCommands(admin, api);
  addClusterKeyCommands(admin, api);
  addNodeCommands(admin, api);
  addUserCommands(admin, api);
  addAdminLoginCommands(admin, api);
  addRoleCommands(admin, api);
  addSessionCommands(admin, api);
  addActivityCommands(admin, api);
  addAuthorityCommands(admin, api);
  addSettingCommands(admin, api);
  addSiemCommands(admin, api);
  const audit = program.command('audit').description('sessions and facts: search, export, verify');
  addOverview(audit, api);
  addAuditStatus(audit, api);
  addSessionSearch(audit, api);
  addExport(audit, api, () => readLogin(config)?.ca ?? '');
  addVerify(audit);
  addSessionFacts(audit, api);
  addQuarantineCommands(audit, api);
  addRetentionCommands(audit, api);
  return program;
}
