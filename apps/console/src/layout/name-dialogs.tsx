import { Button, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { FormDialog } from './form-dialog.js';

/** A dialog that asks for the name of something new. */
export function AddNamed({
  what,
  opened,
  onClose,
  onAdd,
}: {
  /** What is added: `role`. */
  readonly what: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Adds it. A rejection is shown. */
  readonly onAdd: (name: string) => Promise<unknown>;
}) {
  const [name, setName] = useState('');
  const add = async () => {
    await onAdd(name);
    setName('');
  };
  return (
    <FormDialog opened={opened} onClose={onClose} title={`Add ${what}`} submit={`Add ${what}`} onSubmit={add}>
      <NameField value={name} onChange={setName} />
    </FormDialog>
  );
}

/** A button that opens a dialog in which something gets another name. */
export function RenameButton({
  name,
  size = 'sm',
  onRename,
}: {
  readonly name: string;
  /** `compact-xs` in a table, without an icon. */
  readonly size?: 'sm' | 'compact-xs';
  readonly onRename: (name: string) => Promise<unknown>;
}) {
  const [opened, { open, close }] = useDisclosure();
  const [typed, setTyped] = useState(name);
  const begin = () => {
    setTyped(name);
    open();
  };
  return (
    <>
      <Button variant="default" size={size} leftSection={size === 'sm' && <Pencil size={16} />} onClick={begin}>
        Rename
      </Button>
      <FormDialog opened={opened} onClose={close} title={`Rename ${name}`} submit="Rename" onSubmit={() => onRename(typed)}>
        <NameField value={typed} onChange={setTyped} />
      </FormDialog>
    </>
  );
}

const NameField = ({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) => (
  <TextInput label="Name" required data-autofocus value={value} onChange={(event) => onChange(event.currentTarget.value)} />
);
