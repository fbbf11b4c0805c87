import type { Operation } from '../operation.js';
import { listServerAccess, listUserAccess } from './access.js';
import { listActivities, showActivity } from './activities.js';
import { listChainFacts, listChains } from './chains.js';
import {
  addCluster,
  createClusterKey,
  deleteCluster,
  listClusterKeys,
  listClusters,
  revokeClusterKey,
  showCluster,
  showClusterKey,
  updateCluster,
} from './clusters.js';
import {
  certify,
  endOwnLogin,
  endUserLogin,
  explainAccess,
  listOwnLogins,
  listUserLogins,
  logIn,
  logOut,
  showMe,
} from './logins.js';
import { createNodeToken, deleteNode, enrolNode, listNodes, renewNode, showNode, updateNode } from './nodes.js';
import { changePassword, resetPassword, setPassword } from './passwords.js';
import { countLiveByServer } from './live-sessions.js';
import { showOverview } from './overview.js';
import { listQuarantine, retryQuarantine } from './quarantine.js';
import {
  addRole,
  assignRole,
  deleteRole,
  grantRole,
  listRoles,
  revokeRole,
  showRole,
  unassignRole,
  updateRole,
} from './roles.js';
import { addServer, checkServer, deleteServer, listServers, previewServer, showServer, updateServer } from './servers.js';
import { listSessionFacts } from './session-facts.js';
import { endSession, listSessions, reportAttempt, showSession } from './sessions.js';
import { showSettings, updateSettings } from './settings.js';
import { addUser, deleteUser, listUsers, resumeUser, showUser, suspendUser, updateUser } from './users.js';

/** Everything the API can do, in the order of its document. */
export const OPERATIONS: readonly Operation[] = [
  logIn,
  logOut,
  setPassword,
  showMe,
  explainAccess,
  changePassword,
  listOwnLogins,
  endOwnLogin,
  certify,
  reportAttempt,
  listServers,
  addServer,
  previewServer,
  showServer,
  updateServer,
  deleteServer,
  checkServer,
  listServerAccess,
  listNodes,
  showNode,
  createNodeToken,
  updateNode,
  deleteNode,
  enrolNode,
  renewNode,
  listClusters,
  addCluster,
  showCluster,
  updateCluster,
  deleteCluster,
  listClusterKeys,
  createClusterKey,
  showClusterKey,
  revokeClusterKey,
  listUsers,
  addUser,
  showUser,
  updateUser,
  suspendUser,
  resumeUser,
  deleteUser,
  resetPassword,
  listUserLogins,
  endUserLogin,
  listUserAccess,
  listRoles,
  addRole,
  showRole,
  updateRole,
  deleteRole,
  grantRole,
  revokeRole,
  assignRole,
  unassignRole,
  showOverview,
  countLiveByServer,
  listSessions,
  showSession,
  listSessionFacts,
  endSession,
  listActivities,
  showActivity,
  listChains,
  listChainFacts,
  listQuarantine,
  retryQuarantine,
  showSettings,
  updateSettings,
];
