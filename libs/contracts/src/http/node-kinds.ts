/** Kinds of node. */
export const NODE_KINDS = ['gateway', 'relay'] as const;
