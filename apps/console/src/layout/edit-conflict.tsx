import { Alert, Button, Group, Table } from '@mantine/core';
import { WideTable } from './wide-table.js';

/** The values of a form by the names of its fields, as they are shown. */
type Values = Readonly<Record<string, string>>;

/** Shows what somebody else changed meanwhile beside what is typed here: nothing is overwritten unseen. */
export function EditConflict({
  what,
  before,
  theirs,
  mine,
  onTake,
  onKeep,
}: {
  /** What is edited: `this server`. */
  readonly what: string;
  /** What it was when the form began. */
  readonly before: Values;
  readonly theirs: Values;
  readonly mine: Values;
  readonly onTake: () => void;
  readonly onKeep: () => void;
}) {
  const fields = Object.keys(mine).filter((field) => mine[field] !== before[field] || theirs[field] !== before[field]);
  return (
    <Alert color="yellow" mt="md" title={`Somebody else changed ${what} meanwhile`} role="alert">
      <WideTable label="Differences">
        <Table verticalSpacing={4} aria-label="Differences">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Before</Table.Th>
              <Table.Th>Theirs</Table.Th>
              <Table.Th>Yours</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fields.map((field) => (
              <Table.Tr key={field}>
                <Table.Td>{field}</Table.Td>
                <Table.Td className="breakable">{before[field]}</Table.Td>
                <Table.Td className="breakable" fw={theirs[field] === before[field] ? 400 : 700}>
                  {theirs[field]}
                </Table.Td>
                <Table.Td className="breakable" fw={mine[field] === before[field] ? 400 : 700}>
                  {mine[field]}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
      <Group mt="sm">
        <Button size="xs" variant="default" onClick={onTake}>
          Take theirs
        </Button>
        <Button size="xs" color="yellow" onClick={onKeep}>
          Keep mine, to save over theirs
        </Button>
      </Group>
    </Alert>
  );
}
