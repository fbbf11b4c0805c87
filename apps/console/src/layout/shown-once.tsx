import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Command, Copyable, FileText } from './copyable.js';
import { saveFile } from './save-file.js';

/** A secret that was made and will not be shown again, with what to do with it. */
export interface Secret {
  readonly title: string;
  readonly what: string;
  readonly value: string;
  /** Files that can be saved instead of copying. */
  readonly files?: readonly { readonly name: string; readonly text: string }[];
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
            This is shown once. {secret.files === undefined ? 'Copy' : 'Save or copy'} it now.
          </Alert>
          {secret.value.includes('\n') ? (
            <FileText text={secret.value} what={secret.what} />
          ) : (
            <Copyable value={secret.value} what={secret.what} />
          )}
          {secret.files !== undefined && (
            <Group gap="xs">
              {secret.files.map(({ name, text }) => (
                <Button
                  key={name}
                  variant="light"
                  leftSection={<Download size={16} />}
                  onClick={() => saveFile(text, name, 'text/plain')}
                >
                  Save {name}
                </Button>
              ))}
            </Group>
          )}
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
              I have {secret.files === undefined ? 'copied' : 'stored'} it
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
