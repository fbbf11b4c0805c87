import { TestUser } from '@sluice/testing';
import { afterAll } from 'vitest';

// Runs at the end of each file, after its own hooks: an agent is a process of its own, which would outlive a test that failed, or a
// `beforeAll` that did not complete.
afterAll(() => TestUser.leaveAll());
