import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSubmission } from './use-submission.js';

/** A dialog with a form. It closes when the input was accepted, and shows the reason if it was not. */
export function FormDialog({
  opened,
  onClose,
  title,
  submit,
  onSubmit,
  children,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** The button: a verb, such as `Add user`. */
  readonly submit: string;
  /** Sends the input. If it rejects, the reason is shown. */
  readonly onSubmit: () => Promise<unknown>;
  readonly children: ReactNode;
}) {
  const { busy, problem, run, close } = useSubmission(opened, onSubmit, onClose);
  return (
    <Modal opened={opened} onClose={close} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Stack>
          {children}
          {problem}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
