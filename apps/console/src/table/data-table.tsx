import { Checkbox, Group, Table, UnstyledButton } from '@mantine/core';
import {
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  type ColumnDef,
  type Row as TableRow,
  type RowData,
  type SortingState,
  useTable,
} from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import { type Dispatch, type SetStateAction, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { WideTable } from '../layout/wide-table.js';
import { BodyRow, type CellsOf, placeOf } from './body-row.js';

/** One column of a table. */
export interface Column<Row> extends CellsOf<Row> {
  /** What rows are sorted by when the heading is chosen; without it the column cannot be sorted. */
  readonly sortBy?: (row: Row) => string | number;
}

/** Rows that are ticked, if the table allows it. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly onChange: Dispatch<SetStateAction<ReadonlySet<string>>>;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns: {} });
type Features = typeof features;

/** The height of a row of one line. Others are measured. */
const ROW_HEIGHT = 46;
/** Rows that are rendered beyond what is visible, so that scrolling shows no gaps. */
const OVERSCAN = 6;

/** A table of any length: only the rows that are visible are in the document. */
export function DataTable<Row extends RowData>({
  label,
  columns,
  rows,
  only,
  rowId,
  selection,
  selectionLabel,
  initialSort,
  folded = false,
}: {
  /** Names the table for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: Row[];
  /** Those of the rows that are shown; without it, all. The rows keep their order, so that a search need not sort them again. */
  readonly only?: ReadonlySet<Row>;
  readonly rowId: (row: Row) => string;
  readonly selection?: Selection;
  /** Names a row's tick box. */
  readonly selectionLabel?: (row: Row) => string;
  readonly initialSort?: { readonly id: string; readonly desc?: boolean };
  /** Whether what narrow screens have no column for stands under the first cell there: of rows that have no page of their own. */
  readonly folded?: boolean;
}) {
  const [sorting, setSorting] = useState<SortingState>(
    initialSort ? [{ id: initialSort.id, desc: initialSort.desc ?? false }] : [],
  );
  const definitions = useMemo(
    () =>
      columns.map(({ id, sortBy }): ColumnDef<Features, Row> => ({
        id,
        accessorFn: (row) => sortBy?.(row),
        enableSorting: sortBy !== undefined,
        sortFn: (a, b) => compare(a.getValue(id), b.getValue(id)),
      })),
    [columns],
  );
  const table = useTable<Features, Row>({
    features,
    columns: definitions,
    data: rows,
    getRowId: rowId,
    state: { sorting },
    onSortingChange: setSorting,
  });
  const sorted = table.getRowModel().rows;
  const shown = useMemo(
    () => (only === undefined ? sorted : sorted.filter(({ original }) => only.has(original))),
    [sorted, only],
  );
  return (
    <WideTable label={label}>
      <Table className="data-table" verticalSpacing="xs" aria-label={label} aria-rowcount={shown.length + 1}>
        <Table.Thead>
          <Table.Tr>
            {selection && (
              <Table.Th w={36}>
                <TickAll rows={shown} selection={selection} />
              </Table.Th>
            )}
            {columns.map((column) => (
              <Heading
                key={column.id}
                column={column}
                sorted={sorting.find(({ id }) => id === column.id)}
                onSort={() => table.getColumn(column.id)?.toggleSorting()}
              />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Body rows={shown} columns={columns} folded={folded} selection={selection} selectionLabel={selectionLabel} />
      </Table>
    </WideTable>
  );
}

interface Rows<Row extends RowData> {
  readonly rows: readonly TableRow<Features, Row>[];
  readonly selection: Selection | undefined;
}

/** Ticks all rows that are shown, or none of them. */
function TickAll<Row extends RowData>({ rows, selection }: Rows<Row> & { readonly selection: Selection }) {
  const { ids, onChange } = selection;
  const ticked = ids.size === 0 ? 0 : rows.filter(({ id }) => ids.has(id)).length;
  const isAll = ticked > 0 && ticked === rows.length;
  const tick = () => onChange((before) => (isAll ? without(before, rows) : new Set([...before, ...rows.map(({ id }) => id)])));
  return (
    <Checkbox
      size="xs"
      aria-label="Select all rows that are shown"
      checked={isAll}
      indeterminate={ticked > 0 && !isAll}
      onChange={tick}
    />
  );
}

/** The rows that are visible, and some beyond. Scrolling renders this anew, and nothing around it. */
function Body<Row extends RowData>({
  rows,
  columns,
  folded,
  selection,
  selectionLabel,
}: Rows<Row> & {
  readonly columns: readonly Column<Row>[];
  readonly folded: boolean;
  readonly selectionLabel: ((row: Row) => string) | undefined;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(body.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollMargin: top,
  });
  const onSelection = selection?.onChange;
  const toggle = useCallback((id: string) => onSelection?.((ids) => toggled(ids, id)), [onSelection]);
  const shown = virtual.getVirtualItems();
  const above = (shown[0]?.start ?? top) - top;
  const below = virtual.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  const span = columns.length + (selection ? 1 : 0);
  return (
    <tbody ref={body}>
      {above > 0 && <Spacer height={above} span={span} />}
      {shown.map(({ index }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <BodyRow
            key={row.id}
            id={row.id}
            row={row.original}
            index={index}
            columns={columns}
            folded={folded}
            measure={virtual.measureElement}
            {...(selection && {
              selected: selection.ids.has(row.id),
              selectionName: selectionLabel?.(row.original) ?? row.id,
              onToggle: toggle,
            })}
          />
        );
      })}
      {below > 0 && <Spacer height={below} span={span} />}
    </tbody>
  );
}

function Heading<Row>({
  column,
  sorted,
  onSort,
}: {
  readonly column: Column<Row>;
  readonly sorted: { readonly desc: boolean } | undefined;
  readonly onSort: () => void;
}) {
  const order = sorted === undefined ? 'none' : sorted.desc ? 'descending' : 'ascending';
  const Icon = sorted === undefined ? ChevronsUpDown : sorted.desc ? ArrowDown : ArrowUp;
  return (
    <Table.Th className={placeOf(column)} ta={column.align} aria-sort={column.sortBy ? order : undefined}>
      {column.sortBy ? (
        <UnstyledButton onClick={onSort} fz="inherit" fw="inherit">
          <Group gap={4} wrap="nowrap">
            {column.title}
            <Icon size={13} aria-hidden className="sort-icon" />
          </Group>
        </UnstyledButton>
      ) : (
        column.title
      )}
    </Table.Th>
  );
}

/** Stands for rows that are not rendered. */
const Spacer = ({ height, span }: { readonly height: number; readonly span: number }) => (
  <tr aria-hidden>
    <td colSpan={span} style={{ height, padding: 0 }} />
  </tr>
);

function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

function without(ids: ReadonlySet<string>, rows: readonly { readonly id: string }[]): ReadonlySet<string> {
  const next = new Set(ids);
  for (const { id } of rows) next.delete(id);
  return next;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compare(a: unknown, b: unknown): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}
