import type { Operation } from '../operation.js';
import { listActivities } from './activities.js';
import {
  addCluster,
  createClusterKey,
  deleteCluster,
  listClusterKeys,
  listClusters,
  revokeClusterKey,
  showCluster,
  updateCluster,
} from './clusters.js';
import { certify, endOwnLogin, endUserLogin, listOwnLogins, listUserLogins, logIn, logOut, showMe } from './logins.js';
import { createNodeToken, deleteNode, enrolNode, listNodes, renewNode, showNode } from './nodes.js';
import { changePassword, resetPassword, setPassword } from './passwords.js';
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
import { addServer, checkServer, deleteServer, listServers, showServer, updateServer } from './servers.js';
import { endSession, listSessions, reportAttempt, showSession } from './sessions.js';
import { showSettings, updateSettings } from './settings.js';
import { addUser, deleteUser, listUsers, resumeUser, showUser, suspendUser, updateUser } from './users.js';

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
  showNode,
  createNodeToken,
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
  listRoles,
  addRole,
  showRole,
  updateRole,
  deleteRole,
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
