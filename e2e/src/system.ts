import { type SystemHandle, TestSystem } from '@sluice/testing';
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    sluice: SystemHandle;
  }
}

/** The installation that all specs share, as its administrator. */
export const sharedSystem = (): Promise<TestSystem> => TestSystem.use(inject('sluice'));
