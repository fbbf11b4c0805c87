import type { Operation } from '../operation.js';
import { listActivities } from './activities.js';
import { addCluster, createClusterKey, deleteCluster, listClusterKeys, listClusters, revokeClusterKey } from './clusters.js';
import { certify, endOwnLogin, endUserLogin, listOwnLogins, listUserLogins, logIn, logOut, showMe } from './logins.js';
import { createNodeToken, deleteNode, enrolNode, listNodes, renewNode } from './nodes.js';
import { changePassword, resetPassword, setPassword } from './passwords.js';
import { listQuarantine, retryQuarantine } from './quarantine.js';
import { addRole, assignRole, grantRole, listRoles, revokeRole, unassignRole } from './roles.js';
import { addServer, checkServer, deleteServer, listServers, showServer, updateServer } from './servers.js';
import { endSession, listSessions, reportAttempt, showSession } from './sessions.js';
import { showSettings, updateSettings } from './settings.js';
import { addUser, deleteUser, listUsers, resumeUser, suspendUser } from './users.js';

/** Everything the API can do, in the order of its document. */
export const OPERATIONS: readonly Operation[] = [
  logIn,
  logOut,
  setPassword,
  showMe,
  changePassword,
  listOwnLogins,
  endOwnLogin,
  certify,
  reportAttempt,
  listServers,
  addServer,
  showServer,
  updateServer,
  deleteServer,
  checkServer,
  listNodes,
  createNodeToken,
  deleteNode,
  enrolNode,
  renewNode,
  listClusters,
  addCluster,
  deleteCluster,
  listClusterKeys,
  createClusterKey,
  revokeClusterKey,
  listUsers,
  addUser,
  suspendUser,
  resumeUser,
  deleteUser,
  resetPassword,
  listUserLogins,
  endUserLogin,
  listRoles,
  addRole,
  grantRole,
  revokeRole,
  assignRole,
  unassignRole,
  listSessions,
  showSession,
  endSession,
  listActivities,
  listQuarantine,
  retryQuarantine,
  showSettings,
  updateSettings,
];
