import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { messageOf } from '../api/problem.js';

/** The state of a dialog that does one thing. */
export interface Submission {
  readonly busy: boolean;
  /** Says why the last attempt failed; empty otherwise. */
  readonly problem: ReactNode;
  /** Tries it. The dialog closes on success, and stays open with the reason after a failure. */
  readonly run: () => void;
  readonly close: () => void;
}

/**
 * Runs the action of a dialog: `onClose` is called when it has succeeded, or when the dialog is closed without it.
 * @param opened whether the dialog is open: one that was closed and still fades does nothing
 */
export function useSubmission(opened: boolean, action: () => Promise<unknown>, onClose: () => void): Submission {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const close = () => {
    setFailure(undefined);
    onClose();
  };
  const submit = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await action();
      close();
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const problem = failure !== undefined && (
    <Text size="sm" c="red" role="alert">
      {failure}
    </Text>
  );
  return { busy, problem, run: () => void (opened && submit()), close };
}
