import { type Context, createContextKey } from '@opentelemetry/api';

const UNTRUSTED = createContextKey('sluice: the parent is of a peer that nobody has authenticated');

/** Marks a context whose parent may not decide what is sampled. */
export const markUntrusted = (context: Context): Context => context.setValue(UNTRUSTED, true);

/** Whether the parent of a context may not decide what is sampled. */
export const fromUntrusted = (context: Context): boolean => context.getValue(UNTRUSTED) === true;
