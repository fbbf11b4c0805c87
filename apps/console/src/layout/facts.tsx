import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** Properties and their values, one below the other. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Table className="facts" withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} layout="auto">
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={400} c="dimmed" w={158} pr={8} style={{ verticalAlign: 'top' }}>
              {name}
            </Table.Th>
            <Table.Td className="breakable" style={{ verticalAlign: 'top' }}>
              {value}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
