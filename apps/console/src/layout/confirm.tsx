import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useSubmission } from './use-submission.js';

/**
 * A button for an action that cannot be undone. It opens a dialog that says what will end, and acts only when that is
 * confirmed; a failure is shown in the dialog, which stays open.
 */
export function DangerButton({
  label,
  icon,
  title,
  confirm,
  children,
  onConfirm,
  variant = 'light',
  size = 'sm',
}: {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly title: string;
  /** The button of the dialog; the verb, such as `Delete my-db`. */
  readonly confirm: string;
  readonly children: ReactNode;
  readonly onConfirm: () => Promise<unknown>;
  readonly variant?: 'light' | 'subtle' | 'filled';
  readonly size?: 'xs' | 'sm' | 'compact-xs';
}) {
  const [opened, setOpened] = useState(false);
  const { busy, problem, run, close } = useSubmission(opened, onConfirm, () => setOpened(false));
  return (
    <>
      <Button color="red" variant={variant} size={size} flex="none" leftSection={icon} onClick={() => setOpened(true)}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
        <Stack>
          <Text size="sm" component="div">
            {children}
          </Text>
          {problem}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button color="red" loading={busy} onClick={run}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
