import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { messageOf } from '../api/problem.js';

/**
 * A button for what cannot be taken back. It opens a dialog that says what will end, and does it only when that is confirmed;
 * a failure is shown in the dialog, which stays open.
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
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const close = () => {
    setOpened(false);
    setFailure(undefined);
  };
  const run = async () => {
    setBusy(true);
    try {
      await onConfirm();
      close();
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button color="red" variant={variant} size={size} leftSection={icon} onClick={() => setOpened(true)}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
        <Stack>
          <Text size="sm" component="div">
            {children}
          </Text>
          {failure !== undefined && (
            <Text size="sm" c="red" role="alert">
              {failure}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button color="red" loading={busy} onClick={() => void run()}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
