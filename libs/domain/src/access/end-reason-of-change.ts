import type { SessionEnd } from '../session/end-reason.js';
import type { AccessDenial } from './decide-access.js';

/** Why a live session ends when the decision that allowed it no longer holds. */
export const endReasonOfChange = (denial: AccessDenial): SessionEnd => (denial === 'no grant' ? 'grant ended' : denial);
