import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { DroppedEvidence, type DroppedKind } from './dropped-evidence.js';

/** Asks, before settings are saved, whether the evidence may be dropped that a shorter retention drops. */
export function ConfirmRetention({
  dropped,
  opened,
  onConfirm,
  onClose,
}: {
  readonly dropped: readonly DroppedKind[];
  readonly opened: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keep evidence for a shorter time?"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm" component="div">
          <DroppedEvidence dropped={dropped} />
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" onClick={onConfirm}>
            Save and drop
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
