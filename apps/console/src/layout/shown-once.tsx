import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Command, Copyable } from './copyable.js';

/** A secret that was made and will not be shown again, with what to do with it. */
export interface Secret {
  readonly title: string;
  readonly what: string;
  readonly value: string;
  readonly commands?: readonly { readonly title: string; readonly text: string }[];
  readonly note?: ReactNode;
}

/** Shows a secret once. Only its button closes it, so that a stray click does not lose the secret. */
export function ShownOnce({ secret, onClose }: { readonly secret: Secret | undefined; readonly onClose: () => void }) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={secret?.title}
      size="lg"
      centered
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      {secret && (
        <Stack>
          <Alert color="yellow" variant="light">
            This is shown once. Copy it now.
          </Alert>
          <Copyable value={secret.value} what={secret.what} />
          {secret.note !== undefined && (
            <Text size="sm" component="div">
              {secret.note}
            </Text>
          )}
          {(secret.commands ?? []).map(({ title, text }) => (
            <div key={title}>
              <Text size="sm" mb={4}>
                {title}
              </Text>
              <Command text={text} what={`the command: ${title}`} />
            </div>
          ))}
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              I have copied it
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
